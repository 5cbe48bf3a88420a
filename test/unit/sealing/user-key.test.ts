import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeyProvider } from "../../../src/sealing/providers/provider.ts";
import { rootProvider } from "../../../src/sealing/providers/root.ts";
import type { RootSecret } from "../../../src/sealing/root-secret.ts";
import { openUserKey, openWithDataKey, parseUserKeyRecord, sealUserKey, sealWithDataKey } from "../../../src/sealing/user-key.ts";
import type { UserKeyRecord } from "../../../src/sealing/user-key.ts";
import { everythingShownOf, holdsBytes, sampleBytes, sampleRandom, sampleRoot } from "../../support/sealing-samples.ts";

const userSecretKey = sampleBytes("user secret key");
const OWNER = { bunkerId: "bunker-a", userPubkey: "a1".repeat(32) };
const REFUSED = expect.objectContaining({ problem: "refused" });
const SEAL_ERROR = expect.objectContaining({ name: "SealError" });
const KEY_SERVICE_ERROR = expect.objectContaining({ name: "KeyServiceError" });

/** A provider that keeps data keys in a list, as a service would, and ignores who asks: the weakest that records must withstand. */
function trustingProvider(): KeyProvider & { readonly given: Uint8Array[] } {
  const kept: Uint8Array[] = [];
  const given: Uint8Array[] = [];
  const lend = (bytes: Uint8Array): Uint8Array => {
    const lent = bytes.slice();
    given.push(lent);
    return lent;
  };
  return {
    name: "trusting",
    given,
    newDataKey: async () => {
      const dataKey = sampleBytes(`data key ${kept.length}`);
      kept.push(dataKey);
      return { dataKey: lend(dataKey), wrapped: new Uint8Array([kept.length - 1]), keyId: "key", keyVersion: "1" };
    },
    openDataKey: async (wrapped) => lend(kept[wrapped[0] ?? 0] ?? sampleBytes("no such data key")),
    rewrap: async (wrapped, key) => ({ ...key, wrapped }),
  };
}

const sealedWith = async (provider: KeyProvider, root: RootSecret = sampleRoot()): Promise<UserKeyRecord> =>
  sealUserKey({ ...OWNER, userSecretKey, exportable: false, epoch: 1, provider }, { root, random: sampleRandom() });

describe("a user's key at rest", () => {
  it("opens to what was sealed, through JSON, for any key and place", async () => {
    const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const bunker = fc.string({ minLength: 1, unit: "grapheme" });
    await fc.assert(
      fc.asyncProperty(secret, bunker, fc.boolean(), fc.nat(), async (anySecretKey, bunkerId, exportable, epoch) => {
        const provider = rootProvider(sampleRoot(), sampleRandom());
        const owner = { ...OWNER, bunkerId };
        const key = { ...owner, userSecretKey: anySecretKey, exportable, epoch, provider };
        const record = await sealUserKey(key, { root: sampleRoot(), random: sampleRandom() });
        const read = parseUserKeyRecord(JSON.stringify(record));
        expect(read).toEqual(record);
        expect(read).toMatchObject({ exportable, epoch, provider: "root", rootId: sampleRoot().id });
        expect(await openUserKey(read, owner, provider, sampleRoot())).toEqual(anySecretKey);
      }),
      { numRuns: 50 },
    );
  });

  it("opens by its synchronous half when the data key is known", async () => {
    const record = await sealedWith(trustingProvider());
    expect(openWithDataKey(record, OWNER, sampleBytes("data key 0"), sampleRoot())).toEqual(userSecretKey);
  });

  it("takes a fresh data key, salt and nonce for each record", async () => {
    const provider = rootProvider(sampleRoot(), sampleRandom());
    const random = sampleRandom();
    const key = { ...OWNER, userSecretKey, exportable: false, epoch: 1, provider };
    const [one, two] = [await sealUserKey(key, { root: sampleRoot(), random }), await sealUserKey(key, { root: sampleRoot(), random })];
    expect(one.wrappedDataKey).not.toBe(two.wrappedDataKey);
    expect(one.salt).not.toBe(two.salt);
    expect(one.sealed.slice(0, 52)).not.toBe(two.sealed.slice(0, 52));
  });

  it("does not open at another bunker, even when the key service lets it", async () => {
    const provider = trustingProvider();
    await expect(openUserKey(await sealedWith(provider), { ...OWNER, bunkerId: "bunker-b" }, provider, sampleRoot())).rejects.toThrow(
      REFUSED,
    );
  });

  it("is not opened for another bunker by the provider root either", async () => {
    const provider = rootProvider(sampleRoot(), sampleRandom());
    const opening = openUserKey(await sealedWith(provider), { ...OWNER, bunkerId: "bunker-b" }, provider, sampleRoot());
    await expect(opening).rejects.toThrow(KEY_SERVICE_ERROR);
  });

  it.each<[string, (record: UserKeyRecord) => UserKeyRecord]>([
    ["exportable turned on", (record) => ({ ...record, exportable: true })],
    ["another epoch", (record) => ({ ...record, epoch: 2 })],
    ["another salt", (record) => ({ ...record, salt: "00".repeat(32) })],
    ["another data key", (record) => ({ ...record, wrappedDataKey: "07" })],
  ])("does not open with %s", async (_, change) => {
    const provider = trustingProvider();
    const record = await sealedWith(provider);
    await expect(openUserKey(change(record), OWNER, provider, sampleRoot())).rejects.toThrow(REFUSED);
  });

  it("does not open for another user pubkey", async () => {
    const provider = trustingProvider();
    const record = await sealedWith(provider);
    await expect(openUserKey(record, { ...OWNER, userPubkey: "b2".repeat(32) }, provider, sampleRoot())).rejects.toThrow(REFUSED);
  });

  it("does not open with the parts of another record of the same bunker", async () => {
    const provider = trustingProvider();
    const [one, two] = [await sealedWith(provider), await sealedWith(provider)];
    const mixed = { ...one, wrappedDataKey: two.wrappedDataKey };
    await expect(openUserKey(mixed, OWNER, provider, sampleRoot())).rejects.toThrow(REFUSED);
  });

  it("needs the root secret, not the data key alone", async () => {
    const provider = trustingProvider();
    const record = await sealedWith(provider);
    const other = sampleRoot("other");
    await expect(openUserKey(record, OWNER, provider, other)).rejects.toThrow(
      `sealed under root secret ${sampleRoot().id}, but here is ${other.id}`,
    );
    await expect(openUserKey({ ...record, rootId: other.id }, OWNER, provider, other)).rejects.toThrow(REFUSED);
  });

  it("needs the data key, not the root secret alone", async () => {
    const record = await sealedWith(trustingProvider());
    expect(() => openWithDataKey(record, OWNER, sampleBytes("guessed"), sampleRoot())).toThrow(REFUSED);
  });

  it("asks no service when its root or its provider is not here", async () => {
    const provider = trustingProvider();
    const record = await sealedWith(provider);
    const asked = provider.given.length;
    await expect(openUserKey(record, OWNER, provider, [])).rejects.toThrow(expect.objectContaining({ problem: "wrong-root" }));
    const elsewhere = { ...record, provider: "vault" };
    await expect(openUserKey(elsewhere, OWNER, provider, sampleRoot())).rejects.toThrow(
      "sealed with the provider vault, but here is trusting",
    );
    expect(provider.given.length).toBe(asked);
  });

  it("moves to the next root by being opened and sealed anew", async () => {
    const next = sampleRoot("next");
    const before = await sealedWith(rootProvider(sampleRoot(), sampleRandom()));
    const during = rootProvider(next, sampleRandom(), [sampleRoot()]);
    const opened = await openUserKey(before, OWNER, during, [sampleRoot(), next]);
    const key = { ...OWNER, userSecretKey: opened, exportable: before.exportable, epoch: before.epoch, provider: during };
    const after = await sealUserKey(key, { root: next, random: sampleRandom() });
    expect(after).toMatchObject({ rootId: next.id, keyId: next.id });
    expect(await openUserKey(after, OWNER, rootProvider(next, sampleRandom()), next)).toEqual(userSecretKey);
  });
});

describe("every byte of a user key record counts", () => {
  it("no bit of its JSON text can be changed", async () => {
    const provider = rootProvider(sampleRoot(), sampleRandom());
    const text = JSON.stringify(await sealedWith(provider));
    const flipped = Array.from({ length: text.length * 7 }, (_, bit) => {
      const at = Math.floor(bit / 7);
      return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << (bit % 7))) + text.slice(at + 1);
    });
    const outcomes = await Promise.all(
      flipped.map(async (changed) => {
        try {
          await openUserKey(parseUserKeyRecord(changed), OWNER, provider, sampleRoot());
          return "opened";
        } catch (error) {
          return error instanceof Error ? error.name : "no error";
        }
      }),
    );
    expect(new Set(outcomes)).toEqual(new Set(["SealError", "KeyServiceError"]));
  });

  it("unknown, missing and ill-formed fields are refused by name, without their content", async () => {
    const record = await sealedWith(rootProvider(sampleRoot(), sampleRandom()));
    const refusals: [string, string][] = [
      [JSON.stringify({ ...record, note: "x" }), "expected no other fields"],
      [JSON.stringify({ ...record, salt: undefined }), "in salt"],
      [JSON.stringify({ ...record, salt: record.salt.slice(2) }), "in salt"],
      [JSON.stringify({ ...record, sealed: record.sealed.toUpperCase() }), "in sealed"],
      [JSON.stringify({ ...record, sealed: `${record.sealed}00` }), "in sealed"],
      [JSON.stringify({ ...record, wrappedDataKey: "" }), "in wrappedDataKey"],
      [JSON.stringify({ ...record, wrappedDataKey: "00".repeat(4097) }), "in wrappedDataKey"],
      [JSON.stringify({ ...record, version: 2 }), "in version"],
      [JSON.stringify({ ...record, exportable: 1 }), "in exportable"],
      [JSON.stringify({ ...record, epoch: -1 }), "in epoch"],
      [JSON.stringify({ ...record, rootId: "root" }), "in rootId"],
      [JSON.stringify({ ...record, keyId: "a\nb" }), "in keyId"],
      ['{"__proto__": {}}', "expected no other fields"],
      ["[]", "as a JSON object"],
      ["null", "as a JSON object"],
      ["sixteen letters.", "got 16 characters of something else"],
    ];
    for (const [text, message] of refusals) expect(() => parseUserKeyRecord(text)).toThrow(message);
  });

  it("a record that could not be read again is never handed out", async () => {
    const made = { provider: "odd name", keyId: "key", keyVersion: "1", dataKey: sampleBytes("data key"), wrapped: new Uint8Array([1]) };
    const io = { root: sampleRoot(), random: sampleRandom() };
    const key = { ...OWNER, userSecretKey, exportable: false, epoch: 1 };
    expect(() => sealWithDataKey(key, made, io)).toThrow("in provider");
    expect(() => sealWithDataKey(key, { ...made, provider: "odd", wrapped: new Uint8Array(4097) }, io)).toThrow("in wrappedDataKey");
    expect(() => sealWithDataKey({ ...key, epoch: 1.5 }, { ...made, provider: "odd" }, io)).toThrow("expected a safe integer");
  });
});

describe("what sealing and opening leave behind", () => {
  it("is a wiped data key, when it went well and when it failed", async () => {
    const provider = trustingProvider();
    const record = await sealedWith(provider);
    await openUserKey(record, OWNER, provider, sampleRoot());
    await expect(openUserKey({ ...record, epoch: 2 }, OWNER, provider, sampleRoot())).rejects.toThrow(REFUSED);
    const tooShort = { ...OWNER, userSecretKey: userSecretKey.subarray(1), exportable: false, epoch: 1, provider };
    await expect(sealUserKey(tooShort, { root: sampleRoot(), random: sampleRandom() })).rejects.toThrow(SEAL_ERROR);
    expect(provider.given).toEqual(Array.from({ length: 4 }, () => new Uint8Array(32)));
  });

  it("is neither key in the record nor in any error", async () => {
    const provider = trustingProvider();
    const record = await sealedWith(provider);
    const errors = await Promise.all(
      [
        openUserKey({ ...record, epoch: 2 }, OWNER, provider, sampleRoot()),
        openUserKey(record, OWNER, provider, sampleRoot("other")),
        sealUserKey(
          { ...OWNER, userSecretKey: userSecretKey.subarray(1), exportable: false, epoch: 1, provider },
          { root: sampleRoot(), random: sampleRandom() },
        ),
      ].map(async (work) =>
        work.then(
          () => expect.unreachable(),
          (error: unknown) => error,
        ),
      ),
    );
    const shown = [record, ...errors].map(everythingShownOf).join("\n");
    const secrets = [userSecretKey, sampleBytes("data key 0"), sampleBytes("root")];
    expect(secrets.filter((bytes) => holdsBytes(shown, bytes))).toEqual([]);
  });

  it("is refused for other sizes and owners", async () => {
    const io = { root: sampleRoot(), random: sampleRandom() };
    const made = { provider: "root", keyId: "key", keyVersion: "1", dataKey: sampleBytes("data key"), wrapped: new Uint8Array([1]) };
    const key = { ...OWNER, userSecretKey, exportable: false, epoch: 1 };
    expect(() => sealWithDataKey({ ...key, userSecretKey: new Uint8Array(33) }, made, io)).toThrow("a user secret key of 32 bytes, got 33");
    expect(() => sealWithDataKey(key, { ...made, dataKey: new Uint8Array(16) }, io)).toThrow("a data key of 32 bytes, got 16");
    expect(() => sealWithDataKey({ ...key, bunkerId: "" }, made, io)).toThrow("expected a bunker id");
    expect(() => sealWithDataKey({ ...key, userPubkey: "A1".repeat(32) }, made, io)).toThrow("64 lower-case hex digits");
  });
});
