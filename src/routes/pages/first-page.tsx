// `/`: Home for whoever is signed in; for everybody else what this is, what is missing, and how to go on.

import { Hono } from "hono";
import { publicUrl } from "../../env.ts";
import { isUsableSetupToken } from "../../people/setup-token.ts";
import { FirstPage } from "../../views/first-page.tsx";
import { API_PATH } from "../api/contract/index.ts";
import { isSignedIn, readVisit, type PageEnv } from "../authenticate-person.ts";
import { instanceState } from "../instance-state.ts";
import { rootSecretFault, type SecretProblem } from "../root-secret-gate.ts";
import { showHome } from "./home.tsx";
import { setupTokenProblem } from "../setup-token-problem.ts";

export const firstPage = new Hono<PageEnv>().get("/", async (c) => {
  const root = await rootSecretFault(c.env);
  const problems: SecretProblem[] = root === undefined ? [] : [root];
  const visit = root === undefined ? await readVisit(c, await instanceState(c.env)) : undefined;
  if (visit !== undefined && isSignedIn(visit)) {
    c.set("visit", visit);
    c.set("runsScript", true);
    return showHome(c);
  }
  const isClaimed = visit?.instance.claimed === true;
  // Once somebody owns this, the token is an operator's tool like any other, and may be taken away.
  if (!isClaimed && !isUsableSetupToken(c.env.SETUP_TOKEN)) problems.push(setupTokenProblem(c.env.SETUP_TOKEN));
  const url = visit?.publicUrl ?? publicUrl(c.env, null, c.req.url);
  c.header("Cache-Control", "no-store");
  const facts = { host: new URL(url).host, apiUrl: `${url}${API_PATH}`, isClaimed, problems };
  return c.html(<FirstPage {...facts} />, root === undefined ? 200 : 503);
});
