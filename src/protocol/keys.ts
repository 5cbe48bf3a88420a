// The three public keys that a signer meets, told apart by type, and the other small words of Nostr.
// Strings become these types here and nowhere else; inside the product nobody checks them again.

import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex } from "@noble/hashes/utils.js";

declare const brand: unique symbol;
type Branded<Base, Name> = Base & { readonly [brand]: Name };

/** Any valid x-only public key: 64 lower-case hex digits that name a point on secp256k1 (NIP-01, BIP-340). */
export type Pubkey = Branded<string, "Pubkey">;
/** The identity that events are signed as. */
export type UserPubkey = Pubkey & { readonly role: "user" };
/** The key that speaks kind 24133 for us: one per invite, never the user's. */
export type RemoteSignerPubkey = Pubkey & { readonly role: "remote-signer" };
/** The app's disposable key. */
export type ClientPubkey = Pubkey & { readonly role: "client" };
/** 64 lower-case hex digits, the SHA-256 of an event's serialisation. */
export type EventId = Branded<string, "EventId">;
/** Whole seconds since 1970, as Nostr counts time. */
export type UnixSeconds = Branded<number, "UnixSeconds">;

const HEX_64 = /^[0-9a-f]{64}$/;

/** True for exactly 64 lower-case hex digits. NIP-01: keys, ids are lower-case hex. */
export function isHex64(value: unknown): value is string {
  return typeof value === "string" && HEX_64.test(value);
}

/** The key, or undefined when the value is no lower-case hex of 32 bytes or no point on the curve. */
export function parsePubkey(value: unknown): Pubkey | undefined {
  if (!isHex64(value)) return undefined;
  try {
    schnorr.utils.lift_x(BigInt(`0x${value}`)).assertValidity();
    return value as Pubkey;
  } catch {
    return undefined;
  }
}

/** The x-only public key (hex) of a 32-byte secret key. Throws when the bytes are no valid scalar. */
export function publicKeyOf(secretKey: Uint8Array): Pubkey {
  return bytesToHex(schnorr.getPublicKey(secretKey)) as Pubkey;
}

/** True for 32 bytes that are a valid secp256k1 scalar: neither zero nor beyond the curve's order. */
export function isSecretKey(bytes: Uint8Array): boolean {
  return bytes.length === 32 && secp256k1.utils.isValidSecretKey(bytes);
}

/** The present moment's seconds from a clock in milliseconds. */
export function toUnixSeconds(milliseconds: number): UnixSeconds {
  return Math.floor(milliseconds / 1000) as UnixSeconds;
}
