// Connects an app that shows a nostrconnect:// code: under a policy that is there, or under one that was proposed for it.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { parseNostrConnect } from "../../src/protocol/connection-uri.ts";
import { formatPermission } from "../../src/protocol/permission.ts";
import { relayProblem } from "../../src/protocol/relay-url.ts";
import { cleanName } from "../../src/notify/header-text.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { keyedHash } from "../../src/sealing/derive.ts";
import type { ConnectByCode, ConnectionView, PatchedConnection } from "../bunker-rpc.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import type { Asker } from "./asker.ts";
import { isLocked } from "./bunker-row.ts";
import type { BunkerContext } from "./context.ts";
import { type Connection } from "./connections.ts";
import { actView, beginning, FIRST_POLICY, holdAct, isFourEyes, tellOwners } from "./four-eyes.ts";
import { answerLater } from "./late-answers.ts";
import { IDLE_EXPIRY_SECONDS, MAX_CONNECTIONS } from "./limits.ts";
import type { PendingAct } from "./pending-acts.ts";
import { isOwnRelay } from "./relay-set.ts";
import { checkFirst, publish } from "./manage-policies.ts";
import { newId } from "./store.ts";
import { ownersWith } from "./voters.ts";

import { connectionView } from "./connection-view.ts";

/** The same URI again is the same connection. Nothing reaches the client before the connect response. */
export async function connectByCode(context: BunkerContext, asker: Asker, input: ConnectByCode): Promise<Result<PatchedConnection>> {
  const { store } = context;
  const { uri, name, proposal } = input;
  const parsed = parseNostrConnect(uri);
  if (!parsed.ok) return refuse("invalid", `uri: ${parsed.problem}`);
  const { client, relays, connectSecret, permissions, metadata } = parsed.value;
  const foreign = relays.filter((relay) => !isOwnRelay(context, relay));
  for (const relay of foreign) {
    const problem = relayProblem(relay, { allowInsecure: context.allowInsecureRelays });
    if (problem !== undefined) return refuse("invalid", `uri: relay ${relay.slice(0, 200)}: ${problem}`);
  }
  const now = Date.now();
  const origin = `nostrconnect:${bytesToHex(keyedHash(store.keys.inviteHashKey(), `${client}:${connectSecret}`))}`;
  const owners = ownersWith(proposal === undefined && !isFourEyes(context) ? [] : await context.people.instanceOwners(), asker);
  const tellApp: (() => void)[] = [];
  let held: PendingAct | undefined;
  const connected = store.transaction((): Result<ConnectionView> => {
    const known = store.connections.byOrigin(origin);
    if (known !== undefined) return ok(connectionView(context, known, now));
    if (isLocked(store.bunker.read())) return refuse("locked", "this bunker is locked");
    if (store.connections.count() >= MAX_CONNECTIONS) return refuse("conflict", "this bunker has no place for another app");
    const id = newId();
    const begun = beginUnder(context, asker, input, id, owners);
    if (!begun.ok) return begun;
    held = begun.value.held;
    const connection: Connection = {
      id,
      remoteSigner: store.keys.addRemoteSigner(hexToBytes(newId())),
      client,
      inviteId: origin,
      // Never the app's own name: wherever a connection is named, a member speaks.
      name: name ?? `app ${client.slice(0, 8)}`,
      policy: begun.value.policy,
      state: "active",
      nip04: false,
      interactive: false,
      relays: "embedded",
      // The client chose them; switch_relays moves it to the embedded relay.
      clientRelays: foreign,
      switchedAt: null,
      metadata: metadata ?? null,
      requestedPermissions: permissions.map(formatPermission),
      createdAt: now,
      createdBy: asker.label,
      lastUsedAt: now,
      expiresAt: null,
      idleExpiresInSeconds: IDLE_EXPIRY_SECONDS,
      waitingConnect: null,
    };
    store.connections.put(connection);
    const explanation = `${connection.name} was connected by its code, under the policy ${connection.policy}. It has signed nothing yet.`;
    store.activity.append(
      { actor: asker.label, method: "connection.create", connection: id, effect: "allow", rules: [], explanation, facts: {} },
      now,
    );
    // NIP-46: for nostrconnect:// the result is the secret of the URI, and the client MUST check it. Peers use any id.
    tellApp.push(answerLater(context, connection, newId(), "nip44", { result: connectSecret }));
    return ok(connectionView(context, connection, now));
  });
  // Listen before answering: the client asks as soon as it has the answer.
  context.outbound.refresh();
  for (const tell of tellApp) tell();
  if (!connected.ok) return connected;
  if (held !== undefined) await tellOwners(context, held, owners);
  return ok({ ...connected.value, act: held === undefined ? null : actView(held) });
}

/**
 * The policy that the app begins under, and the act that the one chosen for it waits for. In the transaction that connects it, and
 * refused before anything is written: a policy that was proposed for an app is there with that app, or not at all.
 */
function beginUnder(
  context: BunkerContext,
  asker: Asker,
  { policy, proposal, name = "without a name" }: ConnectByCode,
  connectionId: string,
  owners: readonly InstanceOwner[],
): Result<{ readonly policy: string; readonly held?: PendingAct }> {
  const first = proposal === undefined ? undefined : checkFirst(context, asker, policy, proposal, owners);
  if (first?.ok === false) return first;
  const wanted = first?.value ?? context.store.policies.inForce(policy);
  if (wanted === undefined) return refuse("invalid", `policy: expected the name of a policy of this bunker, got "${policy}"`);
  const may = beginning(context, asker, wanted);
  if (!may.ok) return may;
  const what = `The app “${cleanName(name)}” moves from the policy ${FIRST_POLICY} to ${policy}.`;
  const held = may.value.isHeld ? holdAct(context, asker, { kind: "connection.policy", input: { connectionId, policy }, what }) : undefined;
  if (held?.ok === false) return held;
  if (first !== undefined) publish(context, asker.label, first.value);
  return ok(held === undefined ? { policy } : { policy: FIRST_POLICY, held: held.value });
}
