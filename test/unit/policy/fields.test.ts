// One test for each field of a rule: without the field's enforcement, its test fails.

import { describe, expect, test } from "vitest";
import {
  circumstances,
  decrypt,
  decrypt04,
  encrypt,
  encrypt04,
  event,
  FRIEND,
  historyOf,
  HOUR,
  NOON,
  note,
  policyOf,
  reaction,
  relayLogin,
  rules,
  sign,
  STRANGER,
  table,
  USER,
  webLogin,
  wrap,
} from "./policy-table.ts";
import { decide } from "../../../src/policy/decide.ts";
import { ReplayedUsage } from "../../../src/policy/dry-run.ts";

describe("what is asked for", () => {
  test("methods", () => {
    const { allow, deny } = table(rules({ effect: "allow", methods: ["nip44_encrypt", "nip44_decrypt"] }));
    allow(encrypt(), decrypt());
    deny(encrypt04(), decrypt04(), note());
  });

  test("kinds by number", () => {
    const { allow, deny } = table(rules({ effect: "allow", kinds: [1, 7] }));
    allow(note(), reaction());
    deny(sign(6), sign(17));
  });

  test("kinds by range, both ends included", () => {
    const { allow, deny } = table(rules({ effect: "allow", kinds: ["1000-1999"] }));
    allow(sign(1000), sign(1500), sign(1999));
    deny(sign(999), sign(2000));
  });

  test("counterparties", () => {
    const { allow, deny } = table(rules({ effect: "allow", methods: ["nip44_encrypt", "nip44_decrypt"], counterparties: [FRIEND] }));
    allow(encrypt("hi", FRIEND), decrypt(FRIEND));
    deny(encrypt("hi", STRANGER), decrypt(STRANGER));
  });

  test("the counterparty self", () => {
    const { allow, deny } = table(rules({ effect: "allow", methods: ["nip44_encrypt"], counterparties: ["self"] }));
    allow(encrypt("memo", USER));
    deny(encrypt("memo", FRIEND));
  });

  test("opens: the author of the seal counts, not the one-time key around it", () => {
    const { allow, deny } = table(rules({ effect: "allow", methods: ["nip44_decrypt"], counterparties: [FRIEND], opens: "gift-wrap" }));
    allow(wrap(FRIEND));
    deny(wrap(STRANGER), wrap("none"), decrypt(FRIEND));
    const anybody = table(rules({ effect: "allow", methods: ["nip44_decrypt"], opens: "gift-wrap" }));
    anybody.allow(wrap(FRIEND), wrap(STRANGER));
    anybody.deny(wrap("none"));
  });

  test("http.urls: one address, or what begins so", () => {
    const { allow, deny } = table(
      rules({ effect: "allow", kinds: [27_235], http: { urls: ["https://API.example/v1/*", "https://one.example/login"] } }),
    );
    allow(webLogin("https://api.example/v1/users?x=1"), webLogin("https://one.example/login"));
    deny(webLogin("https://api.example/v2/"), webLogin("https://one.example/login/more"), webLogin("https://api.example.evil.example/v1/"));
    deny(
      webLogin("https://api.example/v1/../v2/"),
      webLogin("https://api.example/v1/%2e%2e/v2/"),
      webLogin("https://api.example@evil.example/v1/"),
    );
  });

  test("http.methods", () => {
    const { allow, deny } = table(rules({ effect: "allow", kinds: [27_235], http: { methods: ["GET"] } }));
    allow(webLogin("https://api.example/", "get"));
    deny(webLogin("https://api.example/", "DELETE"), sign(27_235, "", [["u", "https://api.example/"]]));
    deny(
      sign(27_235, "", [
        ["u", "https://api.example/"],
        ["method", "GET"],
        ["method", "DELETE"],
      ]),
    );
  });

  test("relays", () => {
    const { allow, deny } = table(rules({ effect: "allow", kinds: [22_242], relays: ["wss://relay.example"] }));
    allow(relayLogin("wss://relay.example"), relayLogin("wss://Relay.Example/"));
    deny(relayLogin("wss://other.example"), relayLogin("wss://relay.example/other"));
  });
});

describe("what is said", () => {
  const oneNote = (content: object, effect = "allow") => rules({ effect, kinds: [1], content });

  test("content.size counts characters, not bytes", () => {
    const { allow, deny } = table(oneNote({ size: { max: 5 } }));
    allow(note("12345"), note("ääääää".slice(0, 5)), note("😀😀😀😀😀"));
    deny(note("123456"));
  });

  test("content.matches", () => {
    const { allow, deny } = table(oneNote({ matches: "(?i)^gm" }));
    allow(note("GM all"));
    deny(note("good night"));
  });

  test("content.words: whole words, whatever their case", () => {
    const { allow, deny } = table(oneNote({ words: ["Airdrop", "free money"] }));
    allow(note("An AIRDROP!"), note("free \n money"));
    deny(note("airdrops"), note("free, money"), note("hello"));
  });

  test("content.links.only", () => {
    const { allow, deny } = table(oneNote({ links: { only: ["good.example"] } }));
    allow(note("https://good.example/x"), note("see www.good.example"), note("no link"));
    deny(note("https://bad.example"), note("good.example and bad.example"), note("https://good.example.bad.example"));
  });

  test("content.links.deny", () => {
    const { allow, deny } = table(oneNote({ links: { deny: ["bad.example"] } }));
    allow(note("https://good.example/x"), note("notbad.example"));
    deny(note("https://bad.example"), note("sub.bad.example/x"));
  });

  test("content.links.max", () => {
    const { allow, deny } = table(oneNote({ links: { max: 1 } }));
    allow(note("a.example"));
    deny(note("a.example b.example"));
  });

  test("content.mentions are p tags", () => {
    const { allow, deny } = table(oneNote({ mentions: { max: 1 } }));
    allow(note("hi", [["p", FRIEND]]));
    deny(
      note("hi", [
        ["p", FRIEND],
        ["p", STRANGER],
      ]),
    );
  });

  test("content.hashtags are t tags", () => {
    const { allow, deny } = table(oneNote({ hashtags: { max: 1 } }));
    allow(note("hi", [["t", "news"]]));
    deny(
      note("hi", [
        ["t", "news"],
        ["t", "more"],
      ]),
    );
  });

  test("in an ask or deny rule each limit catches what breaks it", () => {
    const { allow, deny } = table(
      rules(
        { effect: "allow", kinds: [1] },
        { effect: "deny", kinds: [1], content: { size: { max: 20 }, links: { deny: ["bad.example"] } } },
      ),
    );
    allow(note("short and clean"));
    deny(note("bad.example"), note("short it is not, clean it is"));
  });
});

describe("how it is dated and tagged", () => {
  test("tags.required, by name and by value", () => {
    const { allow, deny } = table(
      rules({ effect: "allow", kinds: [1], tags: { required: ["client", { name: "t", values: ["news", "sport"] }] } }),
    );
    allow(
      note("x", [
        ["client", "a"],
        ["t", "news"],
      ]),
    );
    deny(
      note("x", [
        ["client", "a"],
        ["t", "other"],
      ]),
      note("x", [["t", "news"]]),
    );
  });

  test("tags.forbidden, by name and by value", () => {
    const { allow, deny } = table(rules({ effect: "allow", kinds: [1], tags: { forbidden: ["p", { name: "t", values: ["ad"] }] } }));
    allow(note("x", [["t", "news"]]));
    deny(note("x", [["p", FRIEND]]), note("x", [["t", "ad"]]));
  });

  test("createdAt.skew, in either direction", () => {
    const { allow, deny } = table(rules({ effect: "allow", kinds: [1], createdAt: { skew: "10m" } }));
    const dated = (seconds: number) => sign(1, "", [], NOON / 1000 + seconds);
    allow(dated(0), dated(600), dated(-600));
    deny(dated(601), dated(-601));
  });

  test("createdAt is never held against seals and gift wraps, whose dates are of the past on purpose", () => {
    const { allow } = table(
      rules({ effect: "allow", kinds: [13, 1059], createdAt: { skew: "10m" } }, { effect: "deny", createdAt: { skew: "10m" } }),
    );
    allow(sign(13, "", [], NOON / 1000 - 172_800), sign(1059, "", [], NOON / 1000 - 172_800));
  });
});

describe("when it is asked", () => {
  test("when.days, when.from, when.to and when.zone", () => {
    const policy = rules({ effect: "allow", kinds: [1], when: { days: ["mon"], from: "08:00", to: "20:00", zone: "Europe/Berlin" } });
    const at = (moment: string) => decide(policy, note(), circumstances({ now: Date.parse(moment) })).effect;
    expect(at("2026-05-04T06:00:00Z")).toBe("allow"); // 08:00 in Berlin
    expect(at("2026-05-04T05:59:59Z")).toBe("deny");
    expect(at("2026-05-04T17:59:59Z")).toBe("allow");
    expect(at("2026-05-04T18:00:00Z")).toBe("deny"); // 20:00 in Berlin
    expect(at("2026-05-05T10:00:00Z")).toBe("deny"); // a Tuesday
  });

  test("likeness: the same again within a window", () => {
    const policy = rules({ effect: "allow", kinds: [1] }, { effect: "deny", likeness: { within: "24h" } });
    const history = historyOf([event(1, "gm", [], NOON / 1000 - 3600)]);
    table(policy, { history }).deny(sign(1, "gm"));
    table(policy, { history }).allow(sign(1, "gn"), sign(1, "gm", [["t", "x"]]));
    table(policy, { history, now: NOON + 24 * HOUR }).allow(sign(1, "gm"));
  });
});

describe("limits and people", () => {
  const spent = (counter: string, times: number, at = NOON - HOUR / 2) => {
    const usage = new ReplayedUsage();
    for (let index = 0; index < times; index += 1) usage.charge(counter, at);
    return usage;
  };

  test("budgets.max and budgets.per", () => {
    const policy = rules({ effect: "allow", kinds: [1], budgets: [{ max: 2, per: "hour" }], over: "deny" });
    table(policy, { usage: spent("bunker:test:rule-0", 1) }).allow(note());
    table(policy, { usage: spent("bunker:test:rule-0", 2) }).deny(note());
    table(policy, { usage: spent("bunker:test:rule-0", 2, NOON - HOUR) }).allow(note());
  });

  test("budgets.scope: one app's use does not count for another", () => {
    const policy = rules({ effect: "allow", kinds: [1], budgets: [{ max: 1, per: "hour", scope: "connection" }], over: "deny" });
    const usage = spent("connection:app:test:rule-0", 1);
    table(policy, { usage, connection: "app" }).deny(note());
    table(policy, { usage, connection: "another" }).allow(note());
  });

  test("over: ask or deny", () => {
    const budgets = [{ max: 1, per: "day" }];
    const usage = spent("bunker:test:rule-0", 1);
    table(rules({ effect: "allow", kinds: [1], budgets, over: "deny" }), { usage }).deny(note());
    table(rules({ effect: "allow", kinds: [1], budgets, over: "ask" }), { usage }).ask(note());
    table(rules({ effect: "allow", kinds: [1], budgets }), { usage }).ask(note());
  });

  test("approvals: need, from, within, passkey, notRequester and vetoAfter", () => {
    const approvals = { need: 2, from: ["admin"], within: "90m", passkey: true, notRequester: true, vetoAfter: "15m" };
    const { asking } = table(rules({ effect: "ask", kinds: [1], approvals })).decide(note());
    expect(asking).toEqual([
      { rule: "rule-0", need: 2, from: ["admin"], withinSeconds: 5400, passkey: true, notRequester: true, vetoAfterSeconds: 900 },
    ]);
  });

  test("a policy's approvals fill what a rule leaves open", () => {
    const policy = policyOf({
      approvals: { need: 3, passkey: true, within: "1h" },
      rules: [{ id: "a", effect: "ask", approvals: { within: "2h" } }],
    });
    expect(table(policy).decide(note()).asking).toMatchObject([{ need: 3, passkey: true, withinSeconds: 7200 }]);
  });
});
