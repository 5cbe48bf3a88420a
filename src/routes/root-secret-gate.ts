// Without the right root secret nothing is created, opened or served, and everybody is told which secret is wrong and what mends it.

import type { InstanceState } from "../../durable-objects/instance-rpc.ts";
import type { RootFault } from "../../durable-objects/instance/root-standing.ts";
import type { Env } from "../env.ts";
import { parseRootSecret, ROOT_SECRET_BYTES, type RootSecretProblem } from "../sealing/root-secret.ts";
import { RefusedError } from "./errors.ts";
import { instanceState } from "./instance-state.ts";

export interface SecretProblem {
  readonly secret: "ROOT_SECRET" | "ROOT_SECRET_NEXT" | "SETUP_TOKEN";
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

const ROOT_FAULTS: Record<RootFault, SecretProblem> = {
  other: {
    secret: "ROOT_SECRET",
    message: "ROOT_SECRET is not the one that this instance was begun with: what is stored opens only with that one",
    command: "npx wrangler secret put ROOT_SECRET",
  },
  "next-missing": {
    secret: "ROOT_SECRET_NEXT",
    message:
      "ROOT_SECRET_NEXT is missing or malformed: a rotation to it has begun, and what is sealed under it already opens only with that one",
    command: "npx wrangler secret put ROOT_SECRET_NEXT",
  },
  "next-other": {
    secret: "ROOT_SECRET_NEXT",
    message: "ROOT_SECRET_NEXT is not the one that the rotation began with: what is sealed under it already opens only with that one",
    command: "npx wrangler secret put ROOT_SECRET_NEXT",
  },
  "too-early": {
    secret: "ROOT_SECRET",
    message:
      "ROOT_SECRET holds the next root secret, and not everything is sealed under it yet: put the old one back, and this one into ROOT_SECRET_NEXT",
    command: "npx wrangler secret put ROOT_SECRET",
  },
};

/** The same, and whether it is the one that this instance was begun with. */
export async function rootSecretFault(env: Env): Promise<SecretProblem | undefined> {
  return rootSecretProblem(env) ?? rootMismatch(await instanceState(env));
}

function rootMismatch(state: InstanceState): SecretProblem | undefined {
  return state.rootSecret === "fits" || state.rootSecret === "unknown" ? undefined : ROOT_FAULTS[state.rootSecret];
}

/** Throws 503 while the root secret is missing or malformed; once the instance was asked, also when it is another one. */
export function requireRootSecret(env: Env, state?: InstanceState): void {
  const problem = rootSecretProblem(env) ?? (state && rootMismatch(state));
  if (problem !== undefined) throw new RefusedError("unavailable", `${problem.message}. Put it right with: ${problem.command}`);
}
