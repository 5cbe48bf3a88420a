// Guards against accidents and takeovers: what each sees, with its figures, and what each does when nothing can be compared.

import { describe, expect, test } from "vitest";
import {
  deletion,
  event,
  follows,
  FRIEND,
  historyOf,
  NOON,
  note,
  policyOf,
  profile,
  rules,
  sign,
  STRANGER,
  table,
  type Tags,
} from "./policy-table.ts";
import type { EventTemplate } from "../../../src/protocol/event.ts";

const people = (count: number) => Array.from({ length: count }, (_, index) => index.toString(16).padStart(64, "0"));
const listOf = (pubkeys: string[]): EventTemplate =>
  event(
    3,
    "",
    pubkeys.map((pubkey) => ["p", pubkey]),
  );
const relays = (...urls: string[]): Tags => urls.map((url) => ["r", url]);
const denying = (guard: unknown) =>
  rules({ effect: "allow", kinds: [0, 1, 3, 5, 62, 10_002, 10_050, 30_023] }, { effect: "deny", guards: [guard] });

describe("stale-replaceable: never an older version than the last one signed for the same address", () => {
  const dated = (kind: number, seconds: number, tags: Tags = []) => sign(kind, "{}", tags, NOON / 1000 + seconds);
  const history = historyOf([event(0, "{}"), event(3), event(10_002), event(30_023, "", [["d", "one"]]), event(1)]);

  test.each([0, 3, 10_002])("kind %i", (kind) => {
    table(denying("stale-replaceable"), { history }).deny(dated(kind, -1));
    table(denying("stale-replaceable"), { history }).allow(dated(kind, 0), dated(kind, 1));
  });

  test("addressable kinds by their d tag", () => {
    table(denying("stale-replaceable"), { history }).deny(dated(30_023, -1, [["d", "one"]]));
    table(denying("stale-replaceable"), { history }).allow(dated(30_023, -1, [["d", "two"]]), dated(30_023, -1));
  });

  test("ordinary kinds are never stale, and without a baseline nothing is", () => {
    table(denying("stale-replaceable"), { history }).allow(dated(1, -1));
    table(denying("stale-replaceable")).allow(dated(0, -1), dated(3, -1));
  });

  test("says how old it is", () => {
    expect(table(denying("stale-replaceable"), { history }).decide(dated(0, -7200)).reason).toContain(
      "the profile is 2 hours older than the last one signed",
    );
  });
});

describe("mass-unfollow: follows lost beyond a share", () => {
  const history = historyOf([listOf(people(10))]);

  test("one in ten may go, two may not", () => {
    table(denying("mass-unfollow"), { history }).allow(follows(...people(9)), follows(...people(10), FRIEND));
    table(denying("mass-unfollow"), { history }).deny(follows(...people(8)), follows());
  });

  test("exchanging follows is losing them", () => {
    table(denying("mass-unfollow"), { history }).deny(follows(...people(8), FRIEND, STRANGER));
  });

  test("the share is the rule's own", () => {
    table(denying({ guard: "mass-unfollow", share: 0.5 }), { history }).allow(follows(...people(5)));
    table(denying({ guard: "mass-unfollow", share: 0.5 }), { history }).deny(follows(...people(4)));
    table(denying({ guard: "mass-unfollow", share: 1 }), { history }).deny(follows());
  });

  test("says how many of how many", () => {
    expect(table(denying("mass-unfollow"), { history }).decide(follows(...people(4))).reason).toContain("6 of 10 follows lost (60 %)");
  });
});

describe("profile-takeover: changes to name, verified name and payment addresses", () => {
  const history = historyOf([event(0, JSON.stringify({ name: "News", nip05: "news@a.example", about: "x" }))]);
  const same = { name: "News", nip05: "news@a.example" };

  test("the guarded fields", () => {
    table(denying("profile-takeover"), { history }).allow(profile({ ...same, about: "y" }));
    table(denying("profile-takeover"), { history }).deny(
      profile({ ...same, nip05: "x@b.example" }),
      profile({ ...same, lud16: "x@b.example" }),
    );
    table(denying("profile-takeover"), { history }).deny(profile({ ...same, name: "Olds" }), profile({ nip05: "news@a.example" }));
  });

  test("fields of the rule's own choice", () => {
    const policy = denying({ guard: "profile-takeover", fields: ["about"] });
    table(policy, { history }).deny(profile({ ...same, about: "y" }));
    table(policy, { history }).allow(profile({ name: "Olds", about: "x" }));
  });

  test("says which fields, not what they hold", () => {
    const { reason } = table(denying("profile-takeover"), { history }).decide(profile({ ...same, lud16: "x@b.example" }));
    expect(reason).toContain("1 of 4 guarded profile fields: lud16 is new");
    expect(reason).not.toContain("b.example");
  });
});

describe("deletion-storm", () => {
  const history = (deletions: number) => historyOf([event(5)], deletions);

  test("counts what this request deletes and what was deleted in the window", () => {
    table(denying("deletion-storm"), { history: history(0) }).allow(deletion(...people(10)));
    table(denying("deletion-storm"), { history: history(0) }).deny(deletion(...people(11)));
    table(denying("deletion-storm"), { history: history(10) }).deny(deletion("1"));
    table(denying({ guard: "deletion-storm", max: 20, within: "1d" }), { history: history(10) }).allow(deletion(...people(10)));
  });

  test("a request to vanish is a storm by itself", () => {
    table(denying("deletion-storm"), { history: history(0) }).deny(sign(62));
  });

  test("says how many", () => {
    expect(table(denying("deletion-storm"), { history: history(10) }).decide(deletion("1", "2")).reason).toContain(
      "12 deletions within 1 hour, 2 of them here, more than 10",
    );
  });
});

describe("foreign-relay-list", () => {
  const history = historyOf([
    event(10_002, "", relays("wss://one.example", "wss://two.example/")),
    event(10_050, "", [["relay", "wss://one.example"]]),
  ]);
  const list = (...urls: string[]) => sign(10_002, "", relays(...urls));

  test("most of the list is new, or nothing of the old one is left", () => {
    table(denying("foreign-relay-list"), { history }).allow(list("wss://one.example/", "wss://three.example"), list("wss://two.example"));
    table(denying("foreign-relay-list"), { history }).deny(
      list("wss://evil.example"),
      list(),
      list("wss://one.example", "wss://x.example", "wss://y.example"),
    );
    table(denying({ guard: "foreign-relay-list", share: 0.8 }), { history }).allow(
      list("wss://one.example", "wss://x.example", "wss://y.example"),
    );
    table(denying("foreign-relay-list"), { history }).deny(sign(10_050, "", [["relay", "wss://evil.example"]]));
  });

  test("says how many of how many", () => {
    expect(table(denying("foreign-relay-list"), { history }).decide(list("wss://evil.example")).reason).toContain(
      "1 of 1 relay new, 0 of 2 earlier ones kept",
    );
  });
});

describe("without a baseline", () => {
  const firsts = [follows(FRIEND), profile(), deletion("1"), sign(10_002, "", relays("wss://one.example"))];
  const guards = ["mass-unfollow", "profile-takeover", "deletion-storm", "foreign-relay-list"];
  const kinds = [0, 3, 5, 10_002];

  test("guards other than stale-replaceable ask, even in a deny rule", () => {
    table(rules({ effect: "allow", kinds }, { effect: "deny", guards })).ask(...firsts);
    table(rules({ effect: "allow", kinds }, { effect: "ask", guards })).ask(...firsts);
    table(rules({ effect: "allow", kinds, guards })).ask(...firsts);
    table(policyOf({ default: "ask", rules: [{ id: "a", effect: "deny", guards }] })).ask(...firsts);
  });

  test("stale-replaceable does not match", () => {
    table(rules({ effect: "allow", kinds }, { effect: "deny", guards: ["stale-replaceable"] })).allow(...firsts);
    table(rules({ effect: "allow", kinds, guards: ["stale-replaceable"] })).allow(...firsts);
  });

  test("a deny rule that can only ask does not lift a default of deny", () => {
    table(rules({ effect: "deny", guards })).deny(...firsts);
  });

  test("what is beyond doubt is not put off", () => {
    table(rules({ effect: "allow", kinds }, { effect: "deny", guards })).deny(deletion(...people(11)));
  });

  test("guards leave the kinds that they do not look at alone", () => {
    table(rules({ effect: "allow" }, { effect: "deny", guards })).allow(note());
  });
});
