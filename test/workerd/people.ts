// Persons for tests of objects, as the Worker would have verified them, and members of a bunker that they are.

import { env } from "cloudflare:workers";
import type { BunkerRpc } from "../../durable-objects/bunker-rpc.ts";
import type { ConsoleRpc } from "../../durable-objects/console-rpc.ts";
import type { NicknamesRpc } from "../../durable-objects/nicknames-rpc.ts";
import type { PublishingRpc } from "../../durable-objects/publishing-rpc.ts";
import type { InsightRpc } from "../../durable-objects/insight-rpc.ts";
import type { PersonPrincipal, Role, Scope, SetupPrincipal, TokenPrincipal } from "../../src/people/principal.ts";
import { OPERATOR, value, type BunkerStub } from "./support.ts";

export const CLAIMED_OPERATOR: SetupPrincipal = { ...OPERATOR, claimed: true };
const STEP_UP_MS = 5 * 60_000;

/** Somebody signed in by passkey, and just now. */
export function person(rest: Partial<PersonPrincipal> = {}): PersonPrincipal {
  return {
    kind: "person",
    accountId: "a0".repeat(32),
    email: "ana@example.org",
    instanceOwner: false,
    instanceLocked: false,
    steppedUpUntil: Date.now() + STEP_UP_MS,
    steppedUpBy: "passkey",
    hasPasskey: true,
    ...rest,
  };
}

export const NOT_STEPPED_UP = { steppedUpUntil: 0, steppedUpBy: null } as const;
export const WITHOUT_PASSKEY = { ...NOT_STEPPED_UP, hasPasskey: false } as const;

export function apiToken(scopes: readonly Scope[], rest: Partial<TokenPrincipal> = {}): TokenPrincipal {
  const policies = ["full-access", "ask-everything", "bot-notes"];
  return {
    kind: "machine",
    credential: "api-token",
    tokenId: "0123456789abcdef",
    name: "a script",
    scopes,
    bunkerId: "all",
    policies,
    claimed: true,
    ...rest,
  };
}

/** The product's one instance, begun as by its first bunker: from then on addresses have accounts. */
export async function beginInstance(): Promise<void> {
  value(await env.INSTANCE.get(env.INSTANCE.idFromName("instance")).beginBunker(OPERATOR, "http://localhost:8787/api/v1/bunkers"));
}

/** Adds somebody while nobody has claimed the instance, and is them. */
export async function joined(stub: BunkerStub, role: Role, email: string, rest: Partial<PersonPrincipal> = {}): Promise<PersonPrincipal> {
  const added = value(await stub.addMember(OPERATOR, { email, role }));
  if (added.done !== "now") throw new Error("expected a member at once");
  const ensured = value(await env.INSTANCE.get(env.INSTANCE.idFromName("instance")).ensureAccount(email as never));
  return person({ accountId: ensured.accountId, email, ...rest });
}

/** The stub with the types of the contract: those of the runtime make `unknown` of whatever holds some. */
export function rpc(stub: BunkerStub): BunkerRpc & ConsoleRpc & InsightRpc & PublishingRpc & NicknamesRpc {
  return stub;
}

export async function memberId(stub: BunkerStub, email: string): Promise<string> {
  const found = value(await stub.listMembers(OPERATOR)).items.find((member) => member.email === email);
  if (found === undefined) throw new Error("expected a member of that address");
  return found.id;
}
