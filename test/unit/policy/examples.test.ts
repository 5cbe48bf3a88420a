// Policy tests that a document carries: it is published only if all hold.

import { expect, test } from "vitest";
import { failingExamples } from "../../../src/policy/examples.ts";
import { FRIEND, NOON, policyOf, problemsOf, STRANGER, USER } from "./policy-table.ts";

const setting = { now: NOON, user: USER, ownHosts: ["countersign.example"] };
const document = {
  name: "bot",
  default: "ask",
  rules: [
    { id: "notes", effect: "allow", kinds: [1], createdAt: { skew: "1m" } },
    { id: "night", effect: "deny", kinds: [1], when: { from: "22:00", to: "06:00" } },
    { id: "dms", effect: "allow", methods: ["nip44_decrypt"], counterparties: [FRIEND], opens: "gift-wrap" },
    { id: "memo", effect: "allow", methods: ["nip44_encrypt"], counterparties: ["self"], content: { size: { max: 5 } } },
  ],
};
const failing = (...examples: object[]) =>
  failingExamples(policyOf({ ...document, examples }), setting).map(({ path, message }) => `${path}: ${message}`);

test("examples that hold say nothing", () => {
  expect(
    failing(
      { request: { event: { kind: 1 } }, effect: "allow" },
      {
        request: { method: "sign_event", event: { kind: 1, content: "gm", tags: [["t", "x"]], created_at: NOON / 1000 - 90 } },
        effect: "ask",
      },
      { request: { event: { kind: 1 }, at: "2026-05-04T23:00:00Z" }, effect: "deny" },
      { request: { method: "nip44_decrypt", counterparty: STRANGER, sealAuthor: FRIEND }, effect: "allow" },
      { request: { method: "nip44_decrypt", counterparty: STRANGER }, effect: "ask" },
      { request: { method: "nip44_encrypt", counterparty: "self", plaintext: "memo" }, effect: "allow" },
      { request: { method: "nip44_encrypt", counterparty: "self", plaintext: "a longer one" }, effect: "ask" },
      { request: { method: "nip04_decrypt", counterparty: FRIEND }, effect: "ask" },
    ),
  ).toEqual([]);
});

test("one that does not is named, with what happened instead", () => {
  expect(failing({ request: { event: { kind: 1 } }, effect: "allow" }, { request: { event: { kind: 5 } }, effect: "deny" })).toEqual([
    "examples[1]: expected deny, got ask: No rule covers it: a deletion (kind 5), 0 characters; everything else asks.",
  ]);
});

test("logins to this console can be tested too", () => {
  const login = { event: { kind: 27_235, tags: [["u", "https://countersign.example/"]] } };
  expect(failing({ request: login, effect: "deny" })).toEqual([]);
});

test.each([
  [{ method: "sign_event" }, "examples[0].request.event: expected an event, as the method is sign_event"],
  [{ event: { kind: 1 }, counterparty: FRIEND }, "examples[0].request.counterparty: expected only for encrypting and reading"],
  [{ method: "nip44_encrypt" }, "examples[0].request.counterparty: expected a counterparty, as the method is nip44_encrypt"],
  [{ method: "nip44_encrypt", counterparty: FRIEND, event: { kind: 1 } }, "examples[0].request.event: expected only for sign_event"],
  [{ event: { kind: 1 }, plaintext: "x" }, "examples[0].request.plaintext: expected only for encrypting"],
  [
    { method: "nip04_decrypt", counterparty: FRIEND, sealAuthor: FRIEND },
    "examples[0].request.sealAuthor: expected only for nip44_decrypt",
  ],
])("half a request is refused: %o", (request, problem) => {
  expect(problemsOf({ ...document, examples: [{ request, effect: "ask" }] })).toEqual([problem]);
});
