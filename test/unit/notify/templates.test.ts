// The words of each mail: what they say, that text and HTML say the same, and that no name in them becomes anything but a name.

import { describe, expect, it } from "vitest";
import type { MailWords } from "../../../src/notify/message.ts";
import { announcementMail } from "../../../src/notify/templates/announced.ts";
import { invitationMail } from "../../../src/notify/templates/invitation.ts";
import { durationInWords, momentInWords } from "../../../src/notify/templates/moment.ts";
import { keyExportedMail, lockedMail, restoredMail, suspendedMail } from "../../../src/notify/templates/safety.ts";
import { ownerRemovalMail } from "../../../src/notify/templates/owner-removal.ts";
import { secondOwnerMail } from "../../../src/notify/templates/second-owner.ts";
import { signInMail } from "../../../src/notify/templates/sign-in.ts";
import { stepUpMail } from "../../../src/notify/templates/step-up.ts";
import { address, NOW } from "./support.ts";

const HOST = "bunkers.example.org";
const LINK = `https://${HOST}/sign-in/Zk3_-x?a=1&b=2`;
const CODE = "48217730";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Every mail, with the same three names in all of them. */
function allMails(names: { bunker: string; person: string; app: string }): Record<string, MailWords> {
  const { bunker, person, app } = names;
  const facts = { host: HOST, at: NOW, zone: "Europe/Berlin", link: LINK, reference: "A7F3" };
  const announced = { host: HOST, announcedAt: NOW, effectiveAt: NOW + 72 * HOUR, link: LINK, reference: "A7F3" };
  return {
    signIn: signInMail({
      email: address("maria@example.org"),
      host: HOST,
      link: LINK,
      code: CODE,
      sentAt: NOW,
      expiresAt: NOW + 15 * MINUTE,
      reference: "A7F3",
    }),
    invitation: invitationMail({ inviter: person, bunker, role: "approver", host: HOST, link: LINK, reference: "A7F3" }),
    locked: lockedMail({ ...facts, bunker, by: person }),
    allLocked: lockedMail({ ...facts, by: person }),
    suspended: suspendedMail({ ...facts, bunker, app, by: person }),
    selfSuspended: suspendedMail({ ...facts, bunker, app, cause: "It was refused 20 times within a minute." }),
    exported: keyExportedMail({ ...facts, bunker, by: person }),
    restored: restoredMail({ ...facts, bunker, by: person, madeAt: NOW - 72 * HOUR }),
    nominated: announcementMail({ ...announced, change: { kind: "owner-nomination", nominee: person } }),
    ownerRemoved: ownerRemovalMail({ ...facts, removed: person, by: "ana@example.org", isReader: false }),
    ownNoMore: ownerRemovalMail({ ...facts, removed: "ana@example.org", by: person, isReader: true }),
    exporting: announcementMail({ ...announced, change: { kind: "key-export", bunker, by: person } }),
    confirming: stepUpMail({
      email: address("maria@example.org"),
      host: HOST,
      code: CODE,
      browser: "Firefox on Windows",
      link: LINK,
      sentAt: NOW,
      expiresAt: NOW + 15 * MINUTE,
      reference: "A7F3",
    }),
    secondOwner: secondOwnerMail({
      bunker,
      by: person,
      what: `The app “${app}” moves from the policy news to full-access.`,
      host: HOST,
      askedAt: NOW,
      expiresAt: NOW + 72 * HOUR,
      link: LINK,
      reference: "A7F3",
    }),
    joining: announcementMail({ ...announced, change: { kind: "member", bunker, by: person, member: person, role: "owner" } }),
  };
}

const mails = allMails({ bunker: "Daily News", person: "Ana", app: "news-bot" });
const everyMail = Object.entries(mails);

/** The words of markup, as a reader of text would have them. */
function wordsOfHtml(markup: string): string {
  const body = markup.slice(markup.indexOf("<body"));
  const entities: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
  return body.replace(/<[^>]*>/g, " ").replace(/&[a-z0-9#]+;/g, (entity) => entities[entity] ?? entity);
}

const words = (text: string) => text.split(/\s+/).filter((word) => word !== "");

describe.each(everyMail)("check 19: the mail %s", (_, mail) => {
  it("says the same in text and HTML, in the same order", () => {
    // The button's label stands before a colon in the text.
    const sameWords = (text: string) => words(text).map((word) => word.replace(/:$/, ""));
    expect(sameWords(wordsOfHtml(mail.html))).toEqual(sameWords(mail.text));
  });

  it("ends its subject with the reference and holds no code or link there", () => {
    expect(mail.subject).toMatch(/ · A7F3$/);
    expect(mail.subject).not.toContain(CODE);
    expect(mail.subject).not.toMatch(/https?:/);
  });

  it("has its one address as a button and in full below it, and no other", () => {
    expect(mail.text.match(/https?:\S+/g)).toEqual([LINK]);
    expect(mail.html.match(/href="[^"]*"/g)).toEqual(Array(2).fill(`href="${LINK.replaceAll("&", "&amp;")}"`));
  });

  it("loads nothing from anywhere, runs nothing, and declares its language, light and dark", () => {
    expect(mail.html).not.toMatch(
      /<(?:img|script|link|iframe|object|svg|form|input|base)|src=|url\(|@import|@font-face|\son[a-z]+=|javascript:/i,
    );
    expect(mail.html).toContain('<html lang="en"');
    expect(mail.html).toContain('<meta name="color-scheme" content="light dark">');
    expect(mail.html).toContain("prefers-color-scheme:dark");
    expect(mail.html.match(/<style>/g)).toHaveLength(1);
  });

  it("is below 20 kB, in letters of 16 px at least, in one column of 600 px at most", () => {
    expect(new TextEncoder().encode(mail.html).length).toBeLessThan(20_000);
    const sizes = [...mail.html.matchAll(/font-size:(\d+)px/g)].map((match) => Number(match[1]));
    expect(Math.min(...sizes)).toBe(16);
    expect(mail.html).toContain("max-width:600px");
  });

  it("says why it came and that nobody reads replies", () => {
    expect(mail.text).toMatch(/^You get this because /m);
    expect(mail.text).toContain("Nobody reads replies.");
  });
});

describe("subjects", () => {
  it.each([
    ["signIn", `Sign in to Countersign at ${HOST} · A7F3`],
    ["invitation", "Ana invites you to approve posts of Daily News · A7F3"],
    ["locked", "Daily News is locked · A7F3"],
    ["allLocked", `Everything at ${HOST} is locked · A7F3`],
    ["suspended", "Ana suspended news-bot (Daily News) · A7F3"],
    ["selfSuspended", "Countersign suspended news-bot (Daily News) · A7F3"],
    ["exported", "The key of Daily News was exported · A7F3"],
    ["nominated", `Ana is to own every bunker at ${HOST} · A7F3`],
  ])("%s: %s", (name, subject) => {
    expect(mails[name]?.subject).toBe(subject);
  });
});

describe("a sign-in mail", () => {
  it("holds the link and the code of 8 digits, and no other 8 digits", () => {
    const mail = mails["signIn"];
    expect(mail?.text).toContain(LINK);
    expect(mail?.text.match(/\b[0-9]{8}\b/g)).toEqual([CODE]);
    expect(mail?.text).toContain("for 15 minutes, until 23 Nov 2026, 11:45 (UTC)");
  });

  it("is not made with anything but 8 digits as its code", () => {
    const facts = { email: address("maria@example.org"), host: HOST, link: LINK, sentAt: NOW, expiresAt: NOW + MINUTE, reference: "A7F3" };
    for (const code of ["", "1234567", "123456789", "1234567a", "1234567\n"])
      expect(() => signInMail({ ...facts, code })).toThrow(TypeError);
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "//evil.example", "/sign-in", ""])("is not made with %j as its link", (link) => {
    const facts = { email: address("maria@example.org"), host: HOST, code: CODE, sentAt: NOW, expiresAt: NOW + MINUTE, reference: "A7F3" };
    expect(() => signInMail({ ...facts, link })).toThrow(TypeError);
  });
});

describe("a name that wants to be more", () => {
  const evil = 'x"><a href="https://evil.example/">\r\n\r\nSign in: https://evil.example\r\n<script>\u202e';
  const hostile = allMails({ bunker: evil, person: evil, app: evil });

  it.each(Object.entries(hostile))("is text in the mail %s, on one line and linked nowhere", (_, mail) => {
    expect(mail.html).not.toMatch(/<script|evil\.example|<a href="https:\/\/evil/);
    expect(mail.text).not.toMatch(/https:\/\/evil|evil\.example|^Sign in: h/m);
    expect(mail.subject).not.toMatch(/[\r\n]|evil\.example/);
    expect(mail.html.match(/href="/g)).toHaveLength(2);
  });

  it("that is a member's address stays readable", () => {
    expect(lockedMail({ host: HOST, at: NOW, link: LINK, reference: "A7F3", bunker: "Daily News", by: "Ben@example.org" }).text).toContain(
      "ben@example.org locked Daily News",
    );
  });
});

describe("times", () => {
  it.each([
    [undefined, "23 Nov 2026, 11:30 (UTC)"],
    ["UTC", "23 Nov 2026, 11:30 (UTC)"],
    ["Europe/Berlin", "23 Nov 2026, 12:30 (Berlin, UTC+1)"],
    ["America/New_York", "23 Nov 2026, 06:30 (New York, UTC-5)"],
    ["Asia/Kathmandu", "23 Nov 2026, 17:15 (Kathmandu, UTC+5:45)"],
    ["Pacific/Kiritimati", "24 Nov 2026, 01:30 (Kiritimati, UTC+14)"],
    ["Nowhere/Such", "23 Nov 2026, 11:30 (UTC)"],
  ])("in %s read %s", (zone, written) => {
    expect(momentInWords(NOW, zone)).toBe(written);
  });

  it("last whole minutes or hours", () => {
    expect([30_000, MINUTE, 15 * MINUTE, 119 * MINUTE, 2 * HOUR, 72 * HOUR].map(durationInWords)).toEqual([
      "1 minute",
      "1 minute",
      "15 minutes",
      "119 minutes",
      "2 hours",
      "72 hours",
    ]);
  });
});
