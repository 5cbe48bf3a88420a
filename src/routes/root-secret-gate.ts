// Without the right root secret nothing is created, opened or served, and everybody is told which secret is wrong and what mends it.

import { createMiddleware } from "hono/factory";
import type { Env } from "../env.ts";
import { parseRootSecret, ROOT_SECRET_BYTES, type RootSecretProblem } from "../sealing/root-secret.ts";
import type { AppEnv } from "./context.ts";
import { RefusedError } from "./errors.ts";
import { instanceState } from "./instance-state.ts";

export interface SecretProblem {
  readonly secret: "ROOT_SECRET" | "SETUP_TOKEN";
  readonly message: string;
  /** What to type, exactly. */
  readonly command: string;
}

const WORDS: Record<RootSecretProblem, string> = {
  missing: "is missing",
  malformed: "is no base64 of random bytes",
  short: "is too short",
};
const NEW_ROOT_SECRET = `openssl rand -base64 ${ROOT_SECRET_BYTES} | npx wrangler secret put ROOT_SECRET`;

/** What is wrong with the secret as it stands in the environment. Costs no call. */
export function rootSecretProblem(env: Env): SecretProblem | undefined {
  const parsed = parseRootSecret(env.ROOT_SECRET);
  if (parsed.ok) return undefined;
  const message = `ROOT_SECRET ${WORDS[parsed.problem]}: expected base64 of ${ROOT_SECRET_BYTES} random bytes`;
  return { secret: "ROOT_SECRET", message, command: NEW_ROOT_SECRET };
}

/** The same, and whether it is the one that this instance was begun with. */
export async function rootSecretFault(env: Env): Promise<SecretProblem | undefined> {
  const problem = rootSecretProblem(env);
  if (problem !== undefined) return problem;
  const { rootSecret } = await instanceState(env);
  if (rootSecret !== "other") return undefined;
  return {
    secret: "ROOT_SECRET",
    message: "ROOT_SECRET is not the one that this instance was begun with: what is stored opens only with that one",
    command: "npx wrangler secret put ROOT_SECRET",
  };
}

/** Answers 503 while the root secret is missing, malformed or another one. */
export const rootSecretGate = createMiddleware<AppEnv>(async function rootSecretGate(c, next) {
  const problem = await rootSecretFault(c.env);
  if (problem !== undefined) throw new RefusedError("unavailable", `${problem.message}. Put it right with: ${problem.command}`);
  await next();
});
