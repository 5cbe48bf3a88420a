// The cheap refusals, in order of cost: everything that can be said of an event before any cryptography.

import { SIGNER_KIND } from "../protocol/envelope.ts";
import type { NostrEvent } from "../protocol/event.ts";
import type { ClientPubkey, RemoteSignerPubkey, UnixSeconds } from "../protocol/keys.ts";

export interface AdmissionWindow {
  readonly maxAgeSeconds: number;
  readonly maxLeadSeconds: number;
}

/** An event on its way to one of our remote-signer keys; its signature is not verified yet. */
export interface Addressed {
  readonly event: NostrEvent;
  readonly remoteSigner: RemoteSignerPubkey;
  readonly client: ClientPubkey;
}

/** A refusal in the words of an OK message (NIP-01: a machine-readable prefix, then text). */
export interface NotAdmitted {
  readonly refused: `${"invalid" | "restricted" | "rate-limited" | "duplicate" | "error"}: ${string}`;
}

export function admit(
  event: NostrEvent,
  now: UnixSeconds,
  window: AdmissionWindow,
  isOurs: (pubkey: string) => boolean,
): Addressed | NotAdmitted {
  if (event.kind !== SIGNER_KIND) return { refused: `restricted: only kind ${SIGNER_KIND} is taken here` };
  const recipient = recipientOf(event, isOurs);
  if (recipient === undefined) return { refused: "restricted: no p tag names a signer of this bunker" };
  // Our own responses carry one of our keys as author: an echo is no request.
  if (isOurs(event.pubkey)) return { refused: "restricted: a signer does not ask itself" };
  if (event.created_at < now - window.maxAgeSeconds) return { refused: "invalid: created_at is too old, check the clock" };
  if (event.created_at > now + window.maxLeadSeconds) return { refused: "invalid: created_at is in the future, check the clock" };
  if (hasExpired(event, now)) return { refused: "invalid: the event has expired" };
  return { event, remoteSigner: recipient as RemoteSignerPubkey, client: event.pubkey as string as ClientPubkey };
}

// Clients name one or two recipients; a list of thousands is nobody's request, and each name looked up costs a read.
const MAX_RECIPIENTS_LOOKED_AT = 4;

/** The first recipient that is ours, or undefined. Looks at the first few alone. */
export function recipientOf(event: NostrEvent, isOurs: (pubkey: string) => boolean): string | undefined {
  const recipients = event.tags.filter((tag) => tag[0] === "p").slice(0, MAX_RECIPIENTS_LOOKED_AT);
  return recipients.map((tag) => tag[1]).find((pubkey) => pubkey !== undefined && isOurs(pubkey));
}

// NIP-40: clients and signers SHOULD ignore expired events.
function hasExpired(event: NostrEvent, now: UnixSeconds): boolean {
  const expiration = event.tags.find((tag) => tag[0] === "expiration")?.[1];
  return expiration !== undefined && /^\d{1,15}$/.test(expiration) && Number(expiration) <= now;
}
