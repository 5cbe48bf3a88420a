// What the protocol tests share: keys that mean nothing outside them, and arbitrary JSON.

import { hexToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { clientEventFrame } from "../../../src/protocol/relay-message.ts";
import { publicKeyOf } from "../../../src/protocol/keys.ts";
import type { ClientPubkey, RemoteSignerPubkey, UserPubkey } from "../../../src/protocol/keys.ts";

export const userSecretKey: Uint8Array = hexToBytes("11".repeat(32));
export const otherSecretKey: Uint8Array = hexToBytes("22".repeat(32));
export const user = publicKeyOf(userSecretKey) as UserPubkey;
export const other = publicKeyOf(otherSecretKey);
export const client = other as ClientPubkey;
export const remoteSigner = publicKeyOf(hexToBytes("33".repeat(32))) as RemoteSignerPubkey;

/** Names that reach a prototype when they are looked up carelessly. */
export const PROTOTYPE_NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype"];

/** Any JSON text, the well-known member names of Nostr and the prototype's among its keys. */
export const anyJsonText: fc.Arbitrary<string> = fc
  .letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue(),
      fc.constantFrom("EVENT", "REQ", "CLOSE", "AUTH", "OK", "EOSE", "CLOSED", "NOTICE", "a".repeat(64), 1, -1, 1.5, 65_536),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        fc.constantFrom(
          "id",
          "pubkey",
          "sig",
          "kind",
          "tags",
          "content",
          "created_at",
          "method",
          "params",
          "result",
          "error",
          "ids",
          "authors",
          "kinds",
          "#p",
          "#e",
          "#",
          "#pp",
          "since",
          "until",
          "limit",
          "search",
          "name",
          "url",
          "image",
          ...PROTOTYPE_NAMES,
        ),
        tie("value"),
        { maxKeys: 6 },
      ),
    ),
  }))
  .value.map((value) => JSON.stringify(value));

/** The bytes of an EVENT frame around that content. */
export function clientFrameLength(content: string): number {
  const event = { id: "0".repeat(64), pubkey: user, sig: "0".repeat(128), kind: 24_133, created_at: 1_700_000_000, content };
  const frame = clientEventFrame({ ...event, tags: [["p", user]] } as unknown as Parameters<typeof clientEventFrame>[0]);
  return new TextEncoder().encode(frame).length;
}
