// Where a text leads: the coded host first, and whatever makes an address look like another one is said.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findLinks } from "../../../src/policy/links.ts";
import { readText } from "../../../src/policy/text.ts";
import { hostWords, mixedAlphabets } from "../../../src/presentation/host.ts";
import { linksIn } from "../../../src/presentation/links.ts";
import { decodeLabel } from "../../../src/presentation/punycode.ts";
import { segmentText } from "../../../src/presentation/quote.ts";
import { partLines, sentenceText } from "../../../src/presentation/text-form.ts";

const links = (text: string) => partLines({ part: "links", links: linksIn(text).links });
const oddities = (text: string) => linksIn(text).warnings.map(({ fact }) => sentenceText(fact));

describe("links are listed with their whole address", () => {
  it.each([
    ["a web page", "read https://promo.example/x?a=1#b.", ["Link 1 goes to promo.example: https://promo.example/x?a=1#b"]],
    ["a bare name", "see promo.example/x, now", ["Link 1 goes to promo.example: promo.example/x"]],
    ["in brackets", "(https://a.example/x)", ["Link 1 goes to a.example: https://a.example/x"]],
    ["several", "https://a.example then b.example", ["Link 1 goes to a.example: https://a.example", "Link 2 goes to b.example: b.example"]],
    ["each once", "https://a.example https://a.example", ["Link 1 goes to a.example: https://a.example"]],
    [
      "Markdown",
      "[one](https://a.example/1)[two](https://b.example/2)",
      ["Link 1 goes to a.example: https://a.example/1", "Link 2 goes to b.example: https://b.example/2"],
    ],
    ["an address of numbers", "http://[2001:db8::1]:8080/x", ["Link 1 goes to [2001:db8::1]: http://[2001:db8::1]:8080/x"]],
    ["a backslash as browsers read it", "https:\\\\evil.example", ["Link 1 goes to evil.example: https:\\\\evil.example"]],
    ["one that cannot be read", "https://%%%/x", ["Link 1 goes to nobody knows where: https://%%%/x"]],
    ["none", "no link here: 3.5 of 7", []],
  ])("%s", (_, text, expected) => {
    expect(links(text)).toEqual(expected);
  });
});

describe("names in other alphabets show the coded form first", () => {
  it("with what it displays as, and what it mixes", () => {
    expect(links("https://\u0430pple.com/login")).toEqual([
      "Link 1 goes to xn--pple-43d.com (displays as “\u0430pple.com”, mixing Latin and Cyrillic): https://\u0430pple.com/login",
    ]);
    expect(oddities("https://\u0430pple.com")).toEqual([
      "xn--pple-43d.com (displays as “\u0430pple.com”, mixing Latin and Cyrillic) mixes Latin and Cyrillic letters in one name.",
    ]);
  });
  it("also where the text was coded already", () => {
    expect(links("xn--pple-43d.com")[0]).toContain("mixing Latin and Cyrillic");
  });
  it("says so of a name that is wholly in letters that look like Latin ones", () => {
    expect(oddities("https://\u0430\u0440\u0440\u04CF\u0435.com")[0]).toMatch(/is written in letters that look like Latin ones\.$/);
  });
  it.each([
    ["bücher.example", "with marked letters"],
    ["例え.example", "in Han and Hiragana"],
    ["почта.рф", "in Cyrillic"],
  ])("%s is shown %s and is no mixture", (name, alphabets) => {
    const host = hostWords(new URL(`https://${name}`).hostname);
    expect(host.displays).toMatchObject({ alphabets });
    expect(host.displays?.as.map(segmentText).join("")).toBe(name);
    expect(mixedAlphabets(host.name)).toEqual([]);
  });
});

describe("an address that looks like another one", () => {
  it.each([
    ["text before an @", "https://bank.example@evil.example/x", "A link goes to evil.example, not “bank.example”."],
    ["text unlike its target", "[bank.example](https://evil.example/)", "A link shows “bank.example” and goes to evil.example."],
    ["an address without a name", "http://203.0.113.7/x", "It leads to 203.0.113.7, an address without a name."],
    ["an address spelled as one number", "http://3405803783/x", "It leads to 203.0.113.7, an address without a name."],
    ["an unusual port", "https://a.example:8443/", "A link to a.example uses the unusual port 8443."],
    ["another scheme", "ftp://a.example/x", "A link opens with “ftp”, not as a web page."],
  ])("%s", (_, text, fact) => {
    expect(oddities(text)).toContain(fact);
  });

  it.each(["https://a.example:443/", "[a page](https://a.example)", "[a.example](https://a.example/x)", "mail me at tips@a.example"])(
    "%s is an ordinary one",
    (text) => {
      expect(oddities(text)).toEqual([]);
    },
  );
});

describe("Punycode, read back", () => {
  // RFC 3492 section 7.1, (A), (B) and (I); the last two were made by a browser.
  it.each([
    ["xn--egbpdaj6bu4bxfgehfvwxn", "ليهمابتكلموشعربي؟"],
    ["xn--ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文"],
    ["xn--porqunopuedensimplementehablarenespaol-fmd56a", "porquénopuedensimplementehablarenespañol"],
    ["xn--bcher-kva", "bücher"],
    ["xn--80ak6aa92e", "\u0430\u0440\u0440\u04CF\u0435"],
  ])("%s", (coded, label) => {
    expect(decodeLabel(coded)).toBe(label);
  });
  it.each(["xn--!", "xn--99999999999"])("%s is none", (coded) => expect(decodeLabel(coded)).toBeUndefined());

  it("agrees with the URL parser on every name that it takes", () => {
    const letters = fc.string({ unit: fc.constantFrom(...Array.from("abcxyz019äöéñжщ中文日本ひらعربي")), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(letters, (label) => {
        const address = `https://${label}.example`;
        if (!URL.canParse(address)) return;
        const [coded = ""] = new URL(address).hostname.split(".");
        expect(coded.startsWith("xn--") ? decodeLabel(coded) : coded).toBe(label.toLowerCase().normalize("NFC"));
      }),
    );
  });
});

it("whatever a policy sees as a link is in the list", () => {
  const piece = fc.constantFrom(
    "https://",
    "a.example",
    "b.co",
    "x@y.example",
    "/",
    "?",
    " ",
    "[",
    "](",
    ")",
    "\n",
    "\u200B",
    "\u0430.com",
    "ftp:\\\\",
    ":8080",
    "@",
    ".",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = pieces.join("");
      const { hosts, links: listed } = linksIn(text);
      for (const host of findLinks(readText(text).visible).hosts) {
        expect(hosts).toContain(host);
        expect(listed.map((link) => link.host?.name)).toContain(host);
      }
    }),
    { numRuns: 2000 },
  );
});
