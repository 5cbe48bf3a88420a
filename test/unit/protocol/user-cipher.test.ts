import { bytesToHex } from "@noble/hashes/utils.js";
import * as nip04 from "nostr-tools/nip04";
import { decrypt, encrypt, getConversationKey } from "nostr-tools/nip44";
import { createRumor, createSeal, createWrap } from "nostr-tools/nip59";
import { describe, expect, test } from "vitest";
import { fitsEnvelope } from "../../../src/protocol/envelope.ts";
import { signEvent } from "../../../src/protocol/event.ts";
import { publicKeyOf } from "../../../src/protocol/keys.ts";
import type { Pubkey } from "../../../src/protocol/keys.ts";
import { successResponse } from "../../../src/protocol/signer-message.ts";
import {
  MAX_USER_PLAINTEXT_BYTES,
  nip04Decrypt,
  nip04Encrypt,
  nip44Decrypt,
  nip44Encrypt,
  openSeal,
} from "../../../src/protocol/user-cipher.ts";
import { other, otherSecretKey, user, userSecretKey } from "./support.ts";

const shared = getConversationKey(otherSecretKey, user);
const failed = { ok: false, problem: "could not decrypt" };

describe("the user's NIP-44", () => {
  test("is read by the other side and reads what that side writes", () => {
    const encrypted = nip44Encrypt(userSecretKey, other, "hi \u2028🤙");
    expect(encrypted.ok && decrypt(encrypted.value, shared)).toBe("hi \u2028🤙");
    expect(nip44Decrypt(userSecretKey, other, encrypt("hello", shared))).toEqual({ ok: true, value: "hello" });
  });

  test("takes 1 byte to the longest plaintext whose answer an envelope holds", () => {
    const longest = nip44Encrypt(userSecretKey, other, "a".repeat(MAX_USER_PLAINTEXT_BYTES));
    expect(longest.ok && fitsEnvelope(successResponse("\u0000".repeat(256), longest.value))).toBe(true);
    expect(fitsEnvelope(successResponse("", encrypt("a".repeat(MAX_USER_PLAINTEXT_BYTES + 1), shared)))).toBe(false);
    expect(nip44Encrypt(userSecretKey, other, "a").ok).toBe(true);
  });

  test.each([57_345, 65_535, 65_536, 65_537])("says in words that %i bytes are too many", (length) => {
    for (const encryptText of [nip44Encrypt, nip04Encrypt]) {
      expect(encryptText(userSecretKey, other, "a".repeat(length))).toEqual({
        ok: false,
        problem: `plaintext is too large: 57344 bytes at most, got ${length}`,
      });
    }
  });

  test("counts bytes and not characters", () => {
    expect(nip44Encrypt(userSecretKey, other, "ä".repeat(28_672)).ok).toBe(true);
    expect(nip44Encrypt(userSecretKey, other, "ä".repeat(28_673)).ok).toBe(false);
  });

  test("refuses the empty text and text that UTF-8 cannot spell", () => {
    expect(nip44Encrypt(userSecretKey, other, "")).toEqual({ ok: false, problem: "plaintext is empty" });
    expect(nip44Encrypt(userSecretKey, other, "a\ud800")).toMatchObject({ ok: false });
    expect(nip04Encrypt(userSecretKey, other, "a\ud800")).toMatchObject({ ok: false });
  });

  const sample = encrypt("hello", shared);
  test.each([
    ["a flipped MAC", sample.slice(0, -4) + (sample.at(-4) === "A" ? "B" : "A") + sample.slice(-3)],
    ["version 1", `AQ${sample.slice(2)}`],
    ["a version mark", `#${sample}`],
    ["bad base64", `${sample.slice(0, -1)}*`],
    ["nothing", ""],
    ["NIP-04 text", nip04.encrypt(otherSecretKey, user, "hello")],
    ["another conversation's text", encrypt("hello", getConversationKey(otherSecretKey, other))],
  ])("answers %s with one and the same failure", (_, ciphertext) => {
    expect(nip44Decrypt(userSecretKey, other, ciphertext)).toEqual(failed);
  });
});

describe("the user's NIP-04", () => {
  test("is read by the other side and reads what that side writes", () => {
    const encrypted = nip04Encrypt(userSecretKey, other, "hi \u2028🤙");
    expect(encrypted.ok && nip04.decrypt(otherSecretKey, user, encrypted.value)).toBe("hi \u2028🤙");
    expect(nip04Decrypt(userSecretKey, other, nip04.encrypt(otherSecretKey, user, "hello"))).toEqual({ ok: true, value: "hello" });
  });

  test("answers an empty plaintext with a failure, because clients wait for ever on an empty result", () => {
    expect(nip04Decrypt(userSecretKey, other, nip04.encrypt(otherSecretKey, user, ""))).toEqual(failed);
  });

  const [block = "", iv = ""] = nip04.encrypt(otherSecretKey, user, "hello").split("?iv=");
  test.each([
    ["no iv", block],
    ["an empty iv", `${block}?iv=`],
    ["two ivs", `${block}?iv=${iv}?iv=${iv}`],
    ["a short iv", `${block}?iv=AAAA`],
    ["a long iv", `${block}?iv=AAAAAAAAAAAAAAAAAAAAAAAA`],
    ["no block", `?iv=${iv}`],
    ["half a block", `AAAA?iv=${iv}`],
    ["wrong padding", `AAAAAAAAAAAAAAAAAAAAAA==?iv=${iv}`],
    ["bad base64", `*${block.slice(1)}?iv=${iv}`],
    ["NIP-44 text", encrypt("hello", shared)],
    ["nothing", ""],
  ])("answers %s with one and the same failure", (_, ciphertext) => {
    expect(nip04Decrypt(userSecretKey, other, ciphertext)).toEqual(failed);
  });
});

describe("a gift wrap", () => {
  const wrapKeyOf = (wrap: { pubkey: string }) => wrap.pubkey as Pubkey;
  const rumor = createRumor({ kind: 14, content: "secret plan", tags: [["p", user]] }, otherSecretKey);
  const seal = createSeal(rumor, otherSecretKey, user);

  test("opens to its seal and the author who signed that", () => {
    const wrap = createWrap(seal, user);
    const opened = openSeal(userSecretKey, wrapKeyOf(wrap), wrap.content);
    expect(opened?.author).toBe(other);
    expect(JSON.parse(opened?.plaintext ?? "")).toMatchObject({ kind: 13, pubkey: other });
  });

  /** A wrap around any text, made with a key of its own. */
  const wrapText = (text: string) => encrypt(text, getConversationKey(otherSecretKey, user));

  test.each([
    ["a seal with a forged author", JSON.stringify({ ...seal, pubkey: user })],
    ["a seal with a wrong id", JSON.stringify({ ...seal, id: "0".repeat(64) })],
    ["a seal with somebody else's signature", JSON.stringify({ ...seal, sig: signEvent({ ...seal, tags: [] }, userSecretKey).sig })],
    ["a signed event that is no seal", JSON.stringify(signEvent({ kind: 1, content: "", tags: [], created_at: 1 }, otherSecretKey))],
    ["an unsigned rumor", JSON.stringify(rumor)],
    ["plain text", "hello"],
    ["JSON that is no event", "[]"],
  ])("with %s has no author", (_, text) => {
    expect(openSeal(userSecretKey, other, wrapText(text))).toBeUndefined();
  });

  test("that does not open, or is NIP-04, has no author", () => {
    expect(openSeal(userSecretKey, other, encrypt("x", getConversationKey(otherSecretKey, other)))).toBeUndefined();
    expect(openSeal(userSecretKey, other, nip04.encrypt(otherSecretKey, user, JSON.stringify(seal)))).toBeUndefined();
  });

  test("leaves the user's key as it was", () => {
    expect(bytesToHex(userSecretKey)).toBe("11".repeat(32));
    expect(publicKeyOf(userSecretKey)).toBe(user);
  });
});
