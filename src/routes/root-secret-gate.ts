// Without the right root secret nothing is created, opened or served, nor while the instance's rows are not as it left them; everybody is
// told what is wrong and what mends it.

import type { InstanceState, TamperedInstance } from "../../durable-objects/instance-rpc.ts";
import type { RootFault } from "../../durable-objects/instance/root-standing.ts";
import type { Env } from "../env.ts";
import { parseRootSecret, ROOT_SECRET_BYTES, type RootSecretProblem } from "../sealing/root-secret.ts";
import { RefusedError } from "./errors.ts";
import { instanceState } from "./instance-state.ts";

export interface SecretProblem {
  readonly secret: "ROOT_SECRET" | "ROOT_SECRET_NEXT" | "SETUP_TOKEN" | "ACCEPT_ROWS";
  readonly message: string;
  /** What to type, exactly; null where nothing that can be typed mends it. */
  readonly command: string | null;
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

// Whoever changed the row chose this text too.
function addressOf(publicUrl: string | null): string {
  if (publicUrl === null) return "no address yet";
  return URL.canParse(publicUrl) ? new URL(publicUrl).origin : "something that is no address";
}

/** The same, and whether it is the one that this instance was begun with. */
export async function rootSecretFault(env: Env): Promise<SecretProblem | undefined> {
  return rootSecretProblem(env) ?? rootMismatch(await instanceState(env));
}

function rootMismatch(state: InstanceState): SecretProblem | undefined {
  if (state.tampered !== null) return tamperedProblem(state.tampered);
  return state.rootSecret === "fits" || state.rootSecret === "unknown" ? undefined : ROOT_FAULTS[state.rootSecret];
}

// Whoever can set a secret of the deployment is above its database, and nobody else is: so that is what it takes to go on.
function tamperedProblem({ table, claimed, locked, publicUrl, fingerprint }: TamperedInstance): SecretProblem {
  const changed = `rows of the instance's table ${table} are not as it left them, so nothing is granted until its operator has looked`;
  if (fingerprint === null) {
    const message = `${changed}. Its own row is gone or does not open, and nothing here works without it: its database must be set back to an earlier time`;
    return { secret: "ACCEPT_ROWS", message, command: null };
  }
  const stands = `${claimed ? "claimed" : "not claimed"}, ${locked ? "locked" : "not locked"}, found at ${addressOf(publicUrl)}`;
  const then = "Accepted, it comes back claimed and locked, without API tokens and nominations";
  const message = `${changed}. What stands there now: ${stands}. ${then}`;
  return { secret: "ACCEPT_ROWS", message, command: `echo ${fingerprint} | npx wrangler secret put ACCEPT_ROWS` };
}

/** Throws 503 while the root secret is missing or malformed; once the instance was asked, also when it is another one. */
export function requireRootSecret(env: Env, state?: InstanceState): void {
  const problem = rootSecretProblem(env) ?? (state && rootMismatch(state));
  if (problem === undefined) return;
  throw new RefusedError("unavailable", problem.message + (problem.command === null ? "" : `. Put it right with: ${problem.command}`));
}
