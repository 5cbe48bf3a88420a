import { bytesToHex } from "@noble/hashes/utils.js";
import { noteEncode, npubEncode, nsecEncode } from "nostr-tools/nip19";
import { describe, expect, test } from "vitest";
import { npubOf, parseUserSecretKey } from "../../../src/protocol/npub.ts";
import { user, userSecretKey } from "./support.ts";

describe("a key as people write it", () => {
  test("public: npub", () => {
    expect(npubOf(user)).toBe(npubEncode(user));
  });

  const hex = bytesToHex(userSecretKey);
  test.each([
    ["nsec", nsecEncode(userSecretKey)],
    ["upper-case nsec", nsecEncode(userSecretKey).toUpperCase()],
    ["hex", hex],
    ["upper-case hex", hex.toUpperCase()],
    ["with space around it", ` ${hex}\n`],
  ])("secret, %s, is read", (_, text) => {
    expect(parseUserSecretKey(text)).toEqual(userSecretKey);
  });

  test.each([
    ["nothing", ""],
    ["an npub", npubEncode(user)],
    ["a note", noteEncode(user)],
    ["short hex", hex.slice(1)],
    ["long hex", `${hex}00`],
    ["no hex", "g".repeat(64)],
    ["zero", "0".repeat(64)],
    ["the curve's order", "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"],
    ["an nsec of zero", nsecEncode(new Uint8Array(32))],
    ["an nsec with a wrong checksum", `${nsecEncode(userSecretKey).slice(0, -1)}q`],
    ["an nsec of 31 bytes", nsecEncode(new Uint8Array(31).fill(1))],
    ["words", "correct horse battery staple"],
  ])("secret, but %s, is refused", (_, text) => {
    expect(parseUserSecretKey(text)).toBeUndefined();
  });
});
