// A practice request: a real mail, a real page and real votes, so that a team has seen all of it before it matters. Nothing is signed: its
// connection is born revoked, so that no gate ever lets anything of it through, and its votes end here instead of at a signature.

import { publicKeyOf, type ClientPubkey, type UnixSeconds } from "../../../src/protocol/keys.ts";
import { askingOf, quorumOf } from "../../../src/policy/asking.ts";
import { ok, refuse, type Result } from "../../../src/result.ts";
import { hexToBytes } from "@noble/hashes/utils.js";
import { schnorr } from "@noble/curves/secp256k1.js";
import type { PracticeView } from "../../console-rpc.ts";
import type { Asker } from "../asker.ts";
import { PRACTICE_ORIGIN, type Connection } from "../connections.ts";
import type { BunkerContext } from "../context.ts";
import type { AskVerdict } from "../judging.ts";
import { newId } from "../store.ts";
import type { Approval } from "./approval-table.ts";
import { askPeople } from "./asking.ts";
import { endApproval } from "./ending.ts";
import { listed } from "./outcome.ts";

const RULE = "practice";
const TEXT = "Practice: nothing will be signed, whatever you decide. Read this, look who is asked, then approve or reject.";
const WHY = "Somebody of your team sends this to practise. Nothing will be signed.";

export async function sendPractice(context: BunkerContext, asker: Asker): Promise<Result<PracticeView>> {
  const { store, roster } = context;
  if (!(await roster.learn(Date.now()))) return refuse("unavailable", "nobody can say now who owns this instance, try again");
  return store.transaction((): Result<PracticeView> => {
    const now = Date.now();
    const connection = store.connections.byOrigin(PRACTICE_ORIGIN) ?? newConnection(context, asker.label, now);
    const asked = askPeople(context, connection, verdictAt(now), { actor: asker.label, waiting: null }, now);
    if (asked.kind === "nobody") return refuse("conflict", "nobody can be asked yet: invite an owner or approver first");
    return ok(readPractice(context));
  });
}

/** How far the team has come. */
export function readPractice({ store, bunkerId }: BunkerContext): PracticeView {
  const connection = store.connections.byOrigin(PRACTICE_ORIGIN);
  if (connection === undefined) return { state: "never", approvalId: null };
  const [pending] = store.approvals.pendingOf(connection.id);
  return { state: pending === undefined ? "over" : "waiting", approvalId: pending === undefined ? null : `${bunkerId}${pending.id}` };
}

/** The votes are there: that was all. */
export function endPractice(context: BunkerContext, approval: Approval, by: readonly string[], now: number): void {
  const explanation = `Practice: approved by ${listed(by)}. Nothing was signed.`;
  const entry = { actor: "countersign", method: "approval.approved", effect: "deny" as const, explanation };
  endApproval(context, approval, { state: "approved", cause: "votes", answer: { error: "practice" }, by, entry }, now);
}

function verdictAt(now: number): AskVerdict {
  const createdAt = Math.floor(now / 1000) as UnixSeconds;
  const asking = [askingOf(RULE, quorumOf(undefined), false)];
  return {
    kind: "ask",
    question: { method: "sign_event", event: { kind: 1, content: TEXT, tags: [], created_at: createdAt } },
    decision: { effect: "ask", rules: [RULE], reason: WHY, clientReason: "practice", charges: [], asking },
  };
}

function newConnection({ store }: BunkerContext, createdBy: string, now: number): Connection {
  const id = newId();
  const connection: Connection = {
    id,
    remoteSigner: store.keys.addRemoteSigner(hexToBytes(id)),
    // Nobody has the other half of it.
    client: publicKeyOf(schnorr.utils.randomSecretKey()) as ClientPubkey,
    inviteId: PRACTICE_ORIGIN,
    name: "Practice",
    policy: "read-only",
    state: "revoked",
    nip04: false,
    interactive: false,
    relays: "embedded",
    clientRelays: [],
    switchedAt: null,
    metadata: null,
    requestedPermissions: [],
    createdAt: now,
    createdBy,
    lastUsedAt: now,
    expiresAt: null,
    idleExpiresInSeconds: 0,
    waitingConnect: null,
  };
  store.connections.put(connection);
  return connection;
}
