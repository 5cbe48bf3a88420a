import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEmail } from "../../../src/notify/message.ts";

describe("an address", () => {
  it.each([
    ["ana@example.org", "ana@example.org"],
    ["  Ana.Maria+News@Example.ORG \n", "ana.maria+news@example.org"],
    ["o'hara_1@sub.domain.example", "o'hara_1@sub.domain.example"],
    ["ana@bücher.example", "ana@xn--bcher-kva.example"],
    ["ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"],
    ["dev@localhost", "dev@localhost"],
  ])("%j is %s", (typed, address) => {
    expect(parseEmail(typed)).toBe(address);
  });

  it.each([
    "",
    "ana",
    "@example.org",
    "ana@",
    "ana@example",
    "ana@@example.org",
    "ana@thief.example@example.org",
    "ana maria@example.org",
    '"ana maria"@example.org',
    ".ana@example.org",
    "ana.@example.org",
    "a..b@example.org",
    "ana@example..org",
    "ana@.example.org",
    "ana@example.org.",
    "ana@-example.org",
    "ana@exam_ple.org",
    "ana@[127.0.0.1]",
    "ana@127.0.0.1",
    "ana@0x7f.1",
    "ana@example.org:25",
    "ana@ex%61mple.org",
    "ana@example.org/path",
    "Ana <ana@example.org>",
    "<ana@example.org>",
    "ana@example.org,ben@example.org",
    "ana@example.org\r\nBcc: thief@example.org",
    "ana\r\n@example.org",
    "ana\0@example.org",
    "ana@exam\u200bple.org\u2028x",
    "аna@example.org",
    "an\u212aa@example.org",
    `${"a".repeat(65)}@example.org`,
    `ana@${"a".repeat(64)}.org`,
    `ana@${"a.".repeat(130)}org`,
  ])("%j is none", (typed) => {
    expect(parseEmail(typed)).toBeUndefined();
  });

  it("reads the same after a second reading, and never holds what ends a header or a command", () => {
    const part = fc.string({ unit: "binary", maxLength: 20 });
    fc.assert(
      fc.property(part, part, fc.constantFrom("example.org", "EXAMPLE.org", ""), (local, domain, rest) => {
        const address = parseEmail(`${local}@${domain}${rest}`);
        if (address === undefined) return;
        expect(parseEmail(address)).toBe(address);
        expect(address).toMatch(/^[\x21-\x3b\x3d\x3f-\x7e]+@[a-z0-9.-]+$/);
      }),
      { numRuns: 300 },
    );
  });
});
