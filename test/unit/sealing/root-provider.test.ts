import { describe, expect, it } from "vitest";
import { KeyServiceError } from "../../../src/sealing/providers/provider.ts";
import type { KeyServiceProblem } from "../../../src/sealing/providers/provider.ts";
import { ROOT_PROVIDER_NOTICE, rootProvider } from "../../../src/sealing/providers/root.ts";
import { everythingShownOf, holdsBytes, sampleRandom, sampleRoot } from "../../support/sealing-samples.ts";

const HERE = { bunkerId: "bunker-a" };
const failure = async (work: Promise<unknown>): Promise<KeyServiceError> => {
  const error = await work.then(
    () => expect.unreachable(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KeyServiceError);
  return error as KeyServiceError;
};

describe("the provider root", () => {
  it("says that it is no KMS", () => {
    expect(rootProvider(sampleRoot(), sampleRandom()).name).toBe("root");
    expect(ROOT_PROVIDER_NOTICE).toContain("no KMS");
  });

  it("makes a fresh data key each time and opens it again", async () => {
    const provider = rootProvider(sampleRoot(), sampleRandom());
    const [one, two] = [await provider.newDataKey(HERE), await provider.newDataKey(HERE)];
    expect(one.dataKey).not.toEqual(two.dataKey);
    expect(one.keyId).toBe(sampleRoot().id);
    expect(await provider.openDataKey(one.wrapped, one, HERE)).toEqual(one.dataKey);
    expect(await provider.openDataKey(two.wrapped, two, HERE)).toEqual(two.dataKey);
  });

  it("opens under the other root while a rotation lasts, and wraps under its own", async () => {
    const next = sampleRoot("next");
    const before = await rootProvider(sampleRoot(), sampleRandom()).newDataKey(HERE);
    const during = rootProvider(next, sampleRandom(), [sampleRoot()]);
    expect(await during.openDataKey(before.wrapped, before, HERE)).toEqual(before.dataKey);
    expect((await during.newDataKey(HERE)).keyId).toBe(next.id);
  });

  it("names both roots when it has not the right one", async () => {
    const made = await rootProvider(sampleRoot(), sampleRandom()).newDataKey(HERE);
    const other = sampleRoot("other");
    const error = await failure(rootProvider(other, sampleRandom()).openDataKey(made.wrapped, made, HERE));
    expect(error.kind).toBe("misconfigured");
    expect(error.message).toBe(`sealed under root secret ${sampleRoot().id}, but here is ${other.id}`);
  });

  it("calls it corrupt when the wrapped key is changed, cut, of another bunker or of another version", async () => {
    const provider = rootProvider(sampleRoot(), sampleRandom());
    const made = await provider.newDataKey(HERE);
    const attempts = [
      provider.openDataKey(made.wrapped.with(60, (made.wrapped[60] ?? 0) ^ 1), made, HERE),
      provider.openDataKey(made.wrapped.subarray(0, 20), made, HERE),
      provider.openDataKey(made.wrapped, made, { bunkerId: "bunker-b" }),
      provider.openDataKey(made.wrapped, { ...made, keyVersion: "2" }, HERE),
      provider.openDataKey(made.wrapped, { ...made, keyId: sampleRoot("other").id }, HERE),
    ];
    const errors = await Promise.all(attempts.map(failure));
    expect(errors.map((error) => error.kind)).toEqual(errors.map((): KeyServiceProblem => "corrupt"));
    expect(errors.some((error) => holdsBytes(everythingShownOf(error), made.dataKey))).toBe(false);
  });
});
