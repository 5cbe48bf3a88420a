// Carries out a `connect`: the use of the invite, the connection and its activity entry come together or not at all.

import { equalBytes, keyedHash } from "../../src/sealing/derive.ts";
import type { Encryption } from "../../src/protocol/envelope.ts";
import { formatPermission } from "../../src/protocol/permission.ts";
import type { ClientPubkey, RemoteSignerPubkey } from "../../src/protocol/keys.ts";
import type { RelayChoice } from "../bunker-rpc.ts";
import { TOO_MANY_REFUSED } from "../../src/signer/authorize.ts";
import { judgeConnect } from "../../src/signer/connect.ts";
import type { Meaning } from "../../src/signer/interpret.ts";
import { isLocked } from "./bunker-row.ts";
import { stateAt, type Connection } from "./connections.ts";
import { isOpen, type Invite } from "./invites.ts";
import { IDLE_EXPIRY_SECONDS, LATE_RESULT_SECONDS, MAX_CONNECTIONS, REFUSED_ATTEMPTS_PER_MINUTE } from "./limits.ts";
import { outdated } from "./relay-set.ts";
import { newId, type BunkerStore } from "./store.ts";
import { attemptsCounter } from "./usage-log.ts";

export type Redeemed =
  | { readonly kind: "answered"; readonly answer: { readonly result: string } | { readonly error: string }; readonly connectionId: string }
  /** The app hears nothing until a member has decided. */
  | { readonly kind: "waiting" }
  /** Nothing was written. */
  | { readonly kind: "stranger"; readonly error: string }
  /** Nothing was written: an app that is refused again and again must not fill the activity. */
  | { readonly kind: "throttled"; readonly error: string; readonly connection: Connection };

type ConnectMeaning = Extract<Meaning, { kind: "connect" }>;

/** Runs inside the caller's transaction. */
export function redeem(
  store: BunkerStore,
  remoteSigner: RemoteSignerPubkey,
  client: ClientPubkey,
  meaning: ConnectMeaning,
  request: { readonly requestId: string; readonly encryption: Encryption },
  relaysNow: (choice: RelayChoice) => readonly string[],
  now: number,
): Redeemed {
  const known = store.connections.byKeys(remoteSigner, client);
  const invite = store.invites.byRemoteSigner(remoteSigner);
  const verdict = judgeConnect({
    locked: isLocked(store.bunker.read()),
    known: known === undefined ? undefined : stateAt(known, now),
    invite: invite && { open: isOpen(invite, now), secretFits: secretFits(store, invite, meaning.inviteSecret), confirm: invite.confirm },
    full: store.connections.count() >= MAX_CONNECTIONS,
  });
  switch (verdict.kind) {
    case "refuse-stranger":
      return { kind: "stranger", error: verdict.error };
    case "refuse-known":
      return refuseKnown(store, known, verdict, now);
    case "again":
      return answered(store, known, { result: "ack" }, "allow", "The app connected again; nothing changed.", now);
    case "still-waiting":
      return waitAgain(store, known, request, now);
    case "admit":
      return invite === undefined
        ? { kind: "stranger", error: "not connected" }
        : admitClient(store, invite, client, meaning, request, verdict.state, relaysNow, now);
  }
}

// Refused connects count with the app's other refused requests, under the same limit.
function refuseKnown(
  store: BunkerStore,
  known: Connection | undefined,
  verdict: { readonly error: string; readonly explanation: string },
  now: number,
): Redeemed {
  if (known === undefined) return { kind: "stranger", error: "not connected" };
  const counter = attemptsCounter(known.id);
  if (store.usage.count(counter, now - 60_000) >= REFUSED_ATTEMPTS_PER_MINUTE) {
    return { kind: "throttled", error: TOO_MANY_REFUSED, connection: known };
  }
  store.usage.charge(counter, now);
  return answered(store, known, { error: verdict.error }, "deny", verdict.explanation, now);
}

/** Constant time, and an absent secret never fits: an invite without a secret does not exist. */
function secretFits(store: BunkerStore, invite: Invite, inviteSecret: string): boolean {
  return inviteSecret !== "" && equalBytes(keyedHash(store.keys.inviteHashKey(), inviteSecret), invite.secretHash);
}

function admitClient(
  store: BunkerStore,
  invite: Invite,
  client: ClientPubkey,
  meaning: ConnectMeaning,
  request: { readonly requestId: string; readonly encryption: Encryption },
  state: "active" | "waiting",
  relaysNow: (choice: RelayChoice) => readonly string[],
  now: number,
): Redeemed {
  const connection: Connection = {
    id: newId(),
    remoteSigner: invite.remoteSigner,
    client,
    inviteId: invite.id,
    name: invite.name,
    policy: invite.policy,
    state,
    nip04: invite.nip04,
    interactive: invite.interactive,
    relays: invite.relays,
    clientRelays: outdated(invite.relayUrls, relaysNow(invite.relays)),
    switchedAt: null,
    // NIP-46: metadata and permissions come from the client; they are shown and MUST NOT be used for authorization.
    metadata: meaning.metadata ?? null,
    requestedPermissions: meaning.permissions.map(formatPermission),
    createdAt: now,
    // Whoever made the link made the connection: a rule may leave decisions on it to others.
    createdBy: invite.createdBy,
    lastUsedAt: now,
    expiresAt: null,
    idleExpiresInSeconds: IDLE_EXPIRY_SECONDS,
    waitingConnect: state === "waiting" ? { ...request, until: now + LATE_RESULT_SECONDS * 1000 } : null,
  };
  store.invites.takeUse(invite);
  store.connections.put(connection);
  const explanation =
    state === "waiting"
      ? `${invite.name} used its connect link; a member must confirm it.`
      : `${invite.name} connected with its connect link. It has signed nothing yet; the policy ${invite.policy} decides what it may do.`;
  store.activity.append(
    {
      actor: "app",
      method: "connect",
      connection: connection.id,
      effect: state === "waiting" ? "ask" : "allow",
      rules: [],
      explanation,
      facts: { invite: invite.id, client, usesLeft: invite.usesLeft - 1 },
    },
    now,
  );
  return state === "waiting" ? { kind: "waiting" } : { kind: "answered", answer: { result: "ack" }, connectionId: connection.id };
}

// Only the newest question is answered when a member decides: an app that asks again has given the older one up.
function waitAgain(
  store: BunkerStore,
  known: Connection | undefined,
  request: { readonly requestId: string; readonly encryption: Encryption },
  now: number,
): Redeemed {
  if (known !== undefined) {
    const until = known.waitingConnect?.until ?? now + LATE_RESULT_SECONDS * 1000;
    store.connections.put({ ...known, waitingConnect: { ...request, until } });
  }
  return { kind: "waiting" };
}

function answered(
  store: BunkerStore,
  known: Connection | undefined,
  answer: { readonly result: string } | { readonly error: string },
  effect: "allow" | "deny",
  explanation: string,
  now: number,
): Redeemed {
  if (known === undefined) return { kind: "stranger", error: "not connected" };
  if (effect === "allow") store.connections.touch(known, now);
  store.activity.append({ actor: "app", method: "connect", connection: known.id, effect, rules: [], explanation, facts: {} }, now);
  return { kind: "answered", answer, connectionId: known.id };
}
