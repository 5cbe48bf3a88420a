import { describe, expect, it } from "vitest";
import { fitsCheckValue, parseRootSecret, rootCheckValue, rootOf, RootSecret } from "../../../src/sealing/root-secret.ts";
import { everythingShownOf, holdsBytes, sampleBytes, sampleRoot } from "../../support/sealing-samples.ts";

const BYTES = sampleBytes("root");
const base64 = (bytes: Uint8Array, alphabet: "base64" | "base64url" = "base64"): string => Buffer.from(bytes).toString(alphabet);

describe("reading a root secret", () => {
  it("takes 32 bytes in either alphabet, padded or not, with space around", () => {
    const id = sampleRoot().id;
    const spellings = [base64(BYTES), base64(BYTES).replace("=", ""), base64(BYTES, "base64url"), `  ${base64(BYTES)}\n`];
    expect(spellings.map((text) => parseRootSecret(text))).toMatchObject(spellings.map(() => ({ ok: true, root: { id } })));
  });

  it.each([undefined, "", "  \n"])("calls %j missing", (text) => {
    expect(parseRootSecret(text)).toEqual({ ok: false, problem: "missing" });
  });

  it.each([0, 1, 2, 16, 31])("calls %d bytes too short, or missing", (length) => {
    expect(parseRootSecret(base64(BYTES.subarray(0, length)))).toEqual({ ok: false, problem: length === 0 ? "missing" : "short" });
  });

  it.each([
    ["33 bytes", Buffer.concat([BYTES, BYTES.subarray(0, 1)]).toString("base64")],
    ["hex digits", Buffer.from(BYTES).toString("hex")],
    ["no base64", "not base64 at all!"],
    ["both alphabets in one", `-+${base64(BYTES).slice(2)}`],
    ["padding in the middle", `${base64(BYTES).slice(0, 20)}=${base64(BYTES).slice(20, 43)}`],
    ["too much padding", `${base64(BYTES)}=`],
    ["bits left over", `${base64(new Uint8Array(BYTES)).slice(0, 42)}B=`],
    ["equal bytes", base64(new Uint8Array(32).fill(7))],
    ["two bytes in turn", base64(Uint8Array.from({ length: 32 }, (_, at) => at % 2))],
    ["bytes counted up", base64(Uint8Array.from({ length: 32 }, (_, at) => at + 250))],
    ["bytes in even steps", base64(Uint8Array.from({ length: 32 }, (_, at) => at * 3))],
  ])("calls %s malformed", (_, text) => {
    expect(parseRootSecret(text)).toEqual({ ok: false, problem: "malformed" });
  });
});

describe("a root secret", () => {
  it("has an id of 16 hex digits that differs from root to root", () => {
    expect(sampleRoot().id).toMatch(/^[0-9a-f]{16}$/);
    expect(sampleRoot().id).not.toBe(sampleRoot("other").id);
  });

  it("shows its id and nothing else of itself", () => {
    const shown = everythingShownOf(sampleRoot());
    expect(shown).toContain(sampleRoot().id);
    expect(holdsBytes(shown, BYTES)).toBe(false);
    expect(Object.keys(sampleRoot())).toEqual(["id"]);
    expect(Object.keys(structuredClone(sampleRoot()))).toEqual(["id"]);
  });

  it("keeps a copy, so that the given bytes can be wiped", () => {
    const given = sampleBytes("root");
    const root = new RootSecret(given);
    given.fill(0);
    expect(root.derive("countersign/sample/v1")).toEqual(sampleRoot().derive("countersign/sample/v1"));
  });

  it("derives another key for another label, salt or root", () => {
    const keys = [
      sampleRoot().derive("countersign/sample/v1"),
      sampleRoot().derive("countersign/sample/v2"),
      sampleRoot().derive("countersign/sample/v1", sampleBytes("salt")),
      sampleRoot("other").derive("countersign/sample/v1"),
      sampleRoot().deriveWithDataKey(sampleBytes("data key"), "countersign/sample/v1", sampleBytes("salt"), []),
    ].map((key) => Buffer.from(key).toString("hex"));
    expect(new Set(keys).size).toBe(keys.length);
    expect(() => sampleRoot().derive("sample")).toThrow("expected a label");
  });

  it("refuses other sizes, naming sizes only", () => {
    expect(() => new RootSecret(BYTES.subarray(1))).toThrow("expected a root secret of 32 bytes, got 31");
    expect(() => sampleRoot().deriveWithDataKey(BYTES.subarray(1), "countersign/sample/v1", BYTES, [])).toThrow(
      "a data key of 32 bytes, got 31",
    );
  });
});

describe("the check value", () => {
  it("fits its root and no other", () => {
    const value = rootCheckValue(sampleRoot());
    expect(value).toMatch(/^[0-9a-f]{64}$/);
    expect(fitsCheckValue(sampleRoot(), value)).toBe(true);
    expect(fitsCheckValue(sampleRoot("other"), value)).toBe(false);
    expect(fitsCheckValue(sampleRoot(), value.slice(1))).toBe(false);
    expect(fitsCheckValue(sampleRoot(), "")).toBe(false);
  });
});

describe("choosing among roots", () => {
  it("finds the root that a record names", () => {
    const roots = [sampleRoot(), sampleRoot("next")];
    expect(rootOf(sampleRoot("next").id, roots)).toBe(roots[1]);
  });

  it("names the ids when there is none", () => {
    const wanted = sampleRoot("lost").id;
    const message = `sealed under root secret ${wanted}, but here is ${sampleRoot().id}, ${sampleRoot("next").id}`;
    expect(() => rootOf(wanted, [sampleRoot(), sampleRoot("next")])).toThrow(message);
    expect(() => rootOf(wanted, [])).toThrow("but here is none");
  });
});
