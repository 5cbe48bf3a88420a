// Challenges that prove themselves: ours, unchanged, young.

import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CHALLENGE_LIFETIME_MS, fromBase64url, isOpenChallenge, newChallenge } from "../../../src/people/challenge.ts";
import { base64url } from "../../../src/people/session.ts";

const NOW = 1_795_000_000_000;
const macKey = new Uint8Array(32).fill(7);
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));

describe("a challenge", () => {
  it("is open for five minutes and not a millisecond longer", () => {
    const challenge = newChallenge(macKey, "passkey", NOW, random);
    expect(isOpenChallenge(macKey, "passkey", challenge, NOW)).toBe(true);
    expect(isOpenChallenge(macKey, "passkey", challenge, NOW + CHALLENGE_LIFETIME_MS - 1)).toBe(true);
    expect(isOpenChallenge(macKey, "passkey", challenge, NOW + CHALLENGE_LIFETIME_MS)).toBe(false);
  });

  it("is never the same twice", () => {
    expect(newChallenge(macKey, "passkey", NOW, random)).not.toBe(newChallenge(macKey, "passkey", NOW, random));
  });

  it("that somebody made or changed is none of ours, whichever byte it was", () => {
    const bytes = fromBase64url(newChallenge(macKey, "passkey", NOW, random)) ?? new Uint8Array();
    expect(bytes).toHaveLength(38);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(isOpenChallenge(macKey, "passkey", base64url(changed), NOW)).toBe(false);
    }
    expect(isOpenChallenge(new Uint8Array(32).fill(8), "passkey", base64url(bytes), NOW)).toBe(false);
  });

  it("is good for what it was made for, and for nothing else", () => {
    const challenge = newChallenge(macKey, "nostr:browser", NOW, random);
    expect(isOpenChallenge(macKey, "nostr:browser", challenge, NOW)).toBe(true);
    for (const use of ["", "passkey", "nostr:", "nostr:browser2"]) expect(isOpenChallenge(macKey, use, challenge, NOW)).toBe(false);
  });

  it.each(["", "A", "not base64!", "AAAA", "=".repeat(51)])("is not %j", (text) => {
    expect(isOpenChallenge(macKey, "passkey", text, NOW)).toBe(false);
  });
});
