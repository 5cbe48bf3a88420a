// What a mail looks like on the wire, read back by a mail parser that is not ours.

import fc from "fast-check";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";
import { breakLinks, cleanLine, cleanName } from "../../../src/notify/header-text.ts";
import { isMessageId, messageId, newMail, newMessageId, newReference } from "../../../src/notify/message.ts";
import { renderMime } from "../../../src/notify/mime.ts";
import { address, aMail, NOW, SENDER } from "./support.ts";

const read = (raw: string) => PostalMime.parse(raw);

/** Header lines as they are on the wire, folds undone. */
function headerNames(raw: string): string[] {
  const head = raw.slice(0, raw.indexOf("\r\n\r\n"));
  return head
    .replace(/\r\n /g, " ")
    .split("\r\n")
    .map((line) => line.slice(0, line.indexOf(":")));
}

const HEADERS = ["Date", "From", "To", "Message-ID", "Auto-Submitted", "Subject", "MIME-Version", "Content-Type"];

describe("a mail in bytes", () => {
  it("has the headers that it needs and no others", async () => {
    const raw = renderMime(aMail(), SENDER);
    expect(headerNames(raw)).toEqual(HEADERS);
    const mail = await read(raw);
    expect(mail).toMatchObject({
      from: { name: "Countersign", address: SENDER.address },
      to: [{ address: "maria@example.org" }],
      date: "2026-11-23T11:30:05.000Z",
      messageId: "<0123456789abcdef@bunkers.example.org>",
    });
    expect(mail.headers.find(({ key }) => key === "auto-submitted")?.value).toBe("auto-generated");
  });

  it("offers text first and HTML last, as alternatives of the same thing", () => {
    const raw = renderMime(aMail(), SENDER);
    expect(raw).toContain("Content-Type: multipart/alternative;");
    expect(raw.indexOf("text/plain")).toBeLessThan(raw.indexOf("text/html"));
  });

  it("names the bunker beside the sender", async () => {
    const mail = await read(renderMime(aMail({ about: "Daily News" }), SENDER));
    expect(mail.from?.name).toBe("Countersign · Daily News");
  });

  it("follows the mails that it refers to", async () => {
    const references = ["<a@bunkers.example.org>", "<b@bunkers.example.org>"];
    const mail = await read(renderMime(aMail({ references }), SENDER));
    expect(mail.references).toBe(references.join(" "));
    expect(mail.inReplyTo).toBe("<b@bunkers.example.org>");
  });

  it("carries any subject and body unchanged, in short lines of ASCII", async () => {
    const text = fc.string({ unit: "grapheme", maxLength: 300 }).map((value) => cleanLine(value, 200));
    await fc.assert(
      fc.asyncProperty(text, fc.string({ unit: "grapheme", maxLength: 2_000 }), async (subject, body) => {
        const raw = renderMime(aMail({ subject, text: body }), SENDER);
        expect(raw).toMatch(/^(?:[\t\x20-\x7e]{0,998}\r\n)*$/);
        expect(headerNames(raw)).toEqual(HEADERS);
        const mail = await read(raw);
        expect(mail.subject ?? "").toBe(subject);
        const plain = (value: string) =>
          value
            .replace(/\r\n?/g, "\n")
            .replace(/[\p{Cc}--[\t\n]]/gv, "")
            .trimEnd();
        expect(plain(mail.text ?? "")).toBe(plain(body));
      }),
      { numRuns: 200 },
    );
  });

  it("a subject that looks encoded is read as it was written", async () => {
    const subject = "=?UTF-8?B?aGVsbG8=?= and =?";
    expect((await read(renderMime(aMail({ subject }), SENDER))).subject).toBe(subject);
  });

  it("headers lines stay below 78 characters", () => {
    const raw = renderMime(
      aMail({ about: "新聞".repeat(20), subject: "見出し ".repeat(50), references: Array(9).fill("<abc@bunkers.example.org>") }),
      SENDER,
    );
    const head = raw.slice(0, raw.indexOf("\r\n\r\n"));
    expect(Math.max(...head.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(77);
  });

  it.each(["\r\nBcc: thief@example.org", "\n", "\r", "\0", "\u0085", "\u2028", "\x1b[2J", "\ud800"])(
    "is refused when a header would hold %j",
    (bad) => {
      for (const changes of [
        { subject: `Hi${bad}` },
        { about: `News${bad}` },
        { to: `maria@example.org${bad}` as typeof SENDER.address },
        { messageId: `<a@b${bad}>` },
        { references: [`<a@b>${bad}`] },
      ]) {
        expect(() => renderMime(aMail(changes), SENDER)).toThrow(TypeError);
      }
    },
  );
});

describe("names and subjects", () => {
  it("become one line when a mail is made", async () => {
    const words = { about: "News\r\nBcc: thief@example.org", subject: "Hi\r\n\r\n<script>\0", text: "t", html: "h" };
    const mail = newMail(words, { to: address("maria@example.org"), messageId: "<a@b.example>", writtenAt: NOW });
    const raw = renderMime(mail, SENDER);
    expect(headerNames(raw)).toEqual(HEADERS);
    expect((await read(raw)).subject).toBe("Hi <script>");
  });

  it("lose what hides or turns text around", () => {
    expect(cleanName("new\u202es-bo\u200bt\u{e0041}\ufeff\u2066")).toBe("news-bot");
    expect(cleanName("a\u0301\u0301\u0301\u0301\u0301")).toBe("a\u0301\u0301");
    expect(cleanName(" \r\n\t ")).toBe("(no name)");
  });

  it("keep emoji of several parts and other scripts", () => {
    expect(cleanName("新聞 👩‍🚀 café مرحبا")).toBe("新聞 👩‍🚀 café مرحبا");
  });

  it("are cut at 40 characters", () => {
    expect(Array.from(cleanName("é👍".repeat(50)))).toHaveLength(40);
  });

  it("are no links to a mail program", () => {
    expect(breakLinks("Sign in at https://evil.example/x. Now.")).toBe("Sign in at https[:]//evil[.]example/x. Now.");
  });
});

describe("a Message-ID", () => {
  it("is random under the host's name, or made of a name that is unique already", () => {
    const fresh = newMessageId("localhost:8787", (length) => new Uint8Array(length).fill(0xab));
    expect(fresh).toBe(`<${"ab".repeat(16)}@localhost>`);
    expect(messageId("approval.5f.maria", "Bunkers.example.org")).toBe("<approval.5f.maria@bunkers.example.org>");
    expect(isMessageId(newMessageId("[::1]:80", () => new Uint8Array(16)))).toBe(true);
  });

  it("is refused with anything that could end it", () => {
    for (const unique of ["", "a b", "a>", "a@b", "a\r\n"]) expect(() => messageId(unique, "b.example")).toThrow(TypeError);
  });
});

it("a reference is four letters that nobody misreads", () => {
  expect(newReference(() => Uint8Array.of(0, 31, 200, 255))).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}$/);
});
