// A request as markup: theirs stays text, boxes stand for what cannot be seen, and nothing of it leads or loads anywhere.

import { describe, expect, it } from "vitest";
import { EventParts, EventView, Warnings } from "../../../src/views/parts/event/event.tsx";
import { event, OTHER, shown, shownMessage } from "../presentation/support.ts";
import { render } from "./render.ts";

const EVIL = 'x"><img src=https://evil.example/p.png onerror=alert(1)><a href="https://evil.example">\u202E\u200B</h1><script>';
const ID = "5c83da77af1f2436a3d0f1b5c0f4bb6e1a5fda25d3c3b5b1e1f4c6f9f0a1b2c3";
const KINDS = [0, 1, 3, 4, 5, 6, 7, 13, 14, 15, 16, 62, 1059, 1111, 1984, 10_002, 10_050, 22_242, 24_242, 27_235, 30_023, 30_024, 31_337];
const TAGS = ["e", "p", "a", "d", "t", "r", "u", "relay", "method", "title", "summary", "alt", "content-warning", "server", "x", "q"];

const markup = (presentation: Parameters<typeof EventView>[0]["presentation"]) => render(<EventView presentation={presentation} />);

describe("whatever an app writes", () => {
  it.each(KINDS)("in kind %i is text and nothing else", (kind) => {
    for (const content of [EVIL, JSON.stringify({ name: EVIL, picture: `https://${EVIL}`, [EVIL]: EVIL })]) {
      const html = markup(
        shown(
          event(
            kind,
            content,
            TAGS.map((name) => [name, EVIL, EVIL, EVIL]),
          ),
          { latest: [event(kind, EVIL, [["d", EVIL]])] },
        ),
      );
      expect(html).not.toMatch(/<(?:img|a|script|iframe|link|style|form)\b|[\u202E\u200B]/);
      expect(html.match(/<\/?h1/g)).toBeNull();
    }
  });
});

describe("what cannot be seen", () => {
  const html = markup(shown(event(1, "Pay\u202E now\u200B at https://\u0430pple.com/x")));
  it("is a box with its name, and counted above the text", () => {
    expect(html.match(/<span class="chip">[^<]*<\/span>/g)).toEqual([
      '<span class="chip">right-to-left override</span>',
      '<span class="chip">zero-width space</span>',
    ]);
    expect(html).toContain("This text holds 2 invisible characters, shown as boxes.");
  });
  it("a name in another alphabet stands in its coded form first", () => {
    expect(html).toContain('Link 1 goes to <b class="host">xn--pple-43d.com</b>');
    expect(html.replace(/\s+/g, " ")).toContain("mixing Latin and Cyrillic)");
  });
});

describe("a long text", () => {
  const long = shown(event(1, Array.from({ length: 178 }, (_, index) => `line ${index + 1}`).join("\n")));
  it("is folded after 60 rows where there is a page for the whole, and says how much is missing", () => {
    const html = render(<EventParts presentation={long} fullView="?all" />);
    expect(html).toContain("line 60");
    expect(html).not.toContain("line 61");
    expect(html).toMatch(/118 more lines, not yet shown\. <a id="whole-text" href="\?all">Show the whole text<\/a>/);
    expect(long.folded).toBe(118);
  });
  it("is whole everywhere else", () => expect(markup(long)).toContain("line 178"));
  it("of 60 rows is no long one", () => expect(shown(event(1, Array.from({ length: 60 }, () => "x").join("\n"))).folded).toBe(0));
});

describe("warnings", () => {
  it("stand open up to three, the rest is one press away", () => {
    const tags = Array.from({ length: 6 }, () => OTHER).map((_, index) => ["p", index.toString(16).padStart(64, "0")]);
    const html = markup(shown(event(1, "\u200Bhttps://\u0430pple.com http://203.0.113.7:81", tags, 0), { hadSameText: true }));
    const [open = ""] = html.slice(html.indexOf("Look out")).split('<details class="fold">');
    expect(open.match(/<li>/g)).toHaveLength(3);
    expect(html).toContain("more to look at");
    expect(open.indexOf("mixes Latin and Cyrillic")).toBeGreaterThan(0);
  });
  it("that must be ticked all stand open", () => {
    const critical = ["a", "b", "c", "d"].map((id) => ({ id, fact: [id], consequence: [id], advice: "x", acknowledge: id }));
    const rest = { id: "e", fact: ["e"], consequence: ["e"], advice: "x" };
    const [open = "", folded] = render(<Warnings warnings={[...critical, rest]} />).split('<details class="fold">');
    expect(open.match(/<li>/g)).toHaveLength(4);
    expect(folded).toContain("1 more to look at");
  });
  it("are no empty block where there are none", () => expect(markup(shown(event(7, "+", [["e", ID]])))).not.toContain("Look out"));
});

it("a message that is read has no JSON, as nothing is signed", () => {
  expect(markup(shownMessage("nip44_decrypt", 5))).not.toContain("JSON");
});
