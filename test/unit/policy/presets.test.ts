// Each preset as a table that its user could read.

import { describe, expect, test } from "vitest";
import { parsePolicy } from "../../../src/policy/document.ts";
import { PRESET_NAMES, presetNamed, presets } from "../../../src/policy/presets.ts";
import {
  decrypt,
  decrypt04,
  deletion,
  encrypt,
  encrypt04,
  event,
  follows,
  FRIEND,
  historyOf,
  NOON,
  note,
  profile,
  reaction,
  relayLogin,
  sign,
  table,
  USER,
  webLogin,
  wrap,
  type Table,
} from "./policy-table.ts";
import { ReplayedUsage } from "../../../src/policy/dry-run.ts";

function preset(name: string, ...changes: Parameters<typeof table>[1][]): Table {
  const found = presetNamed(name);
  if (found === undefined) throw new Error(`expected a preset called ${name}`);
  return table(found.policy, ...changes);
}
const articles = sign(30_023, "text", [["d", "x"]]);
const upload = (action: string) => sign(24_242, "", [["t", action]]);
const used = (counter: string, times: number) => {
  const usage = new ReplayedUsage();
  for (let index = 0; index < times; index += 1) usage.charge(counter, NOON - 1);
  return usage;
};

test("ask-everything", () => {
  preset("ask-everything").ask(note(), profile(), deletion(), webLogin("https://a.example/"), encrypt(), decrypt(), decrypt04(), wrap());
});

test("read-only", () => {
  preset("read-only").deny(note(), profile(), relayLogin("wss://a.example"), encrypt(), encrypt04(), decrypt(), decrypt04(), wrap());
});

describe("bot-notes", () => {
  test("signs notes and asks for the rest", () => {
    const { allow, ask } = preset("bot-notes");
    allow(note(), note("hi", [["p", FRIEND]]));
    ask(reaction(), profile(), follows(), deletion(), articles, relayLogin("wss://a.example"), encrypt(), decrypt(), encrypt04());
    ask(
      note(
        "hi",
        Array.from({ length: 11 }, () => ["p", FRIEND]),
      ),
    );
  });
  test("asks beyond 30 in an hour", () => {
    preset("bot-notes", { usage: used("bunker:bot-notes:notes", 29) }).allow(note());
    preset("bot-notes", { usage: used("bunker:bot-notes:notes", 30) }).ask(note());
  });
});

describe("social-client", () => {
  test("does what people do all day", () => {
    const { allow, ask } = preset("social-client");
    allow(
      note(),
      reaction(),
      sign(6),
      sign(1111),
      articles,
      sign(9734),
      sign(10_000),
      sign(10_003),
      relayLogin("wss://a.example"),
      upload("upload"),
    );
    ask(
      profile(),
      deletion(),
      sign(10_002),
      sign(62),
      webLogin("https://a.example/"),
      upload("delete"),
      encrypt(),
      decrypt(),
      decrypt04(),
      sign(31_337),
    );
  });
  test("keeps the follow list, but asks before many are lost or an older version comes back", () => {
    const people = Array.from({ length: 10 }, (_, index) => index.toString(16).padStart(64, "0"));
    const history = historyOf([
      event(
        3,
        "",
        people.map((pubkey) => ["p", pubkey]),
      ),
    ]);
    const { allow, ask } = preset("social-client", { history });
    allow(follows(...people, FRIEND), follows(...people.slice(1)));
    ask(follows(...people.slice(2)), follows());
    ask(
      sign(
        3,
        "",
        people.map((pubkey) => ["p", pubkey]),
        NOON / 1000 - 60,
      ),
    );
    preset("social-client").ask(follows(FRIEND));
  });
});

test("dm-client", () => {
  const { allow, ask } = preset("dm-client");
  allow(
    encrypt(),
    encrypt("copy", USER),
    decrypt(),
    decrypt(USER),
    wrap(FRIEND),
    wrap(USER),
    sign(13, "AgA="),
    relayLogin("wss://a.example"),
  );
  ask(note(), profile(), encrypt04(), decrypt04(), sign(4, "x?iv=y"), webLogin("https://a.example/"), sign(14));
});

test("full-access", () => {
  const { allow, deny } = preset("full-access");
  allow(note(), profile(), follows(), deletion(), sign(62), sign(10_002), sign(24_133), upload("delete"), sign(31_337), sign(65_535));
  allow(webLogin("https://a.example/"), relayLogin("wss://a.example"), encrypt(), encrypt04(), decrypt(), decrypt04());
  allow(encrypt("x", USER), encrypt04("x", USER), decrypt(USER), decrypt04(USER), wrap(), wrap(USER));
  deny(webLogin("https://countersign.example/"), relayLogin("wss://countersign.example/relay/x"));
});

test("every preset is a valid document under its own name, with words for the card, and only full-access is marked", () => {
  expect([...presets().keys()]).toEqual(PRESET_NAMES);
  for (const [name, { policy, can, cannot, title, risky }] of presets()) {
    expect(policy.name).toBe(name);
    expect(parsePolicy(JSON.parse(JSON.stringify(policy.document)))).toMatchObject({ ok: true });
    expect(Math.min(can.length, cannot.length, title.length)).toBeGreaterThan(5);
    expect(risky).toBe(name === "full-access");
  }
});

test("every decryption that a preset allows has a budget", () => {
  for (const { policy } of presets().values()) {
    for (const { document } of policy.rules) {
      if (document.methods?.some((method) => method.endsWith("_decrypt")) === true) expect(document.budgets?.length).toBeGreaterThan(0);
    }
  }
});
