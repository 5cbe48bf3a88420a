import fc from "fast-check";
import { finalizeEvent, verifyEvent as libraryVerifies } from "nostr-tools/pure";
import { describe, expect, test } from "vitest";
import { eventId, parseEvent, parseEventTemplate, signEvent, verifyEvent } from "../../../src/protocol/event.ts";
import type { EventTemplate, NostrEvent } from "../../../src/protocol/event.ts";
import { parseJson } from "../../../src/protocol/json.ts";
import { anyJsonText, other, otherSecretKey, user, userSecretKey } from "./support.ts";

const note: EventTemplate = { kind: 1, content: "hello", tags: [["t", "nostr"], []], created_at: 1_700_000_000 };
const signed = signEvent(note, userSecretKey);

/** Content that serialisers have been seen to disagree on. */
const AWKWARD = ["\u2028\u2029", "🤙🏽👨‍👩‍👧", "\u0000", "\u001f", "\u007f", '"\\\n\r\t\b\f/', "\uFEFF", "\ud83d\ude00", "é e\u0301"];

describe("an event's signature", () => {
  test.each(AWKWARD)("over content %j satisfies nostr-tools", (content) => {
    const event = signEvent({ ...note, content, tags: [["x", content]] }, userSecretKey);
    expect(libraryVerifies({ ...event })).toBe(true);
    expect(verifyEvent(event)).toBe(true);
    expect(event.content).toBe(content);
  });

  test("is checked like that of nostr-tools", () => {
    const event = finalizeEvent({ ...note, tags: [...note.tags] }, userSecretKey);
    expect(verifyEvent(event as unknown as NostrEvent)).toBe(true);
    expect(eventId(user, note)).toBe(event.id);
  });

  test("covers any text and any tag", () => {
    const text = fc.string({ unit: "binary" }).filter((value) => value.isWellFormed());
    fc.assert(
      fc.property(text, fc.array(fc.array(text)), fc.nat(65_535), fc.maxSafeInteger(), (content, tags, kind, time) => {
        const event = signEvent({ content, tags, kind, created_at: Math.abs(time) }, userSecretKey);
        expect(libraryVerifies({ ...event })).toBe(true);
        expect(parseEvent(JSON.parse(JSON.stringify(event)))).toEqual(event);
      }),
      { numRuns: 30 },
    );
  });

  test("has seven fields, by the user, with everything that was asked for untouched", () => {
    expect(Object.keys(signed).sort()).toEqual(["content", "created_at", "id", "kind", "pubkey", "sig", "tags"]);
    expect(signed).toMatchObject({ ...note, pubkey: user });
  });

  test.each([
    ["another content", { content: "hell0" }],
    ["another time", { created_at: 1 }],
    ["another kind", { kind: 2 }],
    ["another tag", { tags: [["t", "nostr2"]] }],
    ["another author", { pubkey: other }],
    ["another id", { id: "0".repeat(64) }],
    ["another signature", { sig: signEvent({ ...note, content: "x" }, userSecretKey).sig }],
    ["a zero signature", { sig: "0".repeat(128) }],
    ["an author who is no point", { pubkey: "f".repeat(64) }],
    ["a zero author", { pubkey: "0".repeat(64) }],
  ])("does not verify with %s", (_, change) => {
    expect(verifyEvent({ ...signed, ...change } as NostrEvent)).toBe(false);
  });

  test.each(["f".repeat(64), "0".repeat(64)])("by the impossible author %s over a right hash is false, not an exception", (pubkey) => {
    const forged = { ...note, pubkey, sig: "0".repeat(128) } as NostrEvent;
    expect(verifyEvent({ ...forged, id: eventId(forged.pubkey, forged) })).toBe(false);
  });

  test("by somebody else over a right hash is false", () => {
    const forged = { ...signed, pubkey: other };
    expect(verifyEvent({ ...forged, id: eventId(other, forged) })).toBe(false);
  });

  test("is not made with an invalid key", () => {
    expect(() => signEvent(note, new Uint8Array(32))).toThrow();
    expect(() => signEvent(note, new Uint8Array(31).fill(1))).toThrow();
  });
});

describe("an event's shape", () => {
  test("is kept, unknown members are dropped", () => {
    expect(parseEvent({ ...signed, extra: 1, relays: [] })).toEqual(signed);
  });

  test.each([
    ["an upper-case author", { pubkey: user.toUpperCase() }],
    ["an upper-case id", { id: "A".repeat(64) }],
    ["an upper-case signature", { sig: "A".repeat(128) }],
    ["a short signature", { sig: "a".repeat(126) }],
    ["no signature", { sig: undefined }],
    ["a kind of -1", { kind: -1 }],
    ["a kind of 65536", { kind: 65_536 }],
    ["a broken kind", { kind: 1.5 }],
    ["a kind in words", { kind: "1" }],
    ["a broken time", { created_at: 1.5 }],
    ["a time in words", { created_at: "1" }],
    ["a negative time", { created_at: -1 }],
    ["a time of 2^53", { created_at: 2 ** 53 }],
    ["no tags", { tags: undefined }],
    ["tags that are an object", { tags: {} }],
    ["a tag that is a string", { tags: ["e"] }],
    ["a number in a tag", { tags: [[1]] }],
    ["null in a tag", { tags: [["e", null]] }],
    ["an object in a tag", { tags: [["e", {}]] }],
    ["no content", { content: undefined }],
    ["null as content", { content: null }],
    ["a lone surrogate in the content", { content: "a\ud800" }],
    ["a lone surrogate in a tag", { tags: [["t", "\udc00"]] }],
  ])("with %s is refused", (_, change) => {
    expect(parseEvent({ ...signed, ...change })).toBeUndefined();
  });

  test.each([null, undefined, 1, "event", [], [signed], true])("is not %j", (value) => {
    expect(parseEvent(value)).toBeUndefined();
  });

  test("never throws, whatever the JSON", () => {
    fc.assert(fc.property(anyJsonText, (text) => parseEvent(parseJson(text)) === undefined));
  });
});

describe("the event of a sign_event request", () => {
  const ask = (value: unknown) => parseEventTemplate(value, user);

  test("is taken as it stands", () => {
    for (const content of AWKWARD) expect(ask({ ...note, content })).toEqual({ ok: true, template: { ...note, content } });
  });

  test("may be old: seals are dated back on purpose", () => {
    expect(ask({ ...note, kind: 13, created_at: 1_699_827_200 })).toMatchObject({ ok: true, template: { created_at: 1_699_827_200 } });
  });

  test.each([
    ["without a pubkey", {}],
    ["with the user's pubkey", { pubkey: user }],
    ["with an empty pubkey", { pubkey: "" }],
    ["with a zero pubkey", { pubkey: "0".repeat(64) }],
    ["with an id", { id: signed.id }],
    ["with a wrong id", { id: "0".repeat(64) }],
    ["with an id that is no text", { id: 7 }],
    ["with an empty signature", { sig: "" }],
    ["with a signature", { sig: signed.sig }],
    ["with more members", { relays: ["wss://relay.example"], __proto__x: 1 }],
  ])("%s is accepted and keeps its four fields alone", (_, more) => {
    expect(ask({ ...note, ...more })).toEqual({ ok: true, template: note });
  });

  test.each([
    ["somebody else's pubkey", { pubkey: other }, "pubkey"],
    ["the user's pubkey in upper case", { pubkey: user.toUpperCase() }, "pubkey"],
    ["a pubkey of null", { pubkey: null }, "pubkey"],
    ["no kind", { kind: undefined }, "kind is missing"],
    ["no content", { content: undefined }, "content is missing"],
    ["no tags", { tags: undefined }, "tags is missing"],
    ["no created_at", { created_at: undefined }, "created_at is missing"],
    ["a kind of -1", { kind: -1 }, "kind"],
    ["a kind of 65536", { kind: 65_536 }, "kind"],
    ["a kind of 1.5", { kind: 1.5 }, "kind"],
    ["a kind in words", { kind: "1" }, "kind"],
    ["a created_at of null", { created_at: null }, "created_at"],
    ["a created_at of 1.5", { created_at: 1.5 }, "created_at"],
    ["null in a tag", { tags: [["e", null]] }, "tags"],
    ["a number in a tag", { tags: [[1]] }, "tags"],
    ["a tag that is a string", { tags: ["e"] }, "tags"],
    ["an object in a tag", { tags: [[{}]] }, "tags"],
    ["a lone surrogate in a tag", { tags: [["\ud800"]] }, "tags"],
    ["a lone surrogate in the content", { content: "\udfff" }, "content"],
    ["content that is an object", { content: {} }, "content"],
  ])("with %s is refused, and the words name the field", (_, change, words) => {
    expect(ask({ ...note, ...change })).toEqual({ ok: false, problem: expect.stringContaining(words) as unknown });
  });

  test.each([undefined, null, [], [note], 1, "x"])("is not %j", (value) => {
    expect(ask(value)).toEqual({ ok: false, problem: expect.stringContaining("object") as unknown });
  });

  test("never throws, whatever the JSON", () => {
    fc.assert(fc.property(anyJsonText, (text) => typeof ask(parseJson(text)).ok === "boolean"));
  });

  test("that another key signs has another id", () => {
    expect(signEvent(note, otherSecretKey).id).not.toBe(signed.id);
  });
});
