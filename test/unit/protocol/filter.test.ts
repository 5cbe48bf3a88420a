import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signEvent } from "../../../src/protocol/event.ts";
import { matchFilter, parseFilter } from "../../../src/protocol/filter.ts";
import { parseJson } from "../../../src/protocol/json.ts";
import { anyJsonText, other, PROTOTYPE_NAMES, user, userSecretKey } from "./support.ts";

const tags = [["p", other, "wss://relay.example"], ["p", user], ["t", "cats"], ["d"], []];
const event = signEvent({ kind: 24_133, content: "", tags, created_at: 1_000 }, userSecretKey);

describe("a filter", () => {
  test("is read as it is written", () => {
    const filter = { ids: [event.id], authors: [user], kinds: [1, 24_133], "#p": [other], "#T": ["x"], since: 0, until: 5, limit: 0 };
    expect(parseFilter(filter)).toEqual(filter);
    expect(parseFilter({})).toEqual({});
  });

  test.each(["search", "foo", ...PROTOTYPE_NAMES])("loses the unknown member %s", (name) => {
    expect(parseFilter(JSON.parse(`{"kinds":[1],"${name}":{"x":1}}`))).toEqual({ kinds: [1] });
  });

  test.each([
    { ids: "x" },
    { ids: ["x"] },
    { ids: [user.toUpperCase()] },
    { authors: [null] },
    { authors: [user.slice(0, 63)] },
    { kinds: ["1"] },
    { kinds: [-1] },
    { kinds: [65_536] },
    { kinds: 1 },
    { "#p": ["x"] },
    { "#p": user },
    { "#e": [1] },
    { "#t": [1] },
    { "#t": null },
    { "#": ["x"] },
    { "#pp": ["x"] },
    { "#1": ["x"] },
    { since: "1" },
    { since: -1 },
    { until: 1.5 },
    { limit: -1 },
    { limit: null },
  ])("with a malformed condition %j is refused", (filter) => {
    expect(parseFilter(filter)).toBeUndefined();
  });

  test.each([null, undefined, [], "x", 1])("is not %j", (value) => {
    expect(parseFilter(value)).toBeUndefined();
  });

  test.each([
    [{}],
    [{ ids: [event.id] }],
    [{ authors: [other, user] }],
    [{ kinds: [1, 24_133] }],
    [{ since: 1_000, until: 1_000 }],
    [{ "#p": [user] }],
    [{ "#p": [other], "#t": ["dogs", "cats"] }],
    [{ limit: 0 }],
  ])("%j matches", (filter) => {
    expect(matchFilter(filter, event)).toBe(true);
  });

  test.each([
    [{ ids: [user] }],
    [{ ids: [] }],
    [{ authors: [other] }],
    [{ kinds: [] }],
    [{ kinds: [1] }],
    [{ since: 1_001 }],
    [{ until: 999 }],
    [{ "#p": [] }],
    [{ "#p": [event.id] }],
    [{ "#t": ["cat"] }],
    [{ "#T": ["cats"] }],
    [{ "#d": [""] }],
    [{ "#p": [other], kinds: [1] }],
    [{ "#p": [other], "#t": ["dogs"] }],
  ])("%j does not match", (filter) => {
    expect(matchFilter(filter, event)).toBe(false);
  });

  test("of any JSON is read, refused and matched without an exception", () => {
    fc.assert(
      fc.property(anyJsonText, (text) => {
        const filter = parseFilter(parseJson(text));
        return filter === undefined || typeof matchFilter(filter, event) === "boolean";
      }),
    );
  });
});
