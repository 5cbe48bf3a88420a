// The kind 24133 event around a request or a response (NIP-46): which encryption, whose keys, which tags. All of it is synchronous,
// because what decides and signs runs in one storage transaction.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { hexToBytes, randomBytes } from "@noble/hashes/utils.js";
import { decrypt as decryptNip44, encrypt as encryptNip44 } from "nostr-tools/nip44";
import { signEvent } from "./event.ts";
import type { VerifiedEvent } from "./event.ts";
import type { ClientPubkey, Pubkey, RemoteSignerPubkey, UnixSeconds } from "./keys.ts";
import { decryptNip04, encryptNip04 } from "./nip04.ts";

export const SIGNER_KIND = 24_133;

export type Encryption = "nip44" | "nip04";

/** `count` cryptographically random bytes. */
export type Random = (count: number) => Uint8Array;

/** What two parties share. 32 bytes each; secret, and to be wiped with the cache that holds them. */
export interface ConversationKeys {
  readonly nip44: Uint8Array;
  readonly nip04: Uint8Array;
}

/** No message is longer than this, so no content is: looked at before base64 (NIP-44: SHOULD enforce their own maximum). Characters. */
const MAX_CONTENT_CHARS = 131_072;

/**
 * The longest plaintext of an envelope, in bytes: NIP-44 pads it to 81,920 and base64 makes 109,328 of that, which a message of
 * 131,072 bytes holds; the next step of the padding (98,304) does not fit.
 */
export const MAX_ENVELOPE_PLAINTEXT_BYTES = 81_920;

const NIP44_SALT = new TextEncoder().encode("nip44-v2");
const encoder = new TextEncoder();

/** Both keys from one multiplication: NIP-04 takes the shared x as it is, NIP-44 extracts from it. Throws when a key is invalid. */
export function conversationKeys(secretKey: Uint8Array, pubkey: Pubkey): ConversationKeys {
  const sharedX = secp256k1.getSharedSecret(secretKey, hexToBytes(`02${pubkey}`)).slice(1, 33);
  return { nip44: extract(sha256, sharedX, NIP44_SALT), nip04: sharedX };
}

/** NIP-46 speaks NIP-44 alone; older clients write NIP-04, which no NIP-44 payload can look like. */
export function encryptionOf(content: string): Encryption {
  return content.includes("?iv=") ? "nip04" : "nip44";
}

/** The plaintext, or undefined when it does not open with these keys. Never throws, never says why. */
export function decryptContent(content: string, keys: ConversationKeys): string | undefined {
  if (content.length > MAX_CONTENT_CHARS) return undefined;
  if (encryptionOf(content) === "nip04") return decryptNip04(content, keys.nip04);
  try {
    return decryptNip44(content, keys.nip44);
  } catch {
    return undefined;
  }
}

/** Fresh randomness every time: two equal answers never look alike. Throws when NIP-44 cannot hold the text (empty). */
export function encryptContent(plaintext: string, encryption: Encryption, keys: ConversationKeys, random: Random = randomBytes): string {
  if (encryption === "nip04") return encryptNip04(plaintext, keys.nip04, random(16));
  return encryptNip44(plaintext, keys.nip44, random(32));
}

/** True when a response of that text can still reach a client over our own relay. */
export function fitsEnvelope(plaintext: string): boolean {
  return encoder.encode(plaintext).length <= MAX_ENVELOPE_PLAINTEXT_BYTES;
}

interface Envelope {
  readonly plaintext: string;
  readonly encryption: Encryption;
  readonly keys: ConversationKeys;
  readonly now: UnixSeconds;
  readonly random?: Random;
}

function wrap(envelope: Envelope, authorSecretKey: Uint8Array, recipient: Pubkey, author?: Pubkey): VerifiedEvent {
  const content = encryptContent(envelope.plaintext, envelope.encryption, envelope.keys, envelope.random);
  // NIP-46: exactly one p tag, the other party's.
  return signEvent({ kind: SIGNER_KIND, content, tags: [["p", recipient]], created_at: envelope.now }, authorSecretKey, author);
}

/** A response, from a remote signer to a client. Sign once and send that same event everywhere: clients know copies by their id. */
export function wrapResponse(
  response: Envelope & {
    readonly remoteSigner: RemoteSignerPubkey;
    readonly remoteSignerSecretKey: Uint8Array;
    readonly client: ClientPubkey;
  },
): VerifiedEvent {
  return wrap(response, response.remoteSignerSecretKey, response.client, response.remoteSigner);
}

/** A request, from a client to a remote signer: the other half of the conversation. */
export function wrapRequest(
  request: Envelope & { readonly clientSecretKey: Uint8Array; readonly remoteSigner: RemoteSignerPubkey },
): VerifiedEvent {
  return wrap(request, request.clientSecretKey, request.remoteSigner);
}
