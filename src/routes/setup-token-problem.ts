// What is wrong with the setup token, and what mends it, for whoever looks at a page before anybody can sign in.

import { MIN_SETUP_TOKEN_CHARACTERS } from "../people/setup-token.ts";
import type { SecretProblem } from "./root-secret-gate.ts";

export function setupTokenProblem(setupToken: string | undefined): SecretProblem & { readonly command: string } {
  const what = setupToken === undefined || setupToken === "" ? "is missing" : `is shorter than ${MIN_SETUP_TOKEN_CHARACTERS} characters`;
  return {
    secret: "SETUP_TOKEN",
    message: `SETUP_TOKEN ${what}: without it nobody can use the API or claim this instance`,
    command: "openssl rand -hex 24 | npx wrangler secret put SETUP_TOKEN",
  };
}
