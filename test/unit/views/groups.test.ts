import { expect, it } from "vitest";
import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import { grouped, manyWords, MAX_TOGETHER, oneWord } from "../../../src/views/approval/groups.ts";

const BEGIN = Date.parse("2026-11-26T12:00:00.000Z");

function approval(id: string, seconds: number, other: { app?: string; kind?: number; state?: string } = {}): ApprovalView {
  const { app = "news-bot", kind = 1, state = "pending" } = other;
  const askedAt = new Date(BEGIN + seconds * 1000).toISOString();
  return {
    id,
    askedAt,
    state,
    kind,
    method: "sign_event",
    bunker: { id: "b" },
    connection: { id: app },
    presentation: {},
  } as unknown as ApprovalView;
}

const ids = (items: readonly ApprovalView[]) => grouped(items).map((group) => group.map(({ id }) => id).join(" "));

it("puts what one app asks within a minute of the first together, in the place of the first of the list, the oldest first", () => {
  const [one, two, three] = [approval("one", 0), approval("two", 60), approval("three", 61)];
  expect(ids([three, two, one])).toEqual(["three", "one two"]);
  expect(ids([two, three, one])).toEqual(["one two", "three"]);
});

it("never puts together what is of two apps, of two kinds, or decided", () => {
  const first = approval("one", 0);
  for (const other of [{ app: "phone" }, { kind: 7 }, { state: "approved" }]) {
    expect(ids([first, approval("two", 1, other)])).toEqual(["one", "two"]);
  }
  expect(ids([approval("one", 0, { state: "rejected" }), approval("two", 1, { state: "rejected" })])).toEqual(["one", "two"]);
});

it("begins another card where one is full", () => {
  const many = Array.from({ length: MAX_TOGETHER + 1 }, (_, index) => approval(String(index), 1));
  expect(grouped(many).map(({ length }) => length)).toEqual([MAX_TOGETHER, 1]);
});

it.each([
  ["sign_event", 1, "3 notes", "a note"],
  ["sign_event", 0, "3 requests about the profile", "the profile"],
  ["sign_event", 31_337, "3 unknown events (kind 31337)", "something unknown (kind 31337)"],
  ["nip44_decrypt", null, "3 messages to read", "a message to read"],
  ["nip04_encrypt", null, "3 messages to encrypt", "a message to encrypt"],
] as const)("calls %s of kind %s what people call it", (method, kind, many, one) => {
  expect([manyWords({ method, kind }, 3), oneWord({ method, kind })]).toEqual([many, one]);
});
