import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPermission, parsePermissions } from "../../../src/protocol/permission.ts";

const read = (text: string) => parsePermissions(text).map(formatPermission);

describe("requested permissions", () => {
  test.each([
    ["sign_event:1,nip44_encrypt", ["sign_event:1", "nip44_encrypt"]],
    ["  sign_event:13 ,sign_event : 14,\tping ", ["sign_event:13", "sign_event:14", "ping"]],
    ["get_public_key,sign_event", ["get_public_key", "sign_event"]],
    ["sign_event:0,sign_event:65535", ["sign_event:0", "sign_event:65535"]],
    ["nip44v3_encrypt,decrypt_zap_event,nip:4", ["nip44v3_encrypt", "decrypt_zap_event", "nip:4"]],
    ["ping,ping,sign_event:1,sign_event:1", ["ping", "sign_event:1"]],
  ])("%j are read", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  // Whatever is dropped is dropped whole: `sign_event:abc` must not become a wish for every kind.
  test.each([
    "sign_event:abc, ,SIGN_EVENT:1,sign_event:70000,sign_event:1:2",
    "",
    ",",
    ":",
    ":1",
    "sign_event:",
    "sign_event:-1",
    "sign_event:1.5",
    "sign_event:01",
    "sign_event:0x1",
    "sign_event:1e3",
    "sign_event:65536",
    "sign_event:99999",
    "sign_event:*",
    "ping:",
    "nip04_encrypt:a b",
    "<script>",
    "sign event:1",
    "x".repeat(33),
    `ping:${"x".repeat(41)}`,
    "sign_event:١",
  ])("%j are junk", (text) => {
    expect(read(text)).toEqual([]);
  });

  test("are 100 at most", () => {
    const many = Array.from({ length: 1_000 }, (_, kind) => `sign_event:${kind}`);
    expect(read(many.join(","))).toEqual(many.slice(0, 100));
  });

  test("read back as they are written", () => {
    const method = fc.stringMatching(/^[a-z][a-z0-9_]{0,31}$/).filter((name) => name !== "sign_event");
    const entry = fc.oneof(
      method,
      fc.tuple(method, fc.stringMatching(/^[A-Za-z0-9_.-]{1,40}$/)).map((pair) => pair.join(":")),
      fc.nat(65_535).map((kind) => `sign_event:${kind}`),
    );
    fc.assert(
      fc.property(fc.uniqueArray(entry, { maxLength: 100 }), (entries) => {
        expect(read(entries.join(","))).toEqual(entries);
      }),
    );
  });

  test("of any text are read without an exception, and never say more than the text", () => {
    fc.assert(fc.property(fc.string(), (text) => read(text).every((entry) => text.replace(/\s/g, "").includes(entry))));
  });
});
