import { describe, expect, it } from "vitest";
import type { Field } from "../../../src/sealing/encode.ts";
import { fitsRow, macRow } from "../../../src/sealing/row-mac.ts";
import { sampleBytes } from "../../support/sealing-samples.ts";

const KEY = sampleBytes("row mac key");
const ROW: Field[] = ["connection 1", "full-access", 1_700_000_000, null, new Uint8Array([1, 2])];

describe("the MAC of a row", () => {
  const mac = macRow(KEY, "connection", ROW);

  it("fits the row it was made for", () => {
    expect(mac.length).toBe(32);
    expect(fitsRow(KEY, "connection", [...ROW], mac)).toBe(true);
  });

  it("fits no row with any one value changed", () => {
    const changes: Field[] = ["connection 2", "Full-access", 1_700_000_001, 0, new Uint8Array([1, 3])];
    const fitting = changes.filter((change, at) => fitsRow(KEY, "connection", ROW.with(at, change), mac));
    expect(fitting).toEqual([]);
  });

  it("fits no other table, order, length or key", () => {
    expect(fitsRow(KEY, "member", ROW, mac)).toBe(false);
    expect(fitsRow(KEY, "connection", ROW.toReversed(), mac)).toBe(false);
    expect(fitsRow(KEY, "connection", ROW.slice(1), mac)).toBe(false);
    expect(fitsRow(KEY, "connection", [...ROW, null], mac)).toBe(false);
    expect(fitsRow(sampleBytes("another key"), "connection", ROW, mac)).toBe(false);
  });

  it("is fitted by no changed or shortened MAC", () => {
    for (let at = 0; at < mac.length; at++) expect(fitsRow(KEY, "connection", ROW, mac.with(at, (mac[at] ?? 0) ^ 1))).toBe(false);
    expect(fitsRow(KEY, "connection", ROW, mac.subarray(0, 16))).toBe(false);
    expect(fitsRow(KEY, "connection", ROW, new Uint8Array(0))).toBe(false);
  });
});
