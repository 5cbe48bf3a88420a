import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  authUrlResponse,
  errorResponse,
  formatRequest,
  isSignerMethod,
  parseRequest,
  SIGNER_METHODS,
  successResponse,
} from "../../../src/protocol/signer-message.ts";
import { anyJsonText, PROTOTYPE_NAMES } from "./support.ts";

const ignored = { kind: "ignore" };

describe("a request", () => {
  test("is read as clients write it", () => {
    expect(parseRequest(formatRequest({ id: "1", method: "ping", params: ["a", ""] }))).toEqual({
      kind: "request",
      id: "1",
      method: "ping",
      params: ["a", ""],
    });
  });

  test.each([
    "",
    "x",
    "[]",
    "[1]",
    "7",
    "null",
    '"ping"',
    "true",
    '{"id":"1"',
    "[".repeat(10_000),
    `{"id":"1","method":"ping","params":${"[".repeat(10_000)}`,
  ])("that is no JSON object (%#) is met with silence", (text) => {
    expect(parseRequest(text)).toEqual(ignored);
  });

  test.each([undefined, null, 7, {}, [], true, "x".repeat(257), "x".repeat(100_000)])(
    "with an id that cannot be echoed (%#) is met with silence",
    (id) => {
      expect(parseRequest(JSON.stringify({ id, method: "ping", params: [] }))).toEqual(ignored);
    },
  );

  test.each(["", "x".repeat(256), "a\n\u0000", "🤙", "__proto__"])("keeps its id %j", (id) => {
    expect(parseRequest(JSON.stringify({ id, method: "ping", params: [] }))).toMatchObject({ kind: "request", id });
  });

  test.each(['{"id":"1","result":"pong"}', '{"id":"1","result":"error","error":"x"}', '{"id":"1","method":7}', '{"id":"1","method":null}'])(
    "without a method, as a response is (%s), is met with silence",
    (text) => {
      expect(parseRequest(text)).toEqual(ignored);
    },
  );

  test("our own responses are no requests, so no reply can loop", () => {
    for (const text of [successResponse("1", "ack"), errorResponse("1", "no"), authUrlResponse("1", "https://a.example")]) {
      expect(parseRequest(text)).toEqual(ignored);
    }
  });

  test.each(["{}", '{"params":null}'])("without params (%s) has none", (more) => {
    const text = JSON.stringify({ id: "1", method: "ping", ...(JSON.parse(more) as object) });
    expect(parseRequest(text)).toEqual({ kind: "request", id: "1", method: "ping", params: [] });
  });

  test.each([{}, "x", "", 0, 1, true, [1], [null], ["a", {}], [{ kind: 1 }], [["a"]]])(
    "with params %j is answered with an error",
    (params) => {
      const parsed = parseRequest(JSON.stringify({ id: "1", method: "sign_event", params }));
      expect(parsed).toEqual({
        kind: "invalid-params",
        id: "1",
        method: "sign_event",
        problem: expect.stringContaining("string") as unknown,
      });
    },
  );

  test("may repeat members and have more of them", () => {
    const text = '{"jsonrpc":"2.0","id":"0","id":"1","method":"foo","method":"ping","params":[],"constructor":1,"__proto__":{"id":"2"}}';
    expect(parseRequest(text)).toEqual({ kind: "request", id: "1", method: "ping", params: [] });
  });

  test("with a method of 100 kB is cut, and cutting never makes it a known one", () => {
    const parsed = parseRequest(JSON.stringify({ id: "1", method: `ping${"x".repeat(100_000)}`, params: [] }));
    expect(parsed).toMatchObject({ kind: "request", method: `ping${"x".repeat(60)}` });
    expect(SIGNER_METHODS.every((method) => method.length < 64)).toBe(true);
  });

  test("of any JSON, or any text at all, is read without an exception", () => {
    const kinds = new Set(["request", "invalid-params", "ignore"]);
    fc.assert(fc.property(fc.oneof(anyJsonText, fc.string()), (text) => kinds.has(parseRequest(text).kind)));
    fc.assert(fc.property(anyJsonText, (params) => kinds.has(parseRequest(`{"id":"1","method":"ping","params":${params}}`).kind)));
  });
});

describe("the methods", () => {
  test("are those of NIP-46", () => {
    for (const method of SIGNER_METHODS) expect(isSignerMethod(method)).toBe(true);
    expect(SIGNER_METHODS).toHaveLength(10);
  });

  test.each([
    ...PROTOTYPE_NAMES,
    "has",
    "size",
    "",
    "PING",
    " ping",
    "get_relays",
    "create_account",
    "describe",
    "disconnect",
    "nip44_get_key",
  ])("do not include %j", (method) => {
    expect(isSignerMethod(method)).toBe(false);
  });
});

describe("a response", () => {
  test("of success has a string result and no error member", () => {
    expect(successResponse("7", '["wss://a.example"]')).toBe('{"id":"7","result":"[\\"wss://a.example\\"]"}');
    expect(successResponse("", "null")).toBe('{"id":"","result":"null"}');
  });

  test('of failure has the result "error" and a text that is never empty', () => {
    expect(errorResponse("7", "denied by policy: no")).toBe('{"id":"7","result":"error","error":"denied by policy: no"}');
    expect((JSON.parse(errorResponse("7", "")) as { error: string }).error).not.toBe("");
  });

  test("of an auth challenge carries the page in the error member", () => {
    expect(authUrlResponse("7", "https://a.example/x")).toBe('{"id":"7","result":"auth_url","error":"https://a.example/x"}');
  });
});
