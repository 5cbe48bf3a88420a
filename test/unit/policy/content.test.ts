// How text is read: in one normal form, with nothing hidden in it, in time that grows with its length and no faster.

import { describe, expect, test } from "vitest";
import { findLinks } from "../../../src/policy/links.ts";
import { readText } from "../../../src/policy/text.ts";
import { note, problemsOf, rules, sign, table } from "./policy-table.ts";

const denying = (content: object) => table(rules({ effect: "allow", kinds: [1, 30_023] }, { effect: "deny", content }));
const allowing = (content: object) => table(rules({ effect: "allow", kinds: [1], content }));
const LONG = 100_000;

describe("patterns and words see NFKC", () => {
  test("letters of other widths and shapes are the letters that they stand for", () => {
    const { deny } = denying({ matches: "airdrop" });
    deny(note("ａｉｒｄｒｏｐ"), note("𝐚𝐢𝐫𝐝𝐫𝐨𝐩"), note("𝒶𝒾𝓇𝒹𝓇ℴ𝓅"));
    denying({ words: ["AIRDROP"] }).deny(note("ａｉｒｄｒｏｐ"), note("𝐀𝐢𝐫𝐝𝐫𝐨𝐩!"));
    denying({ words: ["café"] }).deny(note("cafe\u0301"));
  });

  test("an allow rule sees them so, too", () => {
    allowing({ matches: "^gm$" }).allow(note("ｇｍ"));
    allowing({ words: ["gm"] }).allow(note("ＧＭ!"));
  });

  test("invisible characters hide nothing from a deny rule", () => {
    denying({ matches: "airdrop" }).deny(note("air\u200bdrop"), note("air\u00addrop"), note("a\u2060i\u200crdrop\ufeff"));
    denying({ words: ["airdrop"] }).deny(note("air\u200bdrop"));
    denying({ links: { deny: ["bad.example"] } }).deny(note("bad.\u200bexample"));
  });

  test("and slip nothing into an allow rule", () => {
    allowing({ matches: "^gm$" }).allow(note("gm"));
    allowing({ matches: "^gm$" }).deny(note("g\u200bm"));
    allowing({ words: ["gm"] }).deny(note("g\u200bm"));
  });

  test("a pattern that no text in normal form could match is refused", () => {
    const [problem] = problemsOf({ name: "x", rules: [{ id: "a", effect: "deny", content: { matches: "ａ" } }] });
    expect(problem).toBe("rules[0].content.matches: texts are compared in Unicode normal form NFKC: expected a");
  });

  test("size counts the text as it came", () => {
    expect(readText("a\u200b😀").size).toBe(3);
    expect(readText("plain").size).toBe(5);
  });
});

describe("patterns are RE2", () => {
  test("a faulty one is answered by place and expectation", () => {
    const problem = (matches: string) => problemsOf({ name: "x", rules: [{ id: "a", effect: "deny", content: { matches } }] })[0];
    expect(problem("ab[z")).toBe("rules[0].content.matches: at character 3: expected a ] that closes this [");
    expect(problem("(?<=a)b")).toContain("looks neither ahead nor behind");
    expect(problem("(a)\\1")).toContain("at character 4: expected an escape that RE2 knows");
    expect(problem("((a{0,100}){0,100}){0,100}")).toContain("less repetition within repetition");
    expect(problem("a{0,900}b{0,900}c{0,900}")).toContain("expected a pattern of at most 2000 steps");
  });

  test.each(["(a+)+$", "(a|aa)+$", "(aa|aa?)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"])(
    "%s, which would hang a backtracking engine, answers a text of 100,000 characters",
    (matches) => {
      denying({ matches }).allow(note(`${"a".repeat(LONG)}!`));
    },
  );
});

describe("links that are seen", () => {
  test.each([
    ["https://one.example/path?x=http-y", ["one.example"]],
    ["HTTP://ONE.Example:8080/", ["one.example"]],
    ["ftp://one.example wss://two.example", ["one.example", "two.example"]],
    ["one.example", ["one.example"]],
    ["www.one.example/photo.jpg", ["www.one.example"]],
    ["(see one.example).", ["one.example"]],
    ["[text](https://one.example/a)", ["one.example"]],
    ["mail me@one.example", ["one.example"]],
    ["https://bank.example@one.example/", ["one.example", "bank.example"]],
    ["https://one.example\\@two.example", ["one.example"]],
    ["https://one.example,two.example", ["one.example,two.example", "one.example", "two.example"]],
    ["https://one.example/?to=https://two.example/", ["one.example", "two.example"]],
    ["https:\\\\one.example", ["one.example"]],
    ["https:/one.example", ["one.example"]],
    ["//one.example/x", ["one.example"]],
    ["bücher.example", ["xn--bcher-kva.example"]],
    ["one。example", ["one.example"]],
    ["one．example", ["one.example"]],
    ["https://%6fne.example/", ["one.example"]],
    ["http://1.2.3.4/", ["1.2.3.4"]],
    ["http://0x7f.1/", ["127.0.0.1"]],
    ["http://localhost/", ["localhost"]],
    ["one.example.", ["one.example"]],
    ["wait...what", []],
    ["version 1.2.3, e.g. now", []],
    ["nostr:npub1abc", []],
    ["no links here. None", []],
  ])("%s", (text, hosts) => {
    expect(new Set(findLinks(readText(text).visible).hosts)).toEqual(new Set(hosts));
  });

  test("an address that cannot be read leads nobody knows where", () => {
    expect(findLinks("https://exa mple")).toMatchObject({ unreadable: 0 });
    expect(findLinks("https://a%zz/")).toMatchObject({ hosts: [], unreadable: 1, count: 1 });
    denying({ links: { deny: ["bad.example"] } }).deny(note("https://a%zz/"));
    allowing({ links: { deny: ["bad.example"] } }).deny(note("https://a%zz/"));
    allowing({ links: { only: ["good.example"] } }).deny(note("https://a%zz/"));
  });

  test("lists hold host names, whose subdomains are included", () => {
    const problem = (name: string) =>
      problemsOf({ name: "x", rules: [{ id: "a", effect: "deny", content: { links: { deny: [name] } } }] }).length;
    expect(["https://a.example", "*.a.example", "a.example/x", "a.example:80", "a b"].map(problem)).toEqual([1, 1, 1, 1, 1]);
    expect(["a.example", "A.Example", "bücher.example"].map(problem)).toEqual([0, 0, 0]);
    denying({ links: { deny: ["Bücher.example"] } }).deny(note("https://www.xn--bcher-kva.example/"));
  });

  test.each([
    ["letters", "a"],
    ["dots", "."],
    ["name parts", "a."],
    ["scheme marks", "://"],
    ["addresses", "http://a.b "],
    ["nested addresses", "http://a.b/"],
    ["foreign letters", "ü"],
    ["at signs", "@a.b"],
    ["wide ligatures", "\ufdfa"],
    ["invisible ones", "\u200b"],
  ])("100,000 characters of %s are read to the end", (_name, piece) => {
    const text = piece.repeat(LONG / piece.length);
    denying({ links: { deny: ["bad.example"] }, words: ["airdrop"] }).allow(sign(30_023, `${text} x`));
    findLinks(readText(`${text}_x`).visible);
  });
});
