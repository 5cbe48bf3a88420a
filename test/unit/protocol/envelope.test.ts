import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { v2 } from "nostr-tools/nip44";
import * as nip04 from "nostr-tools/nip04";
import { verifyEvent as libraryVerifies } from "nostr-tools/pure";
import { describe, expect, test } from "vitest";
import {
  conversationKeys,
  decryptContent,
  encryptContent,
  encryptionOf,
  fitsEnvelope,
  MAX_ENVELOPE_PLAINTEXT_BYTES,
  wrapRequest,
  wrapResponse,
} from "../../../src/protocol/envelope.ts";
import type { ConversationKeys } from "../../../src/protocol/envelope.ts";
import { verifyEvent } from "../../../src/protocol/event.ts";
import type { ClientPubkey, Pubkey, RemoteSignerPubkey, UnixSeconds } from "../../../src/protocol/keys.ts";
import { publicKeyOf } from "../../../src/protocol/keys.ts";
import { clientFrameLength } from "./support.ts";
// From paulmillr/nip44's nip44.vectors.json (an excerpt of its valid half, all of its invalid decryptions) and from NIP-44's own text
// (extended_prefix). The file's encrypt_msg_lengths beyond 0 is left out: it refuses 65,536 bytes, which the NIP has allowed since.
import vectors from "../../vectors/nip44.json" with { type: "json" };

const { valid, invalid } = vectors.v2;
const signerSecretKey = hexToBytes("01".repeat(32));
const clientSecretKey = hexToBytes("02".repeat(32));
const signer = publicKeyOf(signerSecretKey) as RemoteSignerPubkey;
const client = publicKeyOf(clientSecretKey) as ClientPubkey;
const now = 1_700_000_000 as UnixSeconds;

const hashOf = (text: string) => bytesToHex(sha256(utf8ToBytes(text)));
const keysOf = (conversationKey: string): ConversationKeys => ({ nip44: hexToBytes(conversationKey), nip04: new Uint8Array(32) });

describe("NIP-44's published vectors", () => {
  test.each(valid.get_conversation_key)("conversation key $conversation_key", ({ sec1, pub2, conversation_key }) => {
    expect(bytesToHex(conversationKeys(hexToBytes(sec1), pub2 as Pubkey).nip44)).toBe(conversation_key);
  });

  test.each(invalid.get_conversation_key)("no conversation key when $note", ({ sec1, pub2 }) => {
    expect(() => conversationKeys(hexToBytes(sec1), pub2 as Pubkey)).toThrow();
  });

  test.each(valid.calc_padded_len)("%i bytes are padded to %i", (length, padded) => {
    expect(v2.utils.calcPaddedLen(length)).toBe(padded);
  });

  test.each(valid.encrypt_decrypt)("$plaintext both ways", ({ sec1, sec2, conversation_key, nonce, plaintext, payload }) => {
    const keys = conversationKeys(hexToBytes(sec1), publicKeyOf(hexToBytes(sec2)));
    expect(bytesToHex(keys.nip44)).toBe(conversation_key);
    expect(encryptContent(plaintext, "nip44", keys, () => hexToBytes(nonce))).toBe(payload);
    expect(decryptContent(payload, conversationKeys(hexToBytes(sec2), publicKeyOf(hexToBytes(sec1))))).toBe(plaintext);
  });

  test.each([...valid.encrypt_decrypt_long_msg, ...valid.extended_prefix])("$repeat times $pattern", (vector) => {
    const plaintext = vector.pattern.repeat(vector.repeat);
    expect(hashOf(plaintext)).toBe(vector.plaintext_sha256);
    const keys = keysOf(vector.conversation_key);
    const payload = encryptContent(plaintext, "nip44", keys, () => hexToBytes(vector.nonce));
    expect(hashOf(payload)).toBe(vector.payload_sha256);
    expect(decryptContent(payload, keys)).toBe(plaintext);
  });

  test.each(invalid.encrypt_msg_lengths)("%i bytes are not encrypted", (length) => {
    expect(() => encryptContent("a".repeat(length), "nip44", keysOf("00".repeat(32)))).toThrow("size");
  });

  test.each(invalid.decrypt)("$note is not decrypted", ({ conversation_key, payload, note }) => {
    // The library's own words prove that the payload fails for the reason that the vector is about.
    expect(() => v2.decrypt(payload, hexToBytes(conversation_key))).toThrow(note);
    expect(decryptContent(payload, keysOf(conversation_key))).toBeUndefined();
  });
});

describe("an envelope", () => {
  const keys = conversationKeys(signerSecretKey, client);

  test.each(["nip44", "nip04"] as const)("with a response in %s is signed by the remote signer, for the client alone", (encryption) => {
    const event = wrapResponse({
      plaintext: '{"id":"1"}',
      encryption,
      keys,
      remoteSigner: signer,
      remoteSignerSecretKey: signerSecretKey,
      client,
      now,
    });
    expect(event).toMatchObject({ kind: 24_133, pubkey: signer, tags: [["p", client]], created_at: now });
    expect(verifyEvent(event)).toBe(true);
    expect(libraryVerifies({ ...event })).toBe(true);
    expect(encryptionOf(event.content)).toBe(encryption);
    expect(decryptContent(event.content, conversationKeys(clientSecretKey, signer))).toBe('{"id":"1"}');
  });

  test("with a request goes the other way", () => {
    const event = wrapRequest({ plaintext: "ping", encryption: "nip44", keys, clientSecretKey, remoteSigner: signer, now });
    expect(event).toMatchObject({ pubkey: client, tags: [["p", signer]] });
    expect(decryptContent(event.content, keys)).toBe("ping");
  });

  test.each(["nip44", "nip04"] as const)("never looks alike twice in %s", (encryption) => {
    expect(encryptContent("pong", encryption, keys)).not.toBe(encryptContent("pong", encryption, keys));
  });

  test("in NIP-04 is read and written as nostr-tools does", () => {
    expect(decryptContent(nip04.encrypt(clientSecretKey, signer, "héllo\u2028"), keys)).toBe("héllo\u2028");
    expect(nip04.decrypt(clientSecretKey, signer, encryptContent("héllo\u2028", "nip04", keys))).toBe("héllo\u2028");
  });

  test("for another key does not open", () => {
    const content = encryptContent("hi", "nip44", conversationKeys(clientSecretKey, client));
    expect(decryptContent(content, keys)).toBeUndefined();
  });

  test.each([
    ["empty", ""],
    ["a version mark", "#abc"],
    ["plain text", "hello"],
    ["no iv", "aGVsbG8gd29ybGQhIQ=="],
    ["an iv alone", "?iv=AAAAAAAAAAAAAAAAAAAAAA=="],
    ["two ivs", "AAAAAAAAAAAAAAAAAAAAAA==?iv=AAAAAAAAAAAAAAAAAAAAAA==?iv=AAAAAAAAAAAAAAAAAAAAAA=="],
    ["a short iv", "AAAAAAAAAAAAAAAAAAAAAA==?iv=AAAA"],
    ["a long iv", "AAAAAAAAAAAAAAAAAAAAAA==?iv=AAAAAAAAAAAAAAAAAAAAAAAA"],
    ["a broken block", "AAAA?iv=AAAAAAAAAAAAAAAAAAAAAA=="],
    ["bad base64", "A*AAAAAAAAAAAAAAAAAAAA==?iv=AAAAAAAAAAAAAAAAAAAAAA=="],
    ["a megabyte", "A".repeat(1_048_576)],
    ["a megabyte of NIP-04", `${"A".repeat(1_048_576)}?iv=AAAAAAAAAAAAAAAAAAAAAA==`],
  ])("that is %s does not open and does not throw", (_, content) => {
    expect(decryptContent(content, keys)).toBeUndefined();
  });

  test("with a flipped bit does not open in NIP-44", () => {
    const content = encryptContent("hi", "nip44", keys);
    const flipped = content.slice(0, 60) + (content[60] === "A" ? "B" : "A") + content.slice(61);
    expect(decryptContent(flipped, keys)).toBeUndefined();
  });

  test("too long for a message is refused before anything is decoded", () => {
    const content = encryptContent("a".repeat(98_305), "nip44", keys);
    expect(v2.decrypt(content, keys.nip44)).toHaveLength(98_305);
    expect(decryptContent(content, keys)).toBeUndefined();
  });

  test("of the longest response fits a relay message of 131,072 bytes, and one byte more does not", () => {
    const length = (bytes: number) => clientFrameLength(encryptContent("a".repeat(bytes), "nip44", keys));
    expect(length(MAX_ENVELOPE_PLAINTEXT_BYTES)).toBeLessThan(131_072);
    expect(length(MAX_ENVELOPE_PLAINTEXT_BYTES + 1)).toBeGreaterThan(131_072);
    expect(fitsEnvelope("ä".repeat(MAX_ENVELOPE_PLAINTEXT_BYTES / 2))).toBe(true);
    expect(fitsEnvelope(`${"ä".repeat(MAX_ENVELOPE_PLAINTEXT_BYTES / 2)}a`)).toBe(false);
  });

  test("gives back any text, in both encryptions", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1 });
    fc.assert(
      fc.property(text, fc.constantFrom("nip44", "nip04"), (plaintext, encryption) => {
        // nostr-tools drops a byte order mark at the start of a NIP-44 plaintext.
        fc.pre(!plaintext.startsWith("\uFEFF"));
        expect(decryptContent(encryptContent(plaintext, encryption, keys), keys)).toBe(plaintext);
      }),
      { numRuns: 50 },
    );
  });

  test("never throws on any content", () => {
    fc.assert(fc.property(fc.string(), (content) => decryptContent(content, keys) === undefined));
    fc.assert(
      fc.property(fc.base64String(), fc.base64String(), (a, b) => decryptContent(`${a}?iv=${b}`, keys) !== ""),
      { numRuns: 200 },
    );
  });
});
