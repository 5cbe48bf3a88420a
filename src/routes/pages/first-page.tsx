// `/`: what this is, what is missing, how to go on; with a root secret that is right, also who is signed in.

import { Hono } from "hono";
import { publicUrl } from "../../env.ts";
import { isUsableSetupToken } from "../../people/setup-token.ts";
import { FirstPage } from "../../views/first-page.tsx";
import { API_PATH } from "../api/contract/index.ts";
import { isSignedIn, readVisit, type PageEnv } from "../authenticate-person.ts";
import { instanceState } from "../instance-state.ts";
import { rootSecretFault, type SecretProblem } from "../root-secret-gate.ts";
import { setupTokenProblem } from "../setup-token-problem.ts";

export const firstPage = new Hono<PageEnv>().get("/", async (c) => {
  const root = await rootSecretFault(c.env);
  const problems: SecretProblem[] = root === undefined ? [] : [root];
  const visit = root === undefined ? await readVisit(c, await instanceState(c.env)) : undefined;
  const isClaimed = visit?.instance.claimed === true;
  // Once somebody owns this, the token is an operator's tool like any other, and may be taken away.
  if (!isClaimed && !isUsableSetupToken(c.env.SETUP_TOKEN)) problems.push(setupTokenProblem(c.env.SETUP_TOKEN));
  const url = visit?.publicUrl ?? publicUrl(c.env, null, c.req.url);
  const person = visit && isSignedIn(visit) ? { email: visit.person.email, formToken: visit.formToken } : undefined;
  c.header("Cache-Control", "no-store");
  if (person !== undefined) c.set("runsScript", true);
  const facts = { host: new URL(url).host, apiUrl: `${url}${API_PATH}`, isClaimed, person, problems };
  return c.html(<FirstPage {...facts} />, root === undefined ? 200 : 503);
});
