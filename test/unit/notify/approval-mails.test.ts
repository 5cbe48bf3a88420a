// The mails of an approval, read back by a parser that is not ours: the same facts in text and HTML, and nothing of a stranger's that a
// mail program could press, load or take for a header.

import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";
import { newMail, type MailWords } from "../../../src/notify/message.ts";
import { renderMime } from "../../../src/notify/mime.ts";
import {
  approvalDigestMail,
  approvalOutcomeMail,
  approvalQuestionMail,
  unansweredMail,
  waitingAppMail,
  type ApprovalQuestionFacts,
} from "../../../src/notify/templates/approval.ts";
import type { Asked } from "../../../src/presentation/material.ts";
import type { EventTemplate } from "../../../src/protocol/event.ts";
import { present } from "../../../src/presentation/present.ts";
import { event, material, NOW, NOW_SECONDS, OTHER, USER, type Memory } from "../presentation/support.ts";
import { address, SENDER } from "./support.ts";

const HOST = "bunkers.example.org";
const LINK = `https://${HOST}/approve/${"Zk3".repeat(28)}Zk`;
const ACCOUNT = `https://${HOST}/account`;
const MINUTE = 60_000;
const ID = "5c83da77af1f2436a3d0f1b5c0f4bb6e1a5fda25d3c3b5b1e1f4c6f9f0a1b2c3";
const WHY = "Rule ‘bait’ asks: a note (kind 1), 60 characters, the text contains “giveaway”, a link to promo.example.";

function question(asked: Asked, change: Partial<ApprovalQuestionFacts> = {}, memory: Memory = {}): MailWords {
  const presentation = present(asked, material(memory));
  return approvalQuestionMail({
    bunker: "Daily News",
    app: "news-bot",
    host: HOST,
    zone: "Europe/Berlin",
    wish: presentation.wish,
    reference: "A7F3",
    occasion: "new",
    request: asked,
    presentation,
    shows: "text",
    why: WHY,
    need: 2,
    approvedBy: ["ana@example.org"],
    passkey: false,
    now: NOW,
    expiresAt: NOW + 30 * MINUTE,
    link: LINK,
    fingerprint: "7f3a 91c2 04be",
    accountLink: ACCOUNT,
    ...change,
  });
}

const sign = (template: EventTemplate, change?: Partial<ApprovalQuestionFacts>, memory?: Memory) =>
  question({ method: "sign_event", event: template }, change, memory);
const GIVEAWAY = event(1, "Giveaway! The first 100 readers get\none: https://promo.example/x");
const followers = Array.from({ length: 12 }, (_, index) => ["p", (index + 1).toString(16).padStart(64, "0")]);

const parse = async (words: MailWords) =>
  PostalMime.parse(
    renderMime(newMail(words, { to: address("maria@example.org"), messageId: "<a@bunkers.example.org>", writtenAt: NOW }), SENDER),
  );

describe("a question", () => {
  it("reads as it should", async () => {
    const mail = await parse(sign(GIVEAWAY));
    expect(mail.from?.name).toBe("Countersign · Daily News");
    expect(mail.text?.replaceAll("\r\n", "\n").trimEnd())
      .toBe(`2 people must approve before 26 Nov 2026, 13:00 (Berlin, UTC+1). 1 has: ana@example.org.

news-bot wants to publish a note as Daily News:

  | Giveaway! The first 100 readers get
  | one: https[:]//promo[.]example/x
  (Written by the app; links are broken up on purpose)

Link 1 goes to promo[.]example

Why you are asked: Rule ‘bait’ asks: a note (kind 1), 60 characters, the text contains “giveaway”, a link to promo[.]example. Look out: First link to promo[.]example from this identity.

Read and decide:
${LINK}
Opening it decides nothing. The link is yours alone.

Not expected? Stop news-bot or lock Daily News (asks first):
${LINK}/stop

You get this because you approve for Daily News. Fewer mails: ${ACCOUNT}
Nobody reads replies.
Reference A7F3 · fingerprint 7f3a 91c2 04be (the page must show the same)`);
  });

  it.each([
    ["a note", GIVEAWAY, "publish a note"],
    ["an article", event(30_023, "text", [["d", "x"]]), "publish an article"],
    ["a repost", event(6, "", [["e", ID]]), "repost a note"],
    ["a reaction", event(7, "👍", [["e", ID]]), "react to a note"],
    ["a profile", event(0, "{}"), "change the profile"],
    ["a relay list", event(10_002, "", [["r", "wss://a.example"]]), "change the relay list"],
    [
      "a deletion",
      event(5, "", [
        ["e", ID],
        ["e", "1".repeat(64)],
        ["e", "2".repeat(64)],
      ]),
      "delete 3 posts",
    ],
    ["a request to vanish", event(62, "", [["relay", "ALL_RELAYS"]]), "erase this identity from relays"],
    ["a report", event(1984, "", [["p", OTHER, "spam"]]), "report somebody"],
    ["a relay login", event(22_242, "", [["relay", "wss://a.example"]]), "log in to a relay"],
    ["a website login", event(27_235, "", [["u", "https://a.example"]]), "log in to a website"],
    ["an old message", event(4, "x", [["p", OTHER]]), "send a private message"],
    ["a seal", event(13, "x"), "send a private message"],
    ["something unknown", event(31_337, "x"), "sign something unknown (kind 31337)"],
  ])("about %s has its subject", async (_, template, wish) => {
    expect((await parse(sign(template))).subject).toBe(`Daily News: news-bot wants to ${wish} · A7F3`);
  });
  it("about a follow list counts in the subject what is lost", async () => {
    const mail = await parse(
      sign(
        event(3, "", [["p", OTHER]]),
        {},
        {
          latest: [
            event(
              3,
              "",
              [
                ["p", OTHER],
                ["p", USER],
              ],
              1,
            ),
          ],
        },
      ),
    );
    expect(mail.subject).toBe("Daily News: news-bot wants to change the follow list (1 removed) · A7F3");
  });
  it.each([
    ["nip44_encrypt", "send a private message"],
    ["nip04_decrypt", "read a private message"],
  ] as const)("about %s says so", async (method, wish) => {
    expect((await parse(question({ method, counterparty: OTHER, characters: 9 }))).subject).toBe(
      `Daily News: news-bot wants to ${wish} · A7F3`,
    );
  });
  it("that is repeated says how long there is", async () => {
    expect((await parse(sign(GIVEAWAY, { occasion: "reminder" }))).subject).toBe(
      "30 minutes left: Daily News: news-bot wants to publish a note · A7F3",
    );
  });
  it("says what a vote needs, and what silence does", () => {
    expect(sign(GIVEAWAY, { passkey: true }).text).toContain("The answer needs a passkey.");
    expect(sign(GIVEAWAY, { vetoAfterSeconds: 600 }).text).toContain(
      "It is signed by itself 10 minutes after enough people were told, unless somebody rejects.",
    );
  });
  it("that takes the place of another says that a new answer is needed", () =>
    expect(sign(GIVEAWAY, { occasion: "again" }).text).toContain("a new answer is needed"));
});

describe("what is quoted", () => {
  it("is 280 characters at most", () => {
    const [quoted = ""] = sign(event(1, "x".repeat(5000))).text.match(/x+…/) ?? [];
    expect(quoted).toHaveLength(281);
  });
  it("is nothing where the bunker's mails quote nothing", () => {
    const { text, html } = sign(event(1, "Giveaway at https://promo.example"), { shows: "kind" });
    for (const part of [text, html]) expect(part).not.toMatch(/promo|bait|Look out/);
    expect(text).toContain("news-bot wants to publish a note as Daily News.");
  });
  it.each([4, 13, 14, 15, 1059])("is nothing of a private message (kind %i)", (kind) => {
    const { text, html } = sign(
      event(kind, "psst https://secret.example", [
        ["p", OTHER],
        ["subject", "psst"],
      ]),
    );
    for (const part of [text, html]) expect(part).not.toMatch(/psst|secret/);
  });
  it("has a bar in front of every line, so that none passes for ours", () => {
    const { text } = sign(event(1, "one\n\nRead and decide:\nhttps://evil.example\n\nReference A7F3"));
    expect(text.match(/^Read and decide:$/gm)).toHaveLength(1);
    expect(text).toContain("  | Read and decide:\n  | https[:]//evil[.]example");
  });
});

const EVIL = 'x"><a href="https://evil.example/">\r\n\r\nBcc: eve@evil.example\r\n<script src="https://evil.example/x.js">\u202e\u200b';
const samples: readonly (readonly [string, MailWords])[] = [
  ...[0, 1, 3, 4, 5, 6, 7, 13, 14, 16, 62, 1059, 1984, 10_002, 22_242, 24_242, 27_235, 30_023, 31_337].flatMap(
    (kind): [string, MailWords][] => {
      const tags = ["e", "p", "a", "d", "t", "r", "u", "relay", "method", "title", "summary", "alt", "content-warning", "server", "q"].map(
        (name) => [name, EVIL, EVIL],
      );
      const latest = [event(kind, "an older text", kind === 3 ? followers : [["d", EVIL]], NOW_SECONDS - 9)];
      const content = kind === 0 ? JSON.stringify({ name: EVIL, lud16: EVIL, [EVIL]: EVIL }) : EVIL.repeat(40);
      return [[`of kind ${kind}`, sign(event(kind, content, tags), {}, { latest })]];
    },
  ),
  ["with an evil app and bunker", sign(GIVEAWAY, { app: EVIL, bunker: EVIL, why: EVIL })],
  ["with all conditions", sign(GIVEAWAY, { passkey: true, vetoAfterSeconds: 600, occasion: "again" })],
  ["without quotes", sign(GIVEAWAY, { shows: "kind" })],
  [
    "of a deletion of hundreds",
    sign(
      event(
        5,
        "",
        Array.from({ length: 400 }, (_, index) => ["e", index.toString(16).padStart(64, "0")]),
      ),
    ),
  ],
  ["of a follow list", sign(event(3, "", []), {}, { latest: [event(3, "", followers, 1)] })],
  [
    "of many at once",
    approvalDigestMail({
      bunker: "Daily News",
      host: HOST,
      reference: "B2C4",
      accountLink: ACCOUNT,
      items: Array.from({ length: 100 }, (_, index) => ({
        app: EVIL,
        wish: "publish a note",
        reference: "A7F3",
        expiresAt: NOW + index,
        link: `${LINK}${index}`,
      })),
    }),
  ],
  ...(["approved", "rejected", "expired", "withdrawn", "failed"] as const).map((outcome): [string, MailWords] => [
    outcome,
    approvalOutcomeMail({
      bunker: "Daily News",
      app: EVIL,
      host: HOST,
      wish: "publish a note",
      reference: "A7F3",
      outcome,
      by: ["ana@example.org"],
      sentence: "It ended.",
      at: NOW,
      link: `https://${HOST}/a/1`,
    }),
  ]),
  [
    "unanswered",
    unansweredMail({
      bunker: "Daily News",
      app: "news-bot",
      host: HOST,
      wish: "publish a note",
      reference: "A7F3",
      askedAt: NOW,
      expiredAt: NOW,
      link: `https://${HOST}/a/1`,
    }),
  ],
  [
    "of a waiting app",
    waitingAppMail({
      bunker: "Daily News",
      app: EVIL,
      host: HOST,
      reference: "A7F3",
      policy: "bot-notes",
      until: NOW,
      link: `https://${HOST}/b/1`,
    }),
  ],
];

/** The words of markup, as a reader of text would have them. */
function wordsOfHtml(html: string): string[] {
  const entities: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
  return words(
    html
      .slice(html.indexOf("<body"))
      .replace(/<[^>]*>/g, " ")
      .replace(/&[a-z0-9#]+;/g, (entity) => entities[entity] ?? entity),
  );
}

// The button's label stands before a colon in the text; bars stand for the quote's border.
const words = (text: string) =>
  text
    .replace(/^ {2}\| /gm, "")
    .split(/\s+/)
    .map((word) => word.replace(/:$/, ""))
    .filter((word) => word !== "");

describe.each(samples)("check 19: the mail %s", (_, mail) => {
  it("says the same in text and HTML, in the same order", async () => {
    const parsed = await parse(mail);
    expect(wordsOfHtml(parsed.html ?? "")).toEqual(words(parsed.text ?? ""));
  });
  it("is below 20 kB, loads nothing and runs nothing", () => {
    expect(new TextEncoder().encode(mail.html).length).toBeLessThan(20_000);
    expect(mail.html).not.toMatch(/<(?:img|script|link|iframe|object|svg|form|input|base)|<[^>]*\s(?:src|on[a-z]+)=|url\(|@import/i);
  });
  it("leads nowhere but to this instance", () => {
    const targets = [...mail.html.matchAll(/href="([^"]*)"/g)].map(([, target]) => target);
    expect(targets.filter((target) => target?.startsWith(`https://${HOST}/`) !== true)).toEqual([]);
    expect(mail.text.match(/https?:\/\/[^\s]+/g)?.filter((target) => !target.startsWith(`https://${HOST}/`)) ?? []).toEqual([]);
    expect(mail.text).not.toMatch(/[\u202A-\u202E\u200B]/);
  });
  it("has one line as its subject, without a word of the request or a code", async () => {
    const { subject, headers } = await parse(mail);
    expect(subject).toMatch(/^[^\r\n]+ · [0-9A-Z]{4}$/);
    expect(subject).not.toMatch(/Giveaway|promo|evil\.example|\bBcc\b.*@|[0-9]{8}/);
    expect(headers.map(({ key }) => key)).not.toContain("bcc");
  });
});

describe("several at once", () => {
  it("have a line each with their own link, and the rest is told", () => {
    const [, mail] = samples.find(([name]) => name === "of many at once") ?? [];
    expect(mail?.subject).toBe("Daily News: 100 requests are waiting · B2C4");
    expect(mail?.text.match(new RegExp(LINK, "g"))).toHaveLength(12);
    expect(mail?.text).toContain(`And 88 more, after signing in:\nhttps://${HOST}/approvals`);
  });
});
