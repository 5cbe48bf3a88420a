// Keys on the way from one to another are wiped: seen by watching which bytes are overwritten with zeros.

import { afterEach, describe, expect, it, vi } from "vitest";
import { openBunkerSeed, sealBunkerSeed } from "../../../src/sealing/bunker-seed.ts";
import { parseRootSecret } from "../../../src/sealing/root-secret.ts";
import { openWithDataKey, sealWithDataKey } from "../../../src/sealing/user-key.ts";
import { fromHex, sampleBytes, sampleRandom, sampleRoot } from "../../support/sealing-samples.ts";

const root = sampleRoot();
const dataKey = sampleBytes("data key");
const OWNER = { bunkerId: "bunker-a", userPubkey: "a1".repeat(32) };
const MADE = { provider: "root", keyId: "key", keyVersion: "1", dataKey, wrapped: new Uint8Array([1]) };

/** The bytes, as hex, that `act` overwrote with zeros, whether it ended well or not. */
function wipedBy(act: () => unknown): string[] {
  const wiped: string[] = [];
  const fill = Reflect.get(Uint8Array.prototype, "fill") as (...args: unknown[]) => Uint8Array;
  vi.spyOn(Uint8Array.prototype, "fill").mockImplementation(function wipe(this: Uint8Array, ...args) {
    if (args[0] === 0) wiped.push(toHex(this.slice()));
    return Reflect.apply(fill, this, args);
  });
  try {
    act();
  } catch {
    wiped.push("failed");
  } finally {
    vi.restoreAllMocks();
  }
  return wiped;
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("bytes that are wiped", () => {
  const key = { ...OWNER, userSecretKey: sampleBytes("user secret key"), exportable: false, epoch: 1 };
  const record = sealWithDataKey(key, MADE, { root, random: sampleRandom() });
  const both = toHex(dataKey) + toHex(sampleBytes("root"));
  const sealingKeyWith = (salt: Uint8Array): string =>
    toHex(root.deriveWithDataKey(dataKey, "countersign/user-key/v1", salt, [OWNER.bunkerId, OWNER.userPubkey]));

  it("are the sealing key of a user's key and what it came from, when sealing", () => {
    const salt = sampleRandom()(32);
    const wiped = wipedBy(() => sealWithDataKey(key, MADE, { root, random: sampleRandom() }));
    expect(wiped).toEqual(expect.arrayContaining([both, sealingKeyWith(salt)]));
    expect(wiped).not.toContain("failed");
  });

  it("are the same when opening, also when it fails", () => {
    const expected = [both, sealingKeyWith(fromHex(record.salt))];
    expect(wipedBy(() => openWithDataKey(record, OWNER, dataKey, root))).toEqual(expect.arrayContaining(expected));
    const failing = wipedBy(() => openWithDataKey({ ...record, epoch: 2 }, OWNER, dataKey, root));
    expect(failing).toEqual(expect.arrayContaining([...expected, "failed"]));
  });

  it("are not the caller's own", () => {
    const wiped = wipedBy(() => openWithDataKey(record, OWNER, dataKey, root));
    expect(wiped).not.toContain(toHex(dataKey));
    expect(toHex(dataKey)).toBe(toHex(sampleBytes("data key")));
  });

  it("are the key under which a seed rests, also when it does not open", () => {
    const place = { bunkerId: "bunker-a", epoch: 1 };
    const restingKey = toHex(root.derive("countersign/bunker-seed/v1"));
    let sealed = new Uint8Array(0);
    const sealing = wipedBy(() => {
      sealed = new Uint8Array(sealBunkerSeed(sampleBytes("seed"), place, root, sampleRandom()));
    });
    expect(sealing).toContain(restingKey);
    expect(wipedBy(() => openBunkerSeed(sealed, place, root))).toContain(restingKey);
    const failing = wipedBy(() => openBunkerSeed(sealed, { ...place, epoch: 2 }, root));
    expect(failing).toEqual(expect.arrayContaining([restingKey, "failed"]));
  });

  it("are those that a root secret was read into", () => {
    const text = Buffer.from(sampleBytes("root")).toString("base64");
    expect(wipedBy(() => parseRootSecret(text))).toContain(toHex(sampleBytes("root")));
  });
});
