// What an absent field means, and one that does not apply; what wildcards never reach; what no policy can allow.

import { describe, expect, test } from "vitest";
import { PROTECTED_KINDS } from "../../../src/policy/protected.ts";
import {
  decrypt,
  decrypt04,
  deletion,
  encrypt,
  encrypt04,
  event,
  FRIEND,
  historyOf,
  note,
  policyOf,
  problemsOf,
  profile,
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

describe("an absent field demands nothing", () => {
  test("a rule without conditions matches every request that is not protected", () => {
    table(rules({ effect: "allow" })).allow(note(), reaction(), sign(30_023), encrypt(), encrypt04());
    table(rules({ effect: "deny" }, { effect: "allow" })).deny(note(), profile(), encrypt(), decrypt(), decrypt04());
  });
});

describe("a condition that does not apply to the method makes the rule not match", () => {
  test.each([
    ["kinds", { kinds: [1] }],
    ["tags", { tags: { forbidden: ["p"] } }],
    ["createdAt", { createdAt: { skew: "1h" } }],
    ["guards", { guards: ["mass-unfollow"] }],
    ["content", { content: { mentions: { max: 5 } } }],
  ])("%s imply sign_event", (_field, condition) => {
    table(rules({ effect: "allow", ...condition })).allow(note());
    table(rules({ effect: "allow", ...condition })).deny(encrypt(), encrypt04(), decrypt(), decrypt04());
  });

  test("likeness, http and relays imply sign_event", () => {
    for (const condition of [{ likeness: { within: "1h" } }, { http: { methods: ["GET"] } }, { relays: ["wss://a.example"] }]) {
      table(policyOf({ default: "ask", rules: [{ id: "a", effect: "deny", ...condition }] })).ask(encrypt(), decrypt());
    }
  });

  test("counterparties imply encrypting and reading", () => {
    table(rules({ effect: "allow", methods: ["sign_event", "nip44_encrypt"], counterparties: [FRIEND] })).deny(note());
    table(rules({ effect: "allow", methods: ["sign_event", "nip44_encrypt"], counterparties: [FRIEND] })).allow(encrypt());
  });

  test("opens implies nip44_decrypt", () => {
    table(rules({ effect: "deny", methods: ["nip44_decrypt"], opens: "gift-wrap" }, { effect: "allow" })).allow(note(), encrypt());
  });

  test("conditions that exclude each other match nothing", () => {
    table(rules({ effect: "allow", methods: ["nip44_encrypt"], kinds: [1] })).deny(note(), encrypt());
  });

  test("content is the event's content, the plaintext for encrypts, and never matches a decrypt", () => {
    const policy = rules(
      { effect: "deny", content: { words: ["giveaway"] } },
      { effect: "allow" },
      { effect: "allow", methods: ["nip44_decrypt"] },
    );
    table(policy).deny(note("a giveaway"), encrypt("a giveaway"), encrypt04("a giveaway"));
    table(policy).allow(note("hello"), encrypt("hello"), decrypt());
  });

  test("a content rule on an encrypted kind is refused with a hint", () => {
    for (const kind of [4, 13, 1059]) {
      const [problem] = problemsOf({ name: "x", rules: [{ id: "a", effect: "ask", kinds: [1, kind], content: { words: ["x"] } }] });
      expect(problem).toMatch(/^rules\[0\]\.kinds\[1\]: .*put the rule on nip44_encrypt/);
    }
  });

  test("a content rule without kinds does not look at ciphertext", () => {
    table(rules({ effect: "deny", content: { matches: "." } }, { effect: "allow" })).allow(sign(13, "AgAbcd"), sign(4, "abc?iv=x"));
    table(rules({ effect: "allow", content: { size: { max: 1000 } } })).deny(sign(13, "AgAbcd"), sign(4, "abc?iv=x"));
  });
});

describe("a guard that cannot be evaluated", () => {
  const broken = sign(0, "no JSON");
  const history = historyOf([event(0, '{"name":"News"}')]);
  test("counts as matched for ask and deny", () => {
    table(rules({ effect: "deny", guards: ["profile-takeover"] }, { effect: "allow", kinds: [0] }), { history }).deny(broken);
    table(rules({ effect: "ask", guards: ["profile-takeover"] }, { effect: "allow", kinds: [0] }), { history }).ask(broken);
  });
  test("counts as unmatched for allow", () => {
    table(rules({ effect: "allow", kinds: [0], guards: ["profile-takeover"] }), { history }).deny(broken);
    table(rules({ effect: "allow", kinds: [0], guards: ["profile-takeover"] }), { history }).allow(profile({ name: "News", about: "x" }));
  });
  test("so does a plaintext that was not kept", () => {
    const replayed = { method: "nip44_encrypt" as const, counterparty: FRIEND, plaintext: undefined };
    table(rules({ effect: "deny", content: { words: ["x"] } }, { effect: "allow" })).deny(replayed);
    table(rules({ effect: "allow", content: { size: { max: 10 } } })).deny(replayed);
    table(rules({ effect: "allow", content: { links: { max: 10 } } })).deny(replayed);
  });
});

describe("what is protected is allowed only by an explicit listing", () => {
  const everything = rules({ effect: "allow" }, { effect: "allow", kinds: ["0-65535"] }, { effect: "allow", methods: ["sign_event"] });

  test.each(PROTECTED_KINDS.map((kind) => [kind]))("kind %i by its number", (kind) => {
    const question = sign(kind, "", [
      ["relay", "wss://a.example"],
      ["u", "https://a.example"],
    ]);
    table(everything).deny(question);
    table(rules({ effect: "allow", kinds: [kind] })).allow(question);
    table(rules({ effect: "allow", kinds: [`${kind}-${kind}`] })).deny(question);
  });

  test("the protected kinds are these", () => {
    expect(PROTECTED_KINDS).toEqual([0, 3, 5, 62, 10_002, 10_050, 22_242, 24_133, 24_242, 27_235]);
  });

  test("every decrypt by its method", () => {
    table(rules({ effect: "allow" }, { effect: "allow", counterparties: [FRIEND] })).deny(decrypt(), decrypt04());
    table(rules({ effect: "allow", methods: ["nip44_decrypt"] })).allow(decrypt());
    table(rules({ effect: "allow", methods: ["nip44_decrypt"] })).deny(decrypt04());
    table(rules({ effect: "allow", methods: ["nip04_decrypt"] })).allow(decrypt04());
  });

  test("the counterparty self by its name, at either layer of a gift wrap", () => {
    table(rules({ effect: "allow", methods: ["nip44_encrypt", "nip44_decrypt"] })).deny(encrypt("memo", USER), decrypt(USER));
    table(rules({ effect: "allow", methods: ["nip44_encrypt", "nip44_decrypt"], counterparties: ["self"] })).allow(
      encrypt("memo", USER),
      decrypt(USER),
    );
    table(rules({ effect: "allow", methods: ["nip44_decrypt"], opens: "gift-wrap" })).deny(wrap(USER));
    table(rules({ effect: "allow", methods: ["nip44_decrypt"], opens: "gift-wrap", counterparties: ["self"] })).allow(wrap(USER));
  });

  test("ask and deny rules reach what is protected by any listing, and the explanation says why an allow rule did not", () => {
    table(rules({ effect: "deny", kinds: ["0-65535"] }, { effect: "allow", kinds: [0] })).deny(profile());
    expect(table(everything).decide(deletion()).reason).toContain(
      "‘rule-0’ does not reach it, as a deletion is allowed only by a rule that lists kind 5",
    );
  });

  test("what is protected is never signed by silence", () => {
    const policy = policyOf({ default: "ask", approvals: { vetoAfter: "10m" } });
    expect(table(policy).decide(note()).asking[0]).toHaveProperty("vetoAfterSeconds", 600);
    for (const question of [profile(), deletion(), decrypt(), encrypt("memo", USER)]) {
      expect(table(policy).decide(question).asking[0]).not.toHaveProperty("vetoAfterSeconds");
    }
  });
});

describe("built in, before any policy: the bunker never signs a login to its own console", () => {
  const permissive = table(rules({ effect: "allow", kinds: [22_242, 27_235] }));

  test("whatever the address looks like", () => {
    permissive.allow(webLogin("https://elsewhere.example/x"), relayLogin("wss://relay.example"));
    permissive.deny(
      webLogin("https://countersign.example/api/v1/bunkers"),
      webLogin("https://COUNTERSIGN.example:8443/"),
      webLogin("https://countersign.example./sign-in"),
      webLogin("https://someone@countersign.example/"),
      webLogin("http:\\\\countersign.example/"),
      webLogin("https://countersign%2eexample/"),
      webLogin("http://localhost/"),
      relayLogin("wss://countersign.example/relay/x"),
      relayLogin("ws://LOCALHOST:9999"),
    );
    expect(permissive.decide(webLogin("https://countersign.example/")).rules).toEqual(["built-in"]);
  });

  test("nor one that names no address, an unreadable one, or two", () => {
    permissive.deny(
      sign(27_235),
      sign(22_242),
      webLogin("not an address"),
      webLogin("ftp://elsewhere.example/"),
      relayLogin("https://elsewhere.example"),
    );
    permissive.deny(
      sign(27_235, "", [
        ["u", "https://elsewhere.example/"],
        ["u", "https://countersign.example/"],
      ]),
    );
    permissive.deny(sign(27_235, "", [["u"]]));
  });

  test("an instance without a known host still refuses unreadable logins", () => {
    table(rules({ effect: "allow", kinds: [27_235] }), { ownHosts: [] }).deny(sign(27_235));
    table(rules({ effect: "allow", kinds: [27_235] }), { ownHosts: [] }).allow(webLogin("https://countersign.example/"));
  });
});

describe("gift wraps, while the user's key is still closed", () => {
  test("a rule that opens them counts as matching, provisionally", () => {
    const decision = table(rules({ effect: "allow", methods: ["nip44_decrypt"], counterparties: [FRIEND], opens: "gift-wrap" })).decide(
      wrap("unopened"),
    );
    expect(decision).toMatchObject({ effect: "allow", provisional: true });
  });

  test("a rule that asks or denies by what is inside waits for the key to be opened", () => {
    const policy = rules(
      { effect: "allow", methods: ["nip44_decrypt"] },
      { effect: "deny", methods: ["nip44_decrypt"], counterparties: [STRANGER], opens: "gift-wrap" },
    );
    expect(table(policy).decide(wrap("unopened"))).toMatchObject({ effect: "allow", provisional: true });
    table(policy).deny(wrap(STRANGER));
    table(policy).allow(wrap(FRIEND));
    expect(table(policy).decide(wrap(FRIEND))).not.toHaveProperty("provisional");
  });

  test("a denial that needs no look inside is not put off", () => {
    table(rules({ effect: "deny" }, { effect: "allow", methods: ["nip44_decrypt"], opens: "gift-wrap" })).deny(wrap("unopened"));
  });
});
