import { describe, expect, it } from "vitest";
import {
  deriveKey,
  equalBytes,
  firstScalar,
  approvalHashKey,
  approvalLinkHashKey,
  inboxKey,
  familiarHashKey,
  inviteHashKey,
  mailKey,
  keyedHash,
  rowMacKey,
  transportSecretKey,
} from "../../../src/sealing/derive.ts";
import { fromHex, sampleBytes } from "../../support/sealing-samples.ts";

const SEED = sampleBytes("seed");
const INVITE = sampleBytes("invite", 16);
const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"; // n of secp256k1 (SEC 2, 2.4.1)
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("keys from a seed", () => {
  it("differ from one another and from seed to seed", () => {
    const all = [SEED, sampleBytes("another seed")].flatMap((seed) => [
      rowMacKey(seed),
      rowMacKey(seed, 0),
      rowMacKey(seed, 1),
      inboxKey(seed),
      inviteHashKey(seed),
      familiarHashKey(seed),
      approvalHashKey(seed),
      approvalLinkHashKey(seed),
      mailKey(seed),
      transportSecretKey(seed, INVITE),
      transportSecretKey(seed, sampleBytes("another invite", 16)),
      deriveKey(seed, "countersign/sample/v1"),
    ]);
    expect(new Set(all.map(toHex)).size).toBe(all.length);
    expect(all.every((key) => key.length === 32)).toBe(true);
  });

  it("are the same each time, and leave the seed as it was", () => {
    const seed = SEED.slice();
    expect(transportSecretKey(seed, INVITE)).toEqual(transportSecretKey(SEED, INVITE));
    expect(seed).toEqual(SEED);
  });

  it("take 32 bytes of seed and 16 of invite id, no other size", () => {
    expect(() => transportSecretKey(SEED.subarray(1), INVITE)).toThrow("expected a parent key of 32 bytes, got 31");
    expect(() => transportSecretKey(SEED, SEED)).toThrow("expected an invite id of 16 bytes, got 32");
    expect(() => rowMacKey(new Uint8Array(0))).toThrow("expected a parent key of 32 bytes, got 0");
  });
});

describe("a transport key", () => {
  it("is the first candidate below the curve's order and above zero", () => {
    const candidates = ["00".repeat(32), ORDER, "ff".repeat(32), toHex(sampleBytes("good"))].map(fromHex);
    const taken = firstScalar((attempt) => candidates[attempt] ?? new Uint8Array(32));
    expect(taken).toEqual(sampleBytes("good"));
    expect(candidates.slice(0, 3).every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });

  it("may be one or the order less one", () => {
    const one = fromHex("01".padStart(64, "0"));
    const last = fromHex(`${ORDER.slice(0, -1)}0`);
    expect(firstScalar(() => one)).toBe(one);
    expect(firstScalar(() => last)).toBe(last);
  });

  it("is not looked for without end", () => {
    expect(() => firstScalar(() => new Uint8Array(32))).toThrow("within 8 derivations");
  });
});

describe("a keyed hash", () => {
  it("depends on key and text", () => {
    const hashes = [keyedHash(SEED, "a"), keyedHash(SEED, "b"), keyedHash(sampleBytes("another"), "a")].map(toHex);
    expect(new Set(hashes).size).toBe(3);
  });

  it("needs a key of 32 bytes", () => {
    expect(() => keyedHash(INVITE, "a")).toThrow("expected a hash key of 32 bytes, got 16");
  });
});

it("equal bytes are equal in every place and in length", () => {
  expect(equalBytes(SEED, SEED.slice())).toBe(true);
  expect(equalBytes(SEED, SEED.subarray(1))).toBe(false);
  expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  for (let at = 0; at < SEED.length; at++) {
    const other = SEED.slice();
    other[at] = (other[at] ?? 0) ^ 1;
    expect(equalBytes(SEED, other)).toBe(false);
  }
});
