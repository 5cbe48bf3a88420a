import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signEvent } from "../../../src/protocol/event.ts";
import {
  authFrame,
  clientEventFrame,
  closedFrame,
  closeFrame,
  eoseFrame,
  eventFrame,
  noticeFrame,
  okFrame,
  parseClientFrame,
  parseRelayFrame,
  reqFrame,
} from "../../../src/protocol/relay-message.ts";
import { anyJsonText, PROTOTYPE_NAMES, user, userSecretKey } from "./support.ts";

const event = signEvent({ kind: 24_133, content: "x", tags: [["p", user]], created_at: 1_000 }, userSecretKey);
const filter = { kinds: [24_133], "#p": [user] };

describe("a client's frame", () => {
  test("is read as our builders write it", () => {
    expect(parseClientFrame(clientEventFrame(event))).toEqual({ type: "EVENT", event });
    expect(parseClientFrame(reqFrame("s", filter, {}))).toEqual({ type: "REQ", subscription: "s", filters: [filter, {}] });
    expect(parseClientFrame(closeFrame("s"))).toEqual({ type: "CLOSE", subscription: "s" });
    expect(parseClientFrame(authFrame(event))).toEqual({ type: "AUTH" });
  });

  test("may carry more than it needs", () => {
    expect(parseClientFrame(JSON.stringify(["EVENT", { ...event, extra: {} }, 1, null]))).toEqual({ type: "EVENT", event });
    expect(parseClientFrame('["CLOSE","s","t"]')).toEqual({ type: "CLOSE", subscription: "s" });
  });

  test("with a malformed event is refused to that event's id", () => {
    const text = JSON.stringify(["EVENT", { ...event, sig: "x" }]);
    expect(parseClientFrame(text)).toEqual({ problem: "event is not well-formed", eventId: event.id });
    expect(parseClientFrame('["EVENT",{"id":"x"}]')).toEqual({ problem: "event is not well-formed" });
  });

  test("with malformed filters is refused to that subscription", () => {
    for (const rest of ['{"kinds":"1"}', "null", "[]", '{},{"#p":["x"]}', Array(21).fill("{}").join(",")]) {
      expect(parseClientFrame(`["REQ","s",${rest}]`)).toEqual({ problem: expect.any(String) as unknown, subscription: "s" });
    }
    expect(parseClientFrame('["REQ","s"]')).toMatchObject({ subscription: "s" });
  });

  test.each([0, 1, 64, 65])("with a subscription id of %i characters", (length) => {
    const accepted = length >= 1 && length <= 64;
    expect("problem" in parseClientFrame(reqFrame("s".repeat(length), filter))).toBe(!accepted);
    expect("problem" in parseClientFrame(closeFrame("s".repeat(length)))).toBe(!accepted);
  });

  test.each([
    "",
    "x",
    "null",
    "1",
    "{}",
    "[]",
    "[1]",
    '["event"]',
    '["COUNT","s",{}]',
    '["REQ"]',
    '["REQ",1,{}]',
    '["CLOSE"]',
    '["CLOSE",null]',
    '["EVENT"]',
    '["EVENT",null]',
    '["EVENT",[]]',
    "[".repeat(10_000),
    `["REQ","s",${"[".repeat(9_000)}${"]".repeat(9_000)}]`,
    ...PROTOTYPE_NAMES.map((name) => `["${name}"]`),
  ])("that is none we serve is refused with words", (text) => {
    expect(parseClientFrame(text)).toMatchObject({ problem: expect.stringMatching(/\S/) as unknown });
  });

  test("of any JSON, or any text at all, is read or refused without an exception", () => {
    const check = (text: string) => "type" in parseClientFrame(text) || "problem" in parseClientFrame(text);
    fc.assert(fc.property(anyJsonText, check));
    fc.assert(fc.property(fc.string(), check));
    const type = fc.constantFrom("EVENT", "REQ", "CLOSE", "AUTH");
    fc.assert(fc.property(type, anyJsonText, anyJsonText, (name, a, b) => check(`["${name}",${a},${b}]`)));
  });
});

describe("a relay's frame", () => {
  test("is read as our builders write it", () => {
    expect(parseRelayFrame(eventFrame("s", event))).toEqual({ type: "EVENT", subscription: "s", event });
    expect(parseRelayFrame(okFrame(event.id, false, "rate-limited: slow down"))).toEqual({
      type: "OK",
      eventId: event.id,
      accepted: false,
      message: "rate-limited: slow down",
    });
    expect(parseRelayFrame(eoseFrame("s"))).toEqual({ type: "EOSE", subscription: "s" });
    expect(parseRelayFrame(closedFrame("s", "auth-required: "))).toEqual({ type: "CLOSED", subscription: "s", message: "auth-required: " });
    expect(parseRelayFrame(noticeFrame("hi"))).toEqual({ type: "NOTICE", message: "hi" });
    expect(parseRelayFrame('["AUTH","challenge"]')).toEqual({ type: "AUTH", challenge: "challenge" });
  });

  test("may leave its message out, and a long one is cut", () => {
    expect(parseRelayFrame(`["OK","${event.id}",true]`)).toMatchObject({ accepted: true, message: "" });
    expect(parseRelayFrame('["CLOSED","s"]')).toMatchObject({ message: "" });
    const cut = parseRelayFrame(noticeFrame("😀".repeat(10_000)));
    expect(cut).toEqual({ type: "NOTICE", message: "😀".repeat(256) });
    expect(parseRelayFrame(noticeFrame(`x${"😀".repeat(256)}`))).toEqual({ type: "NOTICE", message: `x${"😀".repeat(255)}\uFFFD` });
  });

  test.each([
    "",
    "null",
    "{}",
    "[]",
    '["EVENT","s"]',
    '["EVENT","s",{}]',
    `["EVENT",1,${JSON.stringify(event)}]`,
    '["OK","x",true,""]',
    `["OK","${event.id}","true",""]`,
    '["EOSE"]',
    '["EOSE",7]',
    '["CLOSED",null,""]',
    '["AUTH"]',
    '["AUTH",""]',
    '["AUTH",{}]',
    `["AUTH","${"x".repeat(1_025)}"]`,
    '["AUTH","\\ud800"]',
    '["COUNT","s",{}]',
    "[".repeat(10_000),
    '["__proto__"]',
    '["constructor"]',
  ])("that is none we know is dropped", (text) => {
    expect(parseRelayFrame(text)).toBeUndefined();
  });

  test("of any JSON, or any text at all, is read or dropped without an exception", () => {
    fc.assert(fc.property(anyJsonText, (text) => [undefined, "object"].includes(typeof (parseRelayFrame(text) ?? {}))));
    fc.assert(fc.property(fc.string(), (text) => parseRelayFrame(text) === undefined));
    const type = fc.constantFrom("EVENT", "OK", "EOSE", "CLOSED", "NOTICE", "AUTH");
    fc.assert(
      fc.property(type, anyJsonText, anyJsonText, anyJsonText, (name, a, b, c) => {
        const frame = parseRelayFrame(`["${name}",${a},${b},${c}]`);
        return frame === undefined || frame.type === name;
      }),
    );
  });
});
