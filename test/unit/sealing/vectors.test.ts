// FORMAT.md, its reference reading and the code agree: what one writes the other reads, byte by byte.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openBunkerSeed, openPepper, sealBunkerSeed, sealPepper } from "../../../src/sealing/bunker-seed.ts";
import {
  approvalHashKey,
  approvalLinkHashKey,
  familiarHashKey,
  inboxKey,
  instanceSecretKey,
  inviteHashKey,
  keyedHash,
  mailKey,
  rowMacKey,
  transportSecretKey,
} from "../../../src/sealing/derive.ts";
import { encode } from "../../../src/sealing/encode.ts";
import type { Field } from "../../../src/sealing/encode.ts";
import { rootProvider } from "../../../src/sealing/providers/root.ts";
import { fitsCheckValue, parseRootSecret, rootCheckValue, RootSecret } from "../../../src/sealing/root-secret.ts";
import { fitsRow, macRow } from "../../../src/sealing/row-mac.ts";
import { openBytes, sealBytes } from "../../../src/sealing/seal.ts";
import { openUserKey, parseUserKeyRecord, sealUserKey } from "../../../src/sealing/user-key.ts";
import vectors from "../../vectors/sealing.json" with { type: "json" };
import { sealingVectors } from "../../support/sealing-reference.ts";
import { fromHex, randomFrom } from "../../support/sealing-samples.ts";

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const toFields = (fields: readonly (string | number | null | { hex: string })[]): Field[] =>
  fields.map((field) => (typeof field === "object" && field !== null ? fromHex(field.hex) : field));
const root = new RootSecret(fromHex(vectors.root.rootSecret));
const noRandom = randomFrom();

describe("the vectors", () => {
  it("are what the reference makes today", () => {
    expect(vectors).toEqual(sealingVectors());
  });

  it("are those that FORMAT.md prints", () => {
    const page = readFileSync(new URL("../../../src/sealing/FORMAT.md", import.meta.url), "utf8");
    const printed = [
      vectors.root.id,
      vectors.root.checkValue,
      vectors.fromSeed.transportSecretKey,
      vectors.userKey.record.salt,
      vectors.userKey.record.sealed,
    ];
    expect(printed.filter((hex) => !page.includes(hex))).toEqual([]);
  });

  it("hold for the root's id and check value", () => {
    expect(parseRootSecret(vectors.root.base64)).toMatchObject({ ok: true, root: { id: vectors.root.id } });
    expect(rootCheckValue(root)).toBe(vectors.root.checkValue);
    expect(fitsCheckValue(root, vectors.root.checkValue)).toBe(true);
    expect(new RootSecret(fromHex(vectors.root.nextRootSecret)).id).toBe(vectors.root.nextId);
  });

  it("hold for the encoding", () => {
    expect(toHex(encode(vectors.encoding.label, toFields(vectors.encoding.fields)))).toBe(vectors.encoding.encoded);
  });

  it("hold for what comes from a seed", () => {
    const seed = fromHex(vectors.fromSeed.seed);
    expect({
      transportSecretKey: toHex(transportSecretKey(seed, fromHex(vectors.fromSeed.inviteId))),
      rowMacKey: toHex(rowMacKey(seed)),
      rowMacKeyOfEpoch: toHex(rowMacKey(seed, vectors.fromSeed.epoch)),
      inboxKey: toHex(inboxKey(seed)),
      inviteHashKey: toHex(inviteHashKey(seed)),
      familiarHashKey: toHex(familiarHashKey(seed)),
      approvalHashKey: toHex(approvalHashKey(seed)),
      approvalLinkHashKey: toHex(approvalLinkHashKey(seed)),
      mailKey: toHex(mailKey(seed)),
    }).toEqual({
      transportSecretKey: vectors.fromSeed.transportSecretKey,
      rowMacKey: vectors.fromSeed.rowMacKey,
      rowMacKeyOfEpoch: vectors.fromSeed.rowMacKeyOfEpoch,
      inboxKey: vectors.fromSeed.inboxKey,
      inviteHashKey: vectors.fromSeed.inviteHashKey,
      familiarHashKey: vectors.fromSeed.familiarHashKey,
      approvalHashKey: vectors.fromSeed.approvalHashKey,
      approvalLinkHashKey: vectors.fromSeed.approvalLinkHashKey,
      mailKey: vectors.fromSeed.mailKey,
    });
  });

  it("hold for hashes and row MACs", () => {
    const { hashKey, text, hash } = vectors.keyedHash;
    expect(toHex(keyedHash(fromHex(hashKey), text))).toBe(hash);
    expect(toHex(keyedHash(fromHex(hashKey), new TextEncoder().encode(text)))).toBe(hash);
    const macKey = fromHex(vectors.fromSeed.rowMacKey);
    const { table, fields, mac } = vectors.rowMac;
    expect(toHex(macRow(macKey, table, toFields(fields)))).toBe(mac);
    expect(fitsRow(macKey, table, toFields(fields), fromHex(mac))).toBe(true);
  });

  it.each(vectors.seal.map((vector) => ({ length: vector.plaintext.length / 2, vector })))(
    "hold for $length sealed bytes, both ways",
    ({ vector }) => {
      const context = { purpose: vector.purpose, fields: toFields(vector.fields) };
      const key = fromHex(vector.sealingKey);
      const sealed = sealBytes(key, fromHex(vector.plaintext), context, randomFrom(fromHex(vector.nonce)));
      expect(toHex(sealed)).toBe(vector.sealed);
      expect(toHex(openBytes(key, fromHex(vector.sealed), context))).toBe(vector.plaintext);
    },
  );

  it("hold for the bunker's seed and the pepper, both ways", () => {
    const { bunkerSeed, pepper } = vectors;
    const place = { bunkerId: bunkerSeed.bunkerId, epoch: bunkerSeed.epoch };
    const seed = fromHex(vectors.fromSeed.seed);
    expect(toHex(sealBunkerSeed(seed, place, root, randomFrom(fromHex(bunkerSeed.nonce))))).toBe(bunkerSeed.record);
    expect(openBunkerSeed(fromHex(bunkerSeed.record), place, root)).toEqual(seed);
    expect(toHex(sealPepper(fromHex(pepper.pepper), root, randomFrom(fromHex(pepper.nonce))))).toBe(pepper.record);
    expect(toHex(openPepper(fromHex(pepper.record), root))).toBe(pepper.pepper);
    expect(toHex(instanceSecretKey(fromHex(pepper.pepper)))).toBe(pepper.instanceSecretKey);
  });

  it("hold for the user's key, both ways", async () => {
    const { record, ...vector } = vectors.userKey;
    const owner = { bunkerId: vector.bunkerId, userPubkey: vector.userPubkey };
    const provider = rootProvider(root, randomFrom(fromHex(vector.dataKey), fromHex(vector.wrapNonce)));
    const random = randomFrom(fromHex(record.salt), fromHex(vector.nonce));
    const userSecretKey = fromHex(vector.userSecretKey);
    const made = await sealUserKey(
      { ...owner, userSecretKey, exportable: record.exportable, epoch: record.epoch, provider },
      { root, random },
    );
    expect(made).toEqual(record);
    const read = parseUserKeyRecord(JSON.stringify(record));
    expect(await openUserKey(read, owner, rootProvider(root, noRandom), root)).toEqual(userSecretKey);
  });
});
