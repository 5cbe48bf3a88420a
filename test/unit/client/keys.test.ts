// Secret keys in the forms that people have them, against the vectors of NIP-49 and NIP-06 and the field's reference library.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { decrypt as referenceDecrypt, encrypt as referenceEncrypt } from "nostr-tools/nip49";
import { npubEncode, nsecEncode } from "nostr-tools/nip19";
import { describe, expect, it } from "vitest";
import { openNcryptsec, sealNcryptsec } from "../../../src/client/keys/ncryptsec.ts";
import { keyFromSeedPhrase } from "../../../src/client/keys/seed-phrase.ts";
import { keyFormOf, readTypedKey } from "../../../src/client/keys/typed-key.ts";

/** NIP-49, "Test Data": log_n 16, passphrase "nostr". */
const NIP49 = {
  text: "ncryptsec1qgg9947rlpvqu76pj5ecreduf9jxhselq2nae2kghhvd5g7dgjtcxfqtd67p9m0w57lspw8gsq6yphnm8623nsl8xn9j4jdzz84zm3frztj3z7s35vpzmqf6ksu8r89qk5z2zxfmu5gv8th8wclt0h4p",
  passphrase: "nostr",
  secretKey: "3501454135014541350145413501453fefb02227e449e57cf4d3a3ce05378683",
};
/** NIP-06, "Test vectors". */
const NIP06 = [
  [
    "leader monkey parrot ring guide accident before fence cannon height naive bean",
    "7f7ff03d123792d6ac594bfa67bf6d0c0ab55b6b1fdb6249303fe861f1ccba9a",
  ],
  [
    "what bleak badge arrange retreat wolf trade produce cricket blur garlic valid proud rude strong choose busy staff weather area salt hollow arm fade",
    "c15d739894c81a2fcfd3a2df85a0d2c0dbc47a280d092799f144d73d7ae78add",
  ],
] as const;
const KEY = hexToBytes("7f7ff03d123792d6ac594bfa67bf6d0c0ab55b6b1fdb6249303fe861f1ccba9a");
const LIGHT = 4; // a work factor for tests alone

describe("an ncryptsec", () => {
  it("is the one of NIP-49", async () => {
    expect(await openNcryptsec(NIP49.text, NIP49.passphrase)).toEqual({ ok: true, secretKey: hexToBytes(NIP49.secretKey) });
  });

  it("opens under a passphrase however its letters are composed", async () => {
    // NIP-49: the same text in two normal forms.
    const [decomposed, composed] = ["\u212b\u2126\u1e9b\u0323", "\u00c5\u03a9\u1e69"];
    const text = await sealNcryptsec(KEY, decomposed, LIGHT);
    expect(await openNcryptsec(text, composed)).toMatchObject({ ok: true });
  });

  it("goes both ways with the reference library", async () => {
    expect(referenceDecrypt(await sealNcryptsec(KEY, "correct horse", LIGHT), "correct horse")).toEqual(KEY);
    const opened = await openNcryptsec(referenceEncrypt(KEY, "correct horse", LIGHT), "correct horse");
    expect(opened).toEqual({ ok: true, secretKey: KEY });
  });

  it("does not open under another passphrase, nor when anything in it was changed", async () => {
    const text = await sealNcryptsec(KEY, "correct horse", LIGHT);
    expect(await openNcryptsec(text, "correct horse ")).toEqual({ ok: false, problem: "wrong-passphrase" });
    const swapped = text.slice(0, 40) + (text[40] === "q" ? "p" : "q") + text.slice(41);
    expect(await openNcryptsec(swapped, "correct horse")).toEqual({ ok: false, problem: "malformed" });
    expect(await openNcryptsec(text.slice(0, -1), "correct horse")).toEqual({ ok: false, problem: "malformed" });
  });

  it("says how far it is", async () => {
    const steps: number[] = [];
    await sealNcryptsec(KEY, "x", 10, { onProgress: (done) => steps.push(done) });
    expect(steps.at(-1)).toBe(1);
  });
});

describe("a seed phrase", () => {
  it.each(NIP06)("is read as NIP-06 says: %s", (words, secretKey) => {
    expect(keyFromSeedPhrase(words)).toEqual({ ok: true, secretKey: hexToBytes(secretKey) });
  });

  it("may be typed over lines and in capitals", () => {
    const typed = `  ${NIP06[0][0].toUpperCase().replaceAll(" ", "\n ")} `;
    expect(keyFromSeedPhrase(typed)).toEqual({ ok: true, secretKey: KEY });
  });

  it("is another key with a passphrase or another account", () => {
    const keys = [{}, { account: 1 }, { passphrase: "x" }].map((how) => {
      const read = keyFromSeedPhrase(NIP06[0][0], how);
      return read.ok ? bytesToHex(read.secretKey) : "";
    });
    expect(new Set(keys).size).toBe(3);
  });

  it("is refused with a word missing, misspelt or moved, in a sentence", () => {
    const words = NIP06[0][0].split(" ");
    const sentence = (changed: readonly string[]) => keyFromSeedPhrase(changed.join(" "));
    expect(sentence(words.slice(1))).toEqual({ ok: false, sentence: "A seed phrase has 12, 15, 18, 21 or 24 words; this has 11." });
    expect(sentence(words.with(0, "leeder"))).toMatchObject({ ok: false });
    expect(sentence(words.toReversed())).toMatchObject({ ok: false });
  });
});

describe("whatever somebody types", () => {
  const read = (text: string, passphrase = "") => readTypedKey({ text, passphrase, account: 0 });

  it.each([
    ["an nsec", nsecEncode(KEY), "plain"],
    ["hex in capitals, with space around", ` ${bytesToHex(KEY).toUpperCase()}\n`, "plain"],
    ["an ncryptsec", NIP49.text, "ncryptsec"],
    ["words", NIP06[0][0], "seed-phrase"],
    ["an npub", npubEncode(NIP49.secretKey), "public-key"],
    ["nothing", "  ", "nothing"],
    ["a key of zeros", "0".repeat(64), "unknown"],
    ["half a key", bytesToHex(KEY).slice(2), "unknown"],
  ] as const)("is known as what it is: %s", (_what, text, form) => {
    expect(keyFormOf(text)).toBe(form);
  });

  it("is read, or met with one sentence", async () => {
    expect(await read(nsecEncode(KEY))).toEqual({ ok: true, secretKey: KEY });
    expect(await read(bytesToHex(KEY).toUpperCase())).toEqual({ ok: true, secretKey: KEY });
    expect(await read(NIP06[0][0])).toEqual({ ok: true, secretKey: KEY });
    expect(await read(NIP49.text, NIP49.passphrase)).toMatchObject({ ok: true });
    for (const [text, words] of [
      ["", /missing/],
      [npubEncode(NIP49.secretKey), /public key/],
      ["hello", /no key/],
      [NIP49.text.slice(0, -3), /misspelt/],
    ] as const) {
      expect(await read(text)).toMatchObject({ ok: false, sentence: words });
    }
  });
});
