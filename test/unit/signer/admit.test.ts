// The cheap refusals, before any cryptography.

import { describe, expect, test } from "vitest";
import type { NostrEvent } from "../../../src/protocol/event.ts";
import type { EventId, Pubkey, UnixSeconds } from "../../../src/protocol/keys.ts";
import { admit } from "../../../src/signer/admit.ts";

const OURS = "aa".repeat(32);
const CLIENT = "bb".repeat(32);
const NOW = 1_795_000_000;
const event: NostrEvent = {
  id: "11".repeat(32) as EventId,
  pubkey: CLIENT as Pubkey,
  created_at: NOW,
  kind: 24_133,
  tags: [["p", OURS]],
  content: "…",
  sig: "22".repeat(64),
};

function admitted(change: Partial<NostrEvent>) {
  const window = { maxAgeSeconds: 300, maxLeadSeconds: 60 };
  const answer = admit({ ...event, ...change }, NOW as UnixSeconds, window, (pubkey) => pubkey === OURS);
  return "refused" in answer ? answer.refused : "admitted";
}

describe("an event", () => {
  test.each<[string, Partial<NostrEvent>]>([
    ["of now, to one of our keys", {}],
    ["300 s old", { created_at: NOW - 300 }],
    ["60 s ahead", { created_at: NOW + 60 }],
    [
      "with our key as its second p tag",
      {
        tags: [
          ["p", CLIENT],
          ["p", OURS],
        ],
      },
    ],
    [
      "that has not expired yet",
      {
        tags: [
          ["p", OURS],
          ["expiration", String(NOW + 1)],
        ],
      },
    ],
  ])("%s is admitted", (_name, change) => {
    expect(admitted(change)).toBe("admitted");
  });

  test.each<[string, Partial<NostrEvent>, RegExp]>([
    ["of another kind", { kind: 24_134 }, /^restricted: /],
    ["without a p tag", { tags: [] }, /^restricted: /],
    ["with a p tag that is not ours", { tags: [["p", CLIENT]] }, /^restricted: /],
    ["of one of our own keys", { pubkey: OURS as Pubkey }, /^restricted: /],
    ["301 s old", { created_at: NOW - 301 }, /^invalid: .*old/],
    ["61 s ahead", { created_at: NOW + 61 }, /^invalid: .*future/],
    [
      "that has expired (NIP-40)",
      {
        tags: [
          ["p", OURS],
          ["expiration", String(NOW)],
        ],
      },
      /^invalid: .*expired/,
    ],
  ])("%s is refused", (_name, change, words) => {
    expect(admitted(change)).toMatch(words);
  });
});

test("a long list of recipients costs no look-up each", () => {
  let looked = 0;
  const tags = Array.from({ length: 10_000 }, () => ["p", CLIENT]);
  admit({ ...event, tags }, NOW as UnixSeconds, { maxAgeSeconds: 300, maxLeadSeconds: 60 }, () => {
    looked += 1;
    return false;
  });
  expect(looked).toBeLessThan(10);
});
