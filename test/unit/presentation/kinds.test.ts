// Each kind as people are shown it: its headline, the thing, what changes, what to look out for, and what must be ticked.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signEvent } from "../../../src/protocol/event.ts";
import type { EventTemplate } from "../../../src/protocol/event.ts";
import type { Presentation } from "../../../src/presentation/presentation.ts";
import { npubOf } from "../../../src/protocol/npub.ts";
import { publicKeyOf } from "../../../src/protocol/keys.ts";
import { otherSecretKey } from "../protocol/support.ts";
import { event, facts, linesOf, NOW, NOW_SECONDS, OTHER, segmentsOf, shown, shownMessage, USER, type Memory } from "./support.ts";

const ID = "5c83da77af1f2436a3d0f1b5c0f4bb6e1a5fda25d3c3b5b1e1f4c6f9f0a1b2c3";
const HOUR = 3600;

/** Real keys, as many as a follow list needs. */
const KEYS = Array.from({ length: 812 }, (_, index) =>
  publicKeyOf(new Uint8Array(32).fill(0).map((_byte, at) => (at > 29 ? ((index + 1) >> (8 * (31 - at))) & 255 : 0))),
);
const follows = (count: number, created_at = NOW_SECONDS - HOUR) =>
  event(
    3,
    "",
    KEYS.slice(0, count).map((key) => ["p", key]),
    created_at,
  );
const ticks = ({ critical }: Presentation) => critical.map(({ sentence }) => sentence);
const ids = ({ critical }: Presentation) => critical.map(({ id }) => id);

/** A plain one of every row of the table, with its headline and its wish. */
const TABLE: readonly (readonly [string, Presentation, string, string])[] = [
  ["0 profile", shown(event(0, '{"name":"Daily"}')), "Change the profile as Daily News?", "change the profile"],
  ["1 note", shown(event(1, "hello")), "Publish this note as Daily News?", "publish a note"],
  ["1 reply", shown(event(1, "hello", [["e", ID]])), "Publish this reply as Daily News?", "publish a reply"],
  ["3 follows", shown(follows(2)), "Change who Daily News follows?", "change the follow list"],
  ["4 old private message", shown(event(4, "x?iv=y", [["p", OTHER]])), "Send a private message as Daily News?", "send a private message"],
  ["13 seal", shown(event(13, "x")), "Send a private message as Daily News?", "send a private message"],
  ["14 chat message", shown(event(14, "hi", [["p", OTHER]])), "Sign a chat message as Daily News?", "sign a chat message"],
  [
    "15 file message",
    shown(event(15, "https://files.example/a", [["p", OTHER]])),
    "Sign a chat message as Daily News?",
    "sign a chat message",
  ],
  ["1059 wrap", shown(event(1059, "x", [["p", OTHER]])), "Sign a gift wrap as Daily News?", "sign a gift wrap"],
  ["encrypt", shownMessage("nip44_encrypt", 12), "Encrypt for npub1gekhljh9…47vduw as Daily News?", "send a private message"],
  ["old encrypt", shownMessage("nip04_encrypt", 12), "Encrypt for npub1gekhljh9…47vduw as Daily News?", "send a private message"],
  ["decrypt", shownMessage("nip44_decrypt", 132), "Read a message from npub1gekhljh9…47vduw as Daily News?", "read a private message"],
  ["old decrypt", shownMessage("nip04_decrypt", 132), "Read a message from npub1gekhljh9…47vduw as Daily News?", "read a private message"],
  [
    "5 deletion",
    shown(
      event(5, "", [
        ["e", ID],
        ["e", "1".repeat(64)],
        ["a", `30023:${USER}:x`],
      ]),
    ),
    "Delete 3 posts as Daily News?",
    "delete 3 posts",
  ],
  ["62 vanish", shown(event(62, "", [["relay", "ALL_RELAYS"]])), "Erase Daily News from relays?", "erase this identity from relays"],
  ["6 repost", shown(event(6, "", [["e", ID]])), "Repost this note as Daily News?", "repost a note"],
  ["16 repost", shown(event(16, "", [["e", ID]])), "Repost this post as Daily News?", "repost a post"],
  ["7 reaction", shown(event(7, "👍", [["e", ID]])), "React with 👍 as Daily News?", "react to a note"],
  ["7 like", shown(event(7, "+", [["e", ID]])), "React with a like as Daily News?", "react to a note"],
  ["7 dislike", shown(event(7, "-", [["e", ID]])), "React with a dislike as Daily News?", "react to a note"],
  ["10002 relays", shown(event(10_002, "", [["r", "wss://a.example"]])), "Change where Daily News is found?", "change the relay list"],
  [
    "22242 relay login",
    shown(
      event(22_242, "", [
        ["relay", "wss://a.example"],
        ["challenge", "x"],
      ]),
    ),
    "Log in to a relay as Daily News?",
    "log in to a relay",
  ],
  [
    "27235 web login",
    shown(
      event(27_235, "", [
        ["u", "https://a.example/x"],
        ["method", "GET"],
      ]),
    ),
    "Log in to a website as Daily News?",
    "log in to a website",
  ],
  ["30023 article", shown(event(30_023, "text", [["d", "x"]])), "Publish this article as Daily News?", "publish an article"],
  ["30024 draft", shown(event(30_024, "text", [["d", "x"]])), "Publish this draft article as Daily News?", "publish a draft article"],
  ["1984 report", shown(event(1984, "", [["p", OTHER, "spam"]])), "Report somebody as Daily News?", "report somebody"],
  ["unknown", shown(event(31_337, "x")), "Sign something unknown as Daily News?", "sign something unknown (kind 31337)"],
];

describe("check 12: every row of the table", () => {
  it.each(TABLE)("%s: %s", (_, presentation, headline, wish) => {
    expect(presentation.headline).toBe(headline);
    expect(presentation.wish).toBe(wish);
    expect(presentation.parts).not.toHaveLength(0);
    expect(linesOf(presentation).every((line) => line.trim() !== "" && line.trim() !== "|")).toBe(true);
  });

  it.each(TABLE)("%s warns in facts, each with its consequence and what to do", (_, { warnings }) => {
    for (const { id, fact, consequence, advice } of warnings) {
      expect(id).toMatch(/^[\x21-\x7e]+$/);
      expect([fact.length, consequence.length].every((length) => length > 0)).toBe(true);
      expect(advice).toMatch(/^[A-Z].*[.]$/);
    }
  });
});

describe("check 12: an event without text never leaves an empty block", () => {
  it.each(TABLE)("%s", (_, { technical }) => {
    if (!technical.startsWith("kind ")) return;
    for (const tags of [[], [["p", OTHER]], [["e", ID]], [["d", ""]], [["alt", ""]]]) {
      const presentation = shown(event(Number(technical.slice(5)), "", tags));
      const blocks = presentation.parts.filter((part) => part.part === "quote");
      expect(blocks.every((block) => block.text.segments.length > 0)).toBe(true);
      expect(linesOf(presentation).join("").length).toBeGreaterThan(10);
    }
  });
});

describe("a profile", () => {
  const last = event(
    0,
    '{"name":"Daily","about":"News","lud16":"tips@daily.example","nip05":"_@daily.example","picture":"https://p.example/1"}',
    [],
    NOW_SECONDS - HOUR,
  );
  const change = (content: string, at?: number) => shown(event(0, content, [], at), { latest: [last] });

  it("is compared field by field, what vanishes first and what stays last", () => {
    expect(
      linesOf(
        change(
          '{"name":"Daily","about":"Old news","website":"https://daily.example","nip05":"_@daily.example","lud16":"tips@daily.example"}',
        ),
      ),
    ).toEqual([
      "Picture: was at p.example, will be nothing",
      "About: was “News”, will be “Old news”",
      "Website: was nothing, will be “https://daily.example”",
      "Payment address stays “tips@daily.example”",
      "Verified name stays “_@daily.example”",
      "Name stays “Daily”",
    ]);
  });
  it("asks for a tick where tips would go elsewhere, without a word of the app's in it", () => {
    const changed = change(
      '{"name":"Daily","about":"News","lud16":"x@y.example","nip05":"_@daily.example","picture":"https://p.example/1"}',
    );
    expect(facts(changed)).toEqual(["Tips would go to “x@y.example”."]);
    expect(ticks(changed)).toEqual(["I understand that the payment address changes."]);
    expect(ticks(change('{"name":"Daily"}'))).toContain("I understand that the payment address changes.");
  });
  it("says that the verified name changes and how many fields vanish", () => {
    const changed = facts(change('{"name":"Daily","lud16":"tips@daily.example","nip05":"_@evil.example"}'));
    expect(changed).toEqual(["The verified name becomes “_@evil.example”.", "2 fields vanish: About, Picture."]);
  });
  it("that is older than the last one must be ticked", () => {
    const older = change(last.content, NOW_SECONDS - 3 * HOUR);
    expect(ticks(older)).toEqual(["I understand that this profile is older than the last one signed here."]);
    expect(facts(older)).toEqual(["This profile is 2 hours older than the last one signed here."]);
  });
  it.each(["", "not json", "[]", '"x"', "null"])("that is no JSON object (%j) is said to be unreadable", (content) => {
    expect(facts(change(content))).toEqual(["This is no profile that apps can read: not valid JSON."]);
  });
  it("without an earlier one says that nothing can be compared", () => {
    const first = shown(event(0, '{"name":"Daily","lud16":"x@y.example"}'));
    expect(linesOf(first)).toContain(
      "Nothing to compare with: Countersign has not signed a profile for Daily News. Signing replaces the whole profile.",
    );
    expect(ticks(first)).toEqual([]);
    expect(facts(first)).toEqual(["Tips go to “x@y.example”."]);
  });
  it("shows a field that nobody knows under the name that the app gave it, as the app's", () => {
    expect(linesOf(change('{"name":"Daily","x</h1>":"1"}'))).toContain("Field “x</h1>”: was nothing, will be “1”");
  });
});

describe("a note", () => {
  it("shows its text, links, whom it answers and tells, hashtags and content warning", () => {
    const tags = [
      ["e", ID, "", "reply"],
      ["p", OTHER],
      ["t", "news"],
      ["content-warning", "spoiler"],
      ["q", ID],
    ];
    const reply = shown(event(1, "see https://promo.example/x", tags), { signed: { [ID]: event(1, "the first note") } });
    expect(linesOf(reply)).toEqual([
      "Written by the app:",
      "  | see https://promo.example/x",
      "Link 1 goes to promo.example: https://promo.example/x",
      "In reply to:",
      "  Note 5c83da77…a1b2c3:",
      "  | the first note",
      "Content warning: “spoiler”",
      "Notifies: npub1gekhljh9…47vduw",
      "Quotes: 1 post",
      "Hashtags: “news”",
    ]);
  });
  it.each([
    ["leads to a host for the first time", "https://promo.example", {}, [], "First link to promo.example from this identity."],
    ["notifies more than 5 people", "x", {}, KEYS.slice(0, 6).map((key) => ["p", key]), "It notifies 6 people."],
    ["was signed before with the same text", "x", { hadSameText: true }, [], "The same text was signed in the past 24 hours."],
    ["holds invisible characters", "a\u202Eb\u200Bc", {}, [], "The text holds 2 invisible characters."],
    [
      "looks like another site",
      "https://\u0430pple.com",
      { familiar: ["host/xn--pple-43d.com"] },
      [],
      /^xn--pple-43d\.com .* mixes Latin and Cyrillic letters/,
    ],
  ] as readonly (readonly [string, string, Memory, string[][], string | RegExp])[])(
    "that %s is told so",
    (_, content, memory, tags, fact) => {
      expect(facts(shown(event(1, content, tags), memory))).toEqual([typeof fact === "string" ? fact : expect.stringMatching(fact)]);
    },
  );
  it.each([
    [-11 * 60, "It is dated 11 minutes before the app asked."],
    [11 * 60, "It is dated 11 minutes ahead of when the app asked."],
    [3 * 86_400, "It is dated 3 days ahead of when the app asked."],
    [-9 * 60, undefined],
    [9 * 60, undefined],
  ])("dated %i seconds off", (off, fact) => {
    expect(facts(shown(event(1, "x", [], NOW_SECONDS + off)))).toEqual(fact === undefined ? [] : [fact]);
  });
  it("keeps its date's verdict however long people take", () => {
    expect(facts(shown(event(1, "x"), { now: NOW + 20 * HOUR * 1000 }))).toEqual([]);
  });
  it("that publishes a secret key must be ticked", () => {
    expect(ticks(shown(event(1, `my key: nsec1${"q".repeat(58)}`)))).toEqual(["I understand that this publishes a secret key."]);
  });
  it("of another readable kind has the name of its kind", () => {
    expect([42, 1111, 1068, 9802].map((kind) => shown(event(kind, "x")).headline)).toEqual([
      "Publish this channel message as Daily News?",
      "Publish this comment as Daily News?",
      "Publish this poll as Daily News?",
      "Publish this highlight as Daily News?",
    ]);
  });
});

describe("a follow list", () => {
  it("counts, and names the lost ones first", () => {
    const changed = shown(
      { ...follows(400, NOW_SECONDS), tags: [...KEYS.slice(0, 400).map((key) => ["p", key]), ["p", OTHER], ["p", USER]] },
      { latest: [follows(812)] },
    );
    expect(linesOf(changed).slice(0, 2)).toEqual(["812 → 402: 2 added, 412 removed.", "Removed, 412:"]);
    expect(linesOf(changed)).toContain("  and 362 more");
    expect(changed.wish).toBe("change the follow list (412 removed)");
    expect(changed.critical).toEqual([{ id: "lost-follows-412", sentence: "I understand that 412 follows are lost." }]);
  });
  it.each([
    [100, 90, []],
    [100, 89, ["lost-follows-11"]],
    [812, 792, []],
    [812, 791, ["lost-follows-21"]],
    [5, 4, ["lost-follows-1"]],
    [5, 0, ["lost-follows-5"]],
    [0, 0, ["no-follows"]],
  ])("of %i that keeps %i must be ticked: %j", (before, after, expected) => {
    expect(ids(shown(follows(after, NOW_SECONDS), { latest: [follows(before)] }))).toEqual(expected);
  });
  it("without an earlier one says so, and an empty one must be ticked all the same", () => {
    expect(linesOf(shown(follows(2)))[1]).toMatch(/^Nothing to compare with: Countersign has not signed a follow list for Daily News/);
    expect(ids(shown(follows(0)))).toEqual(["no-follows"]);
  });
  it("that is older must be ticked for that too", () => {
    expect(ids(shown(follows(2, NOW_SECONDS - 2 * HOUR), { latest: [follows(812)] }))).toEqual([`older-${HOUR}`, "lost-follows-810"]);
  });
  it("counts a key once, however often it is listed", () => {
    const twice = event(3, "", [
      ["p", OTHER],
      ["p", OTHER],
      ["p", "no key"],
    ]);
    expect(linesOf(shown(twice))[0]).toBe("The new list has 1 person.");
  });
  it("shows names that members gave", () => {
    const changed = shown(follows(0, NOW_SECONDS), { latest: [event(3, "", [["p", OTHER]], 1)], nicknames: { [OTHER]: "Lea" } });
    expect(linesOf(changed)).toContain("  Lea (npub1gekhljh9…47vduw)");
  });
});

describe("private messages", () => {
  it("of the old kind say to whom and what that shows", () => {
    const message = shown(event(4, "x?iv=y", [["p", OTHER]]), { familiar: [`person/${OTHER}`] });
    expect(linesOf(message)).toEqual(["To: npub1gekhljh9…47vduw", "Encrypted. The old format shows everyone who writes to whom."]);
    expect(message).toMatchObject({ isPrivate: true, warnings: [] });
  });
  it("to somebody new say so", () => {
    expect(facts(shown(event(4, "x", [["p", OTHER]])))).toEqual(["First conversation with npub1gekhljh9…47vduw through this bunker."]);
  });
  it("in a seal must have no tags, and may be dated two days back", () => {
    expect(facts(shown(event(13, "x", [["p", OTHER]])))).toEqual(["The seal carries 1 tag."]);
    expect(facts(shown(event(13, "x", [], NOW_SECONDS - 47 * HOUR)))).toEqual([]);
    expect(facts(shown(event(13, "x", [], NOW_SECONDS - 49 * HOUR)))).toEqual(["It is dated 2 days before the app asked."]);
  });
  it("in a seal say for whom they were encrypted, where that is known", () => {
    expect(linesOf(shown(event(13, "x"), { receiver: OTHER, familiar: [`person/${OTHER}`] }))).toEqual([
      "To: npub1gekhljh9…47vduw",
      "The message is inside, encrypted.",
    ]);
  });
  it.each([
    [14, "signed-chat"],
    [15, "signed-chat"],
    [1059, "wrap-reveals-sender"],
  ])("of kind %i must be ticked: %s", (kind, id) => expect(ids(shown(event(kind, "x", [["p", OTHER]])))).toEqual([id]));
  it("encrypted or read show the size, never the text, and who gets what", () => {
    expect(linesOf(shownMessage("nip44_decrypt", 1200))).toEqual([
      "From: npub1gekhljh9…47vduw",
      "Length: 1,200 characters, encrypted",
      "news-bot receives the readable text.",
    ]);
    expect(shownMessage("nip44_decrypt", 1200).json).toBeNull();
  });
  it("in great numbers are told", () => {
    expect(facts(shownMessage("nip44_decrypt", 12, { conversations: 30 }))[0]).toBe(
      "news-bot had 30 messages encrypted or read in the past hour.",
    );
  });
});

describe("deletions", () => {
  it("show each target, with its text where it was signed here", () => {
    const deletion = event(5, "a typo", [
      ["e", ID],
      ["e", "1".repeat(64)],
      ["a", `30023:${USER}:x`],
      ["a", `30023:${OTHER}:y`],
    ]);
    const presentation = shown(deletion, {
      signed: { [ID]: event(1, "with a tpyo") },
      latest: [event(30_023, "an article", [["d", "x"]])],
    });
    expect(linesOf(presentation)).toEqual([
      "To be deleted, 4:",
      "  Post 5c83da77…a1b2c3:",
      "  | with a tpyo",
      "  Post 11111111…111111: not signed here, cannot be shown",
      "  An article “x”:",
      "  | an article",
      "  An article “y”: of somebody else: deleting it has no effect",
      "Reason, written by the app:",
      "  | a typo",
    ]);
    expect(facts(presentation)).toEqual(["A request: copies may remain, and it cannot be undone.", "1 of them is somebody else's."]);
  });
  it.each([
    [10, []],
    [11, ["deletions-11"]],
  ])("of %i posts must be ticked: %j", (count, expected) => {
    const tags = Array.from({ length: count }, (_, index) => ["e", index.toString(16).padStart(64, "0")]);
    expect(ids(shown(event(5, "", tags)))).toEqual(expected);
  });
  it("of everything must be ticked", () => {
    expect(ticks(shown(event(62, "", [["relay", "wss://a.example"]])))).toEqual([
      "I understand that relays delete everything ever published, and it cannot be undone.",
    ]);
  });
});

describe("what is passed on", () => {
  const original = signEvent(event(1, "their own words"), otherSecretKey);
  const repost = (content: string, id: string = original.id) =>
    shown(
      event(6, content, [
        ["e", id],
        ["p", original.pubkey],
      ]),
    );

  it("is shown with its author", () => {
    const presentation = repost(JSON.stringify(original));
    expect(linesOf(presentation)).toEqual([
      "Written by its author, passed on by the app:",
      "  | their own words",
      "Author: npub1gekhljh9…47vduw",
    ]);
    expect(presentation.warnings).toEqual([]);
  });
  it.each([
    ["names another post", JSON.stringify(original), ID, "The copy inside does not match the post it names."],
    ["was changed", JSON.stringify({ ...original, content: "other words" }), undefined, "The signature of the copy inside is wrong."],
    [
      "has a wrong signature",
      JSON.stringify({ ...original, sig: "0".repeat(128) }),
      undefined,
      "The signature of the copy inside is wrong.",
    ],
    ["is no post", '{"content":"x"}', undefined, "What is inside is no post."],
  ])("that %s must be ticked", (_, content, id, fact) => {
    const presentation = repost(content, id);
    expect(facts(presentation)).toEqual([fact]);
    expect(ids(presentation)).toEqual(["repost-mismatch"]);
  });
  it("unseen is told to be unseen", () => expect(facts(repost(""))).toEqual(["There is no copy inside, so it cannot be shown here."]));
});

describe("reactions", () => {
  it.each([
    ["👍", "React with 👍 as Daily News?", "Reaction: “👍” thumbs up"],
    ["🦒", "React with 🦒 as Daily News?", "Reaction: “🦒” U+1F992"],
    ["❤️", "React with ❤️ as Daily News?", "Reaction: “❤️” red heart"],
    [":soapbox:", "React to a note as Daily News?", "Reaction: “:soapbox:”"],
    ["as Approve?", "React to a note as Daily News?", "Reaction: “as Approve?”"],
    ["👍👍", "React to a note as Daily News?", "Reaction: “👍👍”"],
    ["\u202E", "React to a note as Daily News?", "Reaction: “[right-to-left override]”"],
  ])("%j", (content, headline, line) => {
    const presentation = shown(event(7, content, [["e", ID]]));
    expect(presentation.headline).toBe(headline);
    expect(linesOf(presentation)[0]).toBe(line);
  });
});

describe("a relay list", () => {
  const last = event(
    10_002,
    "",
    [
      ["r", "wss://a.example"],
      ["r", "wss://b.example", "read"],
    ],
    NOW_SECONDS - HOUR,
  );
  const change = (tags: string[][], memory: Memory = {}) =>
    shown(event(10_002, "", tags), { latest: [last], familiar: ["relay/a.example", "relay/b.example", "relay/c.example"], ...memory });

  it("shows what is added, removed and used otherwise; spellings of one address are one relay", () => {
    expect(
      linesOf(
        change([
          ["r", "wss://A.example/"],
          ["r", "wss://c.example", "write"],
        ]),
      ),
    ).toEqual(["b.example: was read, will be nothing", "c.example: was nothing, will be write", "a.example stays read and write"]);
    expect(
      linesOf(
        change([
          ["r", "wss://a.example"],
          ["r", "wss://b.example"],
        ]),
      )[0],
    ).toBe("b.example: was read, will be read and write");
  });
  it("that drops all old ones must be ticked", () => {
    expect(change([["r", "wss://c.example"]]).critical).toEqual([
      { id: "all-relays-go-2", sentence: "I understand that all 2 old relays go." },
    ]);
    expect(ids(change([]))).toEqual(["all-relays-go-2"]);
    expect(ids(change([["r", "wss://a.example"]]))).toEqual([]);
  });
  it.each([
    ["ws://a.example.net", ["a.example.net is reached without encryption (ws://).", "First time that a.example.net is listed."]],
    ["wss://203.0.113.7", ["It leads to 203.0.113.7, an address without a name.", "First time that 203.0.113.7 is listed."]],
    ["not an address", ["A relay whose address cannot be read: “not an address”"]],
  ])("that adds %s is told so", (address, expected) => {
    expect(
      facts(
        change([
          ["r", "wss://a.example"],
          ["r", "wss://b.example", "read"],
          ["r", address],
        ]),
      ),
    ).toEqual(expected);
  });
  it("for private messages is one too", () => {
    expect(shown(event(10_050, "", [["relay", "wss://a.example"]])).headline).toBe("Change where private messages reach Daily News?");
  });
});

describe("logins", () => {
  it("to a relay show its host and what they tell", () => {
    const login = shown(
      event(22_242, "", [
        ["relay", "wss://a.example/x"],
        ["challenge", "c"],
      ]),
      { familiar: ["relay/a.example"] },
    );
    expect(linesOf(login)).toEqual([
      "Relay: a.example",
      "Full address: “wss://a.example/x”",
      "Not published. Tells this relay who is connecting.",
    ]);
    expect(login.warnings).toEqual([]);
  });
  it("to an unknown relay, without challenge, with a date off", () => {
    expect(facts(shown(event(22_242, "", [["relay", "wss://a.example"]], NOW_SECONDS - HOUR)))).toEqual([
      "It carries no challenge of the relay.",
      "This bunker does not know the relay a.example.",
      "It is dated 1 hour before the app asked.",
    ]);
  });
  it("to a website show site, action and the full address", () => {
    const login = shown(
      event(27_235, "", [
        ["u", "https://api.example/v1/posts?x=1"],
        ["method", "delete"],
      ]),
      { familiar: ["host/api.example"] },
    );
    expect(linesOf(login)).toEqual([
      "Website: api.example",
      "Does: delete (DELETE)",
      "Full address: “https://api.example/v1/posts?x=1”",
      "Valid for about a minute. It proves this identity to that site and no other.",
    ]);
    expect(login.warnings).toEqual([]);
  });
  it.each([
    [
      "a new site",
      [
        ["u", "https://api.example"],
        ["method", "GET"],
      ],
      0,
      {},
      "This identity never logged in to, or linked to, api.example.",
    ],
    [
      "data unseen",
      [
        ["u", "https://api.example"],
        ["method", "POST"],
      ],
      0,
      { familiar: ["host/api.example"] },
      "It sends data without its fingerprint: what is sent cannot be checked.",
    ],
    [
      "too late",
      [
        ["u", "https://api.example"],
        ["method", "GET"],
      ],
      46,
      { familiar: ["host/api.example"] },
      "Probably too late: it is 46 seconds old, and the app will have to ask again.",
    ],
    ["no address", [["method", "GET"]], 0, {}, "The address of the website cannot be read."],
  ] as readonly (readonly [string, string[][], number, Memory, string])[])("with %s say so", (_, tags, age, memory, fact) => {
    expect(facts(shown(event(27_235, "", tags, NOW_SECONDS - age), memory))).toEqual([fact]);
  });
  it("with a fingerprint of what they send are ordinary", () => {
    const tags = [
      ["u", "https://api.example"],
      ["method", "POST"],
      ["payload", "ab"],
    ];
    expect(facts(shown(event(27_235, "", tags), { familiar: ["host/api.example"] }))).toEqual([]);
  });
  it("to a media server say what they open", () => {
    expect(facts(shown(event(24_242, "", [["t", "delete"]])))).toEqual([
      "It deletes files.",
      "It is not bound to one server and its files.",
    ]);
  });
});

describe("an article", () => {
  const last = event(
    30_023,
    "# One\n\nfirst\nsecond\nthird\nfourth\nfifth\nsixth\n# Two\nend",
    [
      ["d", "x"],
      ["title", "A title"],
    ],
    NOW_SECONDS - HOUR,
  );
  it("that replaces one shows what changes line by line", () => {
    const content = last.content.replace("second", "zweite");
    const presentation = shown(
      event(30_023, content, [
        ["d", "x"],
        ["title", "A title"],
      ]),
      { latest: [last] },
    );
    expect(presentation.headline).toBe("Replace this article as Daily News?");
    expect(linesOf(presentation).slice(-9)).toEqual([
      "What changes against the last version signed here:",
      "    (1 line as before)",
      "    ",
      "    first",
      "  - second",
      "  + zweite",
      "    third",
      "    fourth",
      "    (4 lines as before)",
    ]);
    expect(presentation.warnings).toEqual([]);
  });
  it("shows title, summary and headings", () => {
    const presentation = shown(
      event(30_023, last.content, [
        ["d", "x"],
        ["title", "A title"],
        ["summary", "Short"],
      ]),
    );
    expect(linesOf(presentation).slice(0, 3)).toEqual(["Title: “A title”", "Summary: “Short”", "Name in its address: “x”"]);
    expect(linesOf(presentation)).toEqual(expect.arrayContaining(["Headings, 2:", "  “# One”", "  “# Two”"]));
  });
  it("that is another text under the old address is told so", () => {
    const presentation = shown(
      event(
        30_023,
        "see https://new.example",
        [
          ["d", "x"],
          ["title", "Another"],
        ],
        NOW_SECONDS - 2 * HOUR,
      ),
      { latest: [last] },
    );
    expect(facts(presentation)).toEqual([
      "This article is 1 hour older than the last one signed here.",
      "The text goes from 54 to 23 characters.",
      "The title changes from “A title” to “Another”.",
      "First link to new.example from this identity.",
      "It is dated 2 hours before the app asked.",
    ]);
    expect(presentation.critical).toEqual([]);
  });
});

describe("a report", () => {
  it("says who, why and that it is public", () => {
    const presentation = shown(
      event(1984, "", [
        ["p", OTHER, "impersonation"],
        ["e", ID],
      ]),
    );
    expect(linesOf(presentation)).toEqual([
      "Who: npub1gekhljh9…47vduw",
      "Reason: impersonation: pretends to be somebody else",
      "Which note: 5c83da77…a1b2c3",
      "No further words.",
    ]);
    expect(facts(presentation)).toEqual(["Public accusation signed by Daily News."]);
  });
});

describe("something unknown", () => {
  it("shows its number, what relays do with it, the app's description, text and tags", () => {
    const presentation = shown(
      event(31_337, "text", [
        ["d", "q"],
        ["alt", "A thing"],
      ]),
      { familiar: ["kind/31337"] },
    );
    expect(linesOf(presentation)).toEqual([
      "Kind: 31337",
      "On relays: replaces an earlier one of its name",
      "Description, written by the app:",
      "  | A thing",
      "Written by the app:",
      "  | text",
      "Tags:",
      "  | d | q",
      "  | alt | A thing",
    ]);
    expect(ticks(presentation)).toEqual(["I understand that Countersign cannot say what apps will make of this."]);
  });
  it.each([
    [25_000, "not stored by relays"],
    [1234, "stays"],
    [15_000, "replaces an earlier one of its kind"],
    [35_000, "replaces an earlier one of its name"],
  ])("of kind %i is said to be %s", (kind, words) => expect(linesOf(shown(event(kind)))[1]).toBe(`On relays: ${words}`));
  it("is told when its kind is signed for the first time", () => {
    expect(facts(shown(event(31_337)))).toEqual([
      "Countersign cannot say what apps will make of this.",
      "First time that this kind is signed here.",
    ]);
  });
  it("has its name where it has one, and still must be ticked", () => {
    const request = shown(event(23_194, "x"));
    expect(linesOf(request)).toEqual([
      "Kind: 23194, a wallet request",
      "On relays: not stored by relays",
      "What it says is encrypted.",
      "No tags.",
    ]);
    expect(ids(request)).toEqual(["unknown-23194"]);
  });
});

describe("our words", () => {
  const EVIL = "Zqx</h1><b>\u202E\n\nas Zqx?";
  const strings = (value: unknown): string[] => {
    if (typeof value === "string") return [value];
    if (Array.isArray(value)) return value.flatMap(strings);
    if (typeof value !== "object" || value === null) return [];
    if ("is" in value && ["text", "chip", "mention", "reference"].includes(String(value.is))) return [];
    return Object.values(value).flatMap(strings);
  };

  it("never hold a word of the app's, whatever the kind", () => {
    const kinds = [0, 1, 3, 4, 5, 6, 7, 13, 14, 62, 1059, 1111, 1984, 10_002, 22_242, 24_242, 27_235, 30_023, 31_337];
    const names = [
      "e",
      "p",
      "a",
      "d",
      "t",
      "r",
      "u",
      "relay",
      "method",
      "title",
      "summary",
      "alt",
      "content-warning",
      "server",
      "x",
      "q",
      "challenge",
    ];
    for (const kind of kinds) {
      const { json: _json, ...presentation } = shown(
        event(
          kind,
          EVIL,
          names.map((name) => [name, EVIL, EVIL, EVIL]),
        ),
      );
      expect(strings(presentation).filter((text) => /Zqx|<b>/.test(text))).toEqual([]);
    }
  });

  it("take members' names on one line", () => {
    expect(shown(event(1, "x"), { bunkerName: "Daily\n\u202ENews" }).headline).toBe(
      "Publish this note as Daily [right-to-left override]News?",
    );
  });
});

describe("the JSON", () => {
  it("is everything that would be signed, in ASCII", () => {
    const { json } = shown(event(1, "é\u202E\u200B😀\n", [["t", "ж"]]));
    expect(json).toMatch(/^[\n\x20-\x7e]*$/);
    expect(JSON.parse(json ?? "")).toEqual({ pubkey: USER, ...event(1, "é\u202E\u200B😀\n", [["t", "ж"]]) });
  });
});

const anyEvent: fc.Arbitrary<EventTemplate> = fc
  .record({
    kind: fc.oneof(
      fc.constantFrom(0, 1, 3, 4, 5, 6, 7, 13, 14, 15, 16, 62, 1059, 1984, 10_002, 10_050, 22_242, 24_242, 27_235, 30_023),
      fc.integer({ min: 0, max: 65_535 }),
    ),
    content: fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.json(),
      fc.constantFrom("", "\u202E\u200B", `nostr:${npubOf(OTHER)}`),
    ),
    tags: fc.array(
      fc.array(
        fc.oneof(
          fc.constantFrom("e", "p", "a", "d", "t", "r", "u", ID, OTHER, "wss://a.example", "ws://\u0430.com", ""),
          fc.string({ unit: "binary", maxLength: 20 }),
        ),
        { maxLength: 4 },
      ),
      { maxLength: 6 },
    ),
    created_at: fc.integer({ min: 0, max: NOW_SECONDS * 2 }),
  })
  .map((template) => ({
    ...template,
    content: template.content.toWellFormed(),
    tags: template.tags.map((tag) => tag.map((value) => value.toWellFormed())),
  }));

it("whatever is asked, something is shown, and nothing raw is left in it", () => {
  fc.assert(
    fc.property(anyEvent, anyEvent, (asked, last) => {
      const presentation = shown(asked, { latest: [{ ...last, kind: asked.kind }], signed: { [ID]: last } });
      expect(presentation.parts).not.toHaveLength(0);
      expect(presentation.headline).toMatch(/\?$/);
      for (const segment of segmentsOf(presentation)) {
        if (segment.is === "text") expect(segment.text).not.toMatch(/[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/);
      }
      for (const { segments } of presentation.parts.flatMap((part) => (part.part === "quote" ? [part.text] : [])))
        expect(segments).not.toHaveLength(0);
    }),
    { numRuns: 1000 },
  );
});
