// Somebody else's text on its way to a person: what cannot be seen has a name, what only takes up room is folded.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { excerpt, foldAfter, line, quote, segmentText } from "../../../src/presentation/quote.ts";

const NPUB = "npub1sn0wdenkukak0d9dfczzeacvhkrgz92ak56egt7vdgzn8pv2wfqqhrjdv9";

const read = (text: string) => quote(text).segments.map(segmentText).join("");

describe("what nobody could see becomes a chip with a name", () => {
  it.each([
    ["a direction override", "invoice\u202Etxt.exe", "invoice[right-to-left override]txt.exe"],
    ["an isolate and its end", "a\u2066b\u2069c", "a[left-to-right isolate]b[end of isolate]c"],
    ["direction marks", "a\u200Eb\u200Fc\u061Cd", "a[left-to-right mark]b[right-to-left mark]c[Arabic letter mark]d"],
    ["a zero-width space", "air\u200Bdrop", "air[zero-width space]drop"],
    ["word joiner, byte-order mark, soft hyphen", "a\u2060b\uFEFFc\u00ADd", "a[word joiner]b[byte-order mark]c[soft hyphen]d"],
    ["tag characters", "a\u{E0068}\u{E0069}b", "a[tag character ×2]b"],
    ["Hangul fillers", "\u115F\u1160\u3164\uFFA0", "[Hangul filler ×4]"],
    [
      "controls",
      "a\u0000b\u0007c\u007Fd\u0085e\rf",
      "a[control character U+0000]b[control character U+0007]c[control character U+007F]d[control character U+0085]e[control character U+000D]f",
    ],
    ["line and paragraph separators", "a\u2028b\u2029c", "a[line separator]b[paragraph separator]c"],
    ["variation selectors on letters", "a\uFE0Fb\u{E0100}c1\uFE0Fd", "a[variation selector]b[variation selector]c1[variation selector]d"],
    ["bytes hidden behind an emoji", "😀\uFE0F\uFE0E\u{E0101}", "😀\uFE0F[variation selector ×2]"],
    ["joiners between Latin letters", "pay\u200Dpal\u200C", "pay[zero-width joiner]pal[zero-width non-joiner]"],
    ["private characters", "a\uE000", "a[private character U+E000]"],
    ["invisible ones without a name", "a\u2061b", "a[invisible character U+2061]b"],
  ])("%s", (_, text, shown) => {
    expect(read(text)).toBe(shown);
  });

  it("and is counted", () => {
    expect(quote("a\u202Eb\u200B\u200Bc").hidden).toBe(3);
    expect(quote("plain").hidden).toBe(0);
  });
});

describe("what writing needs stays", () => {
  it.each([
    ["emoji of several parts", "👩‍👩‍👧‍👦 ❤️‍🔥 🏳️‍🌈 👍🏽"],
    ["an emoji selector", "❤️ ☎︎"],
    ["keycaps", "1️⃣ #️⃣"],
    ["flags made of tags", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"],
    ["a non-joiner in Persian", "می‌خواهم"],
    ["a joiner in Sinhala", "ක්‍ෂ"],
    ["accents of Vietnamese, in parts", "tiê\u0301ng Vie\u0302\u0323t"],
    ["right-to-left writing", "שלום עולם"],
    ["tabs and line breaks", "a\tb\nc\n\n\nd"],
  ])("%s", (_, text) => {
    expect(read(text)).toBe(text);
    expect(quote(text).hidden).toBe(0);
  });
});

describe("what only takes up room is folded", () => {
  it("keeps 2 empty lines and counts the rest, spaces in them or not", () => {
    expect(read("a\n\n\nb")).toBe("a\n\n\nb");
    expect(read(`a${"\n \t".repeat(16)}\nb`)).toBe("a\n\n\n[+14 empty lines]\nb");
  });
  it("counts long runs of spaces", () => expect(read(`a${" ".repeat(400)}b`)).toBe("a[400 spaces]b"));
  it("keeps 4 accents on a letter", () => expect(read(`z${"\u0301".repeat(30)}!`)).toBe(`z${"\u0301".repeat(4)}[+26 accents]!`));
});

describe("keys", () => {
  it.each([NPUB, `nostr:${NPUB}`, `@${NPUB}`])("%s is short", (text) => {
    expect(read(`hello ${text}!`)).toBe("hello @npub1sn0wdenk…hrjdv9!");
  });
  it("with the name that a member gave", () => {
    const quoted = quote(`nostr:${NPUB}`, () => "Ben");
    expect(quoted.segments).toMatchObject([{ is: "mention", person: { nickname: "Ben", npub: NPUB } }]);
  });
  it("that are none stay as they were written", () => {
    const broken = NPUB.replace("sn0w", "sn1w");
    expect(read(broken)).toBe(broken);
    expect(read(`x${NPUB}`)).toBe(`x${NPUB}`);
  });
});

describe("a name in a sentence", () => {
  it("is one line of 64 characters at most", () => {
    const name = line("a\r\n\r\nb".padEnd(500, "x"));
    expect(name.map(segmentText).join("")).toBe(`a b${"x".repeat(60)}…`);
  });
});

describe("a long text", () => {
  const text = Array.from({ length: 178 }, (_, index) => `line ${index + 1}`).join("\n");
  it("is cut after whole rows, and the rest is counted", () => {
    const { segments, rest } = foldAfter(quote(text), 60);
    expect(segments.map(segmentText).join("").trimEnd().split("\n").at(-1)).toBe("line 60");
    expect(rest).toBe(118);
    expect(foldAfter(quote(text), 178).rest).toBe(0);
  });
  it("counts a long paragraph by the rows that it takes", () => expect(quote("x".repeat(4000)).lines).toBe(100));
  it("is quoted by its first characters in mails", () => {
    expect(excerpt(quote("x".repeat(300)), 280)).toEqual({ segments: [{ is: "text", text: `${"x".repeat(280)}…` }], isWhole: false });
    expect(excerpt(quote("short"), 280).isWhole).toBe(true);
  });
});

/** Letters of many scripts, marks, and everything that hides. */
const anyText = fc.string({
  unit: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(...Array.from("abc .\n\t@<>&\"'"), "é", "ж", "中", "ع", "क", "्", "😀", "👩", "❤", "1", "\u0301", "🏴"),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        ...Array.from(
          "\u200B\u200C\u200D\u200E\u200F\u202A\u202E\u2066\u2069\u2060\uFEFF\u00AD\u061C\u180E\u034F\u3164\uFE0F\u2028\u0000\u001B\u0085",
        ),
        "\u{E0041}",
        "\u{E007F}",
        "\u{E0100}",
        "\r",
        "\r\n",
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
  ),
  maxLength: 200,
});

// Written apart from the code: what may never reach a page outside a whole emoji.
const NEVER_RANGES =
  "0-8 b-1f 7f-9f ad 34f 61c 115f 1160 17b4 17b5 180e 200b 200e 200f 2028-202e 2060-206f 3164 feff ffa0 fff9-fffb e0000-e0fff";
const NEVER = new RegExp(`[${NEVER_RANGES.replace(/[0-9a-f]+/g, "\\u{$&}").replaceAll(" ", "")}]`, "u");

describe("whatever the text", () => {
  it("no raw direction, zero-width or control character is left in what is shown", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const segment of quote(text).segments) {
          const shown = segment.is === "text" ? segment.text.replace(/\p{RGI_Emoji}/gv, "") : segmentText(segment);
          expect(shown).not.toMatch(NEVER);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("every visible letter is still there, in its order", () => {
    const letters = (text: string) =>
      text
        .toWellFormed()
        .match(/[\p{L}\p{N}]/gu)
        ?.filter((letter) => !/\p{Default_Ignorable_Code_Point}/u.test(letter)) ?? [];
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = quote(text).segments.flatMap((segment) => (segment.is === "text" ? [segment.text] : []));
        expect(letters(shown.join(""))).toEqual(letters(text));
      }),
      { numRuns: 1000 },
    );
  });

  it("an empty text has no segment, and any other has one", () => {
    expect(quote("").segments).toEqual([]);
    fc.assert(
      fc.property(
        anyText.filter((text) => text !== ""),
        (text) => {
          expect(quote(text).segments).not.toHaveLength(0);
        },
      ),
    );
  });
});
