// `/`: what this is, what is missing, how to go on.

import { Hono } from "hono";
import { publicUrl } from "../../env.ts";
import { isUsableSetupToken, MIN_SETUP_TOKEN_CHARACTERS } from "../../people/setup-token.ts";
import { FirstPage } from "../../views/first-page.tsx";
import { API_PATH } from "../api/contract/index.ts";
import type { AppEnv } from "../context.ts";
import { instanceState } from "../instance-state.ts";
import { rootSecretFault, type SecretProblem } from "../root-secret-gate.ts";

export const firstPage = new Hono<AppEnv>().get("/", async (c) => {
  const root = await rootSecretFault(c.env);
  const problems: SecretProblem[] = root === undefined ? [] : [root];
  const pinned = root === undefined ? (await instanceState(c.env)).publicUrl : null;
  if (!isUsableSetupToken(c.env.SETUP_TOKEN)) problems.push(setupTokenProblem(c.env.SETUP_TOKEN));
  const url = publicUrl(c.env, pinned, c.req.url);
  c.header("Cache-Control", "no-store");
  const page = <FirstPage host={new URL(url).host} apiUrl={`${url}${API_PATH}`} problems={problems} />;
  return c.html(page, root === undefined ? 200 : 503);
});

function setupTokenProblem(setupToken: string | undefined): SecretProblem {
  const what = setupToken === undefined || setupToken === "" ? "is missing" : `is shorter than ${MIN_SETUP_TOKEN_CHARACTERS} characters`;
  return {
    secret: "SETUP_TOKEN",
    message: `SETUP_TOKEN ${what}: without it nobody can use the API or claim this instance`,
    command: "openssl rand -hex 24 | npx wrangler secret put SETUP_TOKEN",
  };
}
