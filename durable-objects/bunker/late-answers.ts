// Answers that are made outside the request's own turn: a confirmed connect, and the errors that a kill switch leaves behind.

import { decryptContent, encryptionOf, wrapResponse, type Encryption } from "../../src/protocol/envelope.ts";
import type { NostrEvent } from "../../src/protocol/event.ts";
import { toUnixSeconds } from "../../src/protocol/keys.ts";
import { errorResponse, successResponse } from "../../src/protocol/signer-message.ts";
import type { BunkerContext } from "./context.ts";
import type { Connection } from "./connections.ts";
import { REWRAP_AFTER_SECONDS } from "./limits.ts";
import type { StoredLetter } from "./outbox.ts";
import { firstMarks, noteReply } from "./replies.ts";
import { outboundRelaysOf } from "./relay-set.ts";

type Answer = { readonly result: string } | { readonly error: string };

/**
 * Makes and stores the answer to a request of that connection. Call inside the transaction that decided it, and what comes back after
 * it: sending inside would not be taken back with the rest. `entry`: the one that it is the reply of.
 */
export function answerLater(
  context: BunkerContext,
  connection: Connection,
  requestId: string,
  encryption: Encryption,
  answer: Answer,
  entry: number | null = null,
): () => void {
  const now = Date.now();
  const event = wrap(context, connection, requestId, encryption, answer);
  const success = "result" in answer;
  const letter = { connectionId: connection.id, client: connection.client, requestId, event, madeAt: now, success, entry };
  const relays = outboundRelaysOf(context, connection);
  const reach = context.relay.reach(event);
  const stored = context.store.outbox.put(letter, reach, relays);
  for (const [place, at] of firstMarks(reach, now)) noteReply(context.store, stored, place, at);
  return () => context.send(event, relays);
}

/**
 * Kill switch: what was signed and not yet handed to anybody is withdrawn, and the app hears why. In the transaction of the switch, so
 * that no success of that scope leaves after it.
 */
export function withdrawUndelivered(context: BunkerContext, error: string, connectionId?: string): number {
  const { outbox } = context.store;
  const ids = outbox.undeliveredSuccesses(connectionId);
  for (const id of ids) {
    if (!isReplaced(context, id, error)) outbox.remove(id);
  }
  outbox.dropHandedSuccesses(connectionId);
  return ids.length;
}

// A row that was changed from outside must not keep a kill switch from working: what cannot be answered is thrown away.
function isReplaced(context: BunkerContext, id: number, error: string): boolean {
  try {
    const letter = context.store.outbox.byId(id);
    if (letter === undefined) return false;
    noteReply(context.store, letter, "withdrawn", Date.now());
    return replaceByError(context, letter, error) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Late results for clients that have just come to listen. One that is older than relays take, and that nobody was handed yet, gets a
 * fresh envelope; the result inside stays byte-identical.
 */
export function refreshLate(context: BunkerContext, clients: readonly string[]): StoredLetter[] {
  const { store } = context;
  const now = Date.now();
  return store.outbox.lateFor(clients, now).map((letter) => freshened(context, letter, now));
}

/** The letter itself, or with a fresh envelope when its own is too old for relays and nobody has it. */
export function freshened(context: BunkerContext, letter: StoredLetter, now: number): StoredLetter {
  const { keys, connections, outbox } = context.store;
  const age = Math.floor(now / 1000) - letter.event.created_at;
  if (letter.offered || age < REWRAP_AFTER_SECONDS) return letter;
  const connection = connections.byId(letter.connectionId);
  if (connection === undefined) return letter;
  const conversation = keys.conversation(connection.remoteSigner, connection.client, false);
  const plaintext = decryptContent(letter.event.content, conversation);
  if (plaintext === undefined) return letter;
  const event = wrapResponse({
    plaintext,
    encryption: encryptionOf(letter.event.content),
    keys: conversation,
    remoteSigner: connection.remoteSigner,
    remoteSignerSecretKey: keys.remoteSignerSecretKey(connection.remoteSigner),
    client: connection.client,
    now: toUnixSeconds(now),
  });
  outbox.replaceEvent(letter.id, event, letter.success);
  return { ...letter, event };
}

/** Puts a short error in the place of a result that no relay takes: the app must hear something. */
export function replaceByError(context: BunkerContext, letter: StoredLetter, error: string): StoredLetter | undefined {
  const connection = context.store.connections.byId(letter.connectionId);
  if (connection === undefined) return undefined;
  const event = wrap(context, connection, letter.requestId, encryptionOf(letter.event.content), { error });
  context.store.outbox.replaceEvent(letter.id, event, false);
  return { ...letter, event, success: false };
}

function wrap(context: BunkerContext, connection: Connection, requestId: string, encryption: Encryption, answer: Answer): NostrEvent {
  const { keys } = context.store;
  return wrapResponse({
    plaintext: "result" in answer ? successResponse(requestId, answer.result) : errorResponse(requestId, answer.error),
    encryption,
    keys: keys.conversation(connection.remoteSigner, connection.client, false),
    remoteSigner: connection.remoteSigner,
    remoteSignerSecretKey: keys.remoteSignerSecretKey(connection.remoteSigner),
    client: connection.client,
    now: toUnixSeconds(Date.now()),
  });
}
