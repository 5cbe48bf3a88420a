import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../../../src/sealing/encode.ts";
import type { Field } from "../../../src/sealing/encode.ts";

const LABEL = "countersign/sample/v1";
const field = fc.oneof<fc.Arbitrary<Field>[]>(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.maxSafeInteger(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 8 }),
);
const hex = (label: string, fields: readonly Field[]): string => Buffer.from(encode(label, fields)).toString("hex");
const told = (fields: readonly Field[]): string =>
  JSON.stringify(fields.map((value) => (value instanceof Uint8Array ? { bytes: [...value] } : Object.is(value, -0) ? 0 : value)));

describe("the encoding of a label and fields", () => {
  it("differs whenever the fields differ", () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 4 }), fc.array(field, { maxLength: 4 }), (one, other) => {
        expect(hex(LABEL, one) === hex(LABEL, other)).toBe(told(one) === told(other));
      }),
    );
  });

  it.each<[string, Field[], Field[]]>([
    ["text cut elsewhere", ["ab", "c"], ["a", "bc"]],
    ["a number and its digits", [1], ["1"]],
    ["text and its bytes", ["1"], [new Uint8Array([0x31])]],
    ["nothing and empty text", [null], [""]],
    ["empty text and no field", [""], []],
    ["empty text and empty bytes", [""], [new Uint8Array(0)]],
    ["two fields and one that holds the seam", ["a", "b"], ["a\u0001\u0000\u0000\u0000\u0000b"]],
    ["a field and an encoded field", ["a", "b"], ["a\u0001\u0000\u0000\u0000\u0001b"]],
  ])("tells %s apart", (_, one, other) => {
    expect(hex(LABEL, one)).not.toBe(hex(LABEL, other));
  });

  it("tells version 1 with a field from version 10", () => {
    expect(hex("countersign/sample/v1", ["0"])).not.toBe(hex("countersign/sample/v10", []));
  });

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuses the number %d", (value) => {
    expect(() => encode(LABEL, [value])).toThrow("expected a safe integer");
  });

  it("refuses text that UTF-8 cannot carry", () => {
    expect(() => encode(LABEL, ["\ud800"])).toThrow("lone surrogate");
  });

  it("refuses values of another type", () => {
    expect(() => encode(LABEL, [true as unknown as Field])).toThrow("got boolean");
    expect(() => encode(LABEL, [undefined as unknown as Field])).toThrow("got undefined");
    expect(() => encode(LABEL, [[1] as unknown as Field])).toThrow("got object");
  });

  it.each(["", "inbox", "countersign/inbox", "countersign/inbox/1", "countersign/inbox/v0", "countersign/inbox/v01", "countersign/In/v1"])(
    "refuses the label %j",
    (label) => {
      expect(() => encode(label, [])).toThrow("expected a label");
    },
  );

  it("refuses a label with anything before or behind", () => {
    expect(() => encode(` ${LABEL}`, [])).toThrow("expected a label");
    expect(() => encode(`${LABEL}\n`, [])).toThrow("expected a label");
    expect(() => encode(`${LABEL}\u0000`, [])).toThrow("expected a label");
  });
});
