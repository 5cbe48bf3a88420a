// What a mail says, once: the text and the HTML are two renderings of the same blocks in the same order, so neither can know more.

import { parseEmail } from "../email-address.ts";
import { breakLinks, cleanName } from "../header-text.ts";
import type { MailWords } from "../message.ts";
import { markup } from "./html.ts";
import type { Html } from "./html.ts";

export type Block =
  | { readonly kind: "say"; readonly text: string }
  /** Facts of ours, one to a line. */
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  /** Somebody else's words, every line behind a bar, and below them whose they are. */
  | { readonly kind: "quote"; readonly lines: readonly string[]; readonly label: string }
  /** The one button. Its address stands below it in full. */
  | { readonly kind: "action"; readonly label: string; readonly url: string; readonly note: string }
  /** A second way, without a button. */
  | { readonly kind: "link"; readonly label: string; readonly url: string }
  /** Digits to type elsewhere. */
  | { readonly kind: "code"; readonly label: string; readonly code: string };

export interface MailBody {
  readonly about?: string;
  /** Without the reference. Never holds a code, a link or a word of a request. */
  readonly subject: string;
  /** The first line: the heading in HTML, and what a mail program shows beside the subject. */
  readonly lead: string;
  readonly blocks: readonly Block[];
  /** Why this person gets it. */
  readonly because: string;
  /** Where the reader chooses which mails come. */
  readonly fewer?: string;
  /** What the page must show as well. */
  readonly fingerprint?: string;
  /** Ends the subject, so that mail programs merge nothing. */
  readonly reference: string;
}

const REPLIES = "Nobody reads replies.";

// Colours of the console's light and dark themes; the background stays the mail program's own.
const TEXT = "color:#1B1B18";
const MUTED = "color:#5C5C55";
const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const CODE = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:24px;font-weight:600;letter-spacing:2px";
const QUOTE = "margin:0 0 8px;padding:8px 12px;border-left:3px solid #85857C;font-size:16px;white-space:pre-wrap;word-break:break-word";
const LAYOUT = markup`role="presentation" cellpadding="0" cellspacing="0" border="0"`;
const STYLE = markup`<style>
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){.t{color:#F1F1EC!important}.m{color:#A9A9A0!important}.l{color:#8FB0FF!important}}
</style>`;

export function mailWords(body: MailBody): MailWords {
  return {
    ...(body.about === undefined ? {} : { about: body.about }),
    subject: `${body.subject} · ${body.reference}`,
    text: renderText(body),
    html: renderHtml(body).toString(),
  };
}

/** A name inside a sentence: one line, 40 characters, and nothing that a mail program makes a link of. Addresses stay readable. */
export function nameInText(name: string): string {
  return parseEmail(name) ?? breakLinks(cleanName(name));
}

/** The address as it is printed and linked. Throws for anything but http and https. */
export function mailUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || (parsed.protocol !== "https:" && parsed.protocol !== "http:")) {
    throw new TypeError(`expected an http or https address for a mail, got ${url.length} characters`);
  }
  return parsed.href;
}

function renderText(body: MailBody): string {
  const footer = [becauseText(body), REPLIES, referenceText(body)].join("\n");
  return `${[body.lead, ...body.blocks.map(textOf), footer].join("\n\n")}\n`;
}

function becauseText({ because, fewer }: MailBody): string {
  return fewer === undefined ? because : `${because} Fewer mails: ${mailUrl(fewer)}`;
}

function referenceText({ reference, fingerprint }: MailBody): string {
  return `Reference ${reference}${fingerprint === undefined ? "" : ` · fingerprint ${fingerprint} (the page must show the same)`}`;
}

function textOf(block: Block): string {
  switch (block.kind) {
    case "say":
      return block.text;
    case "lines":
      return block.lines.join("\n");
    case "quote":
      return [...block.lines.map((line) => `  | ${line}`), `  (${block.label})`].join("\n");
    case "action":
      return `${block.label}:\n${mailUrl(block.url)}\n${block.note}`;
    case "link":
      return `${block.label}:\n${mailUrl(block.url)}`;
    case "code":
      return `${block.label}:\n${block.code}`;
  }
}

function renderHtml(body: MailBody): Html {
  const footer = [
    body.fewer === undefined ? paragraph(body.because, "m", MUTED) : becauseHtml(body.because, mailUrl(body.fewer)),
    ...[REPLIES, referenceText(body)].map((line) => paragraph(line, "m", MUTED)),
  ];
  return markup`<!DOCTYPE html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${body.subject}</title>
${STYLE}
</head>
<body style="margin:0;padding:0;background:transparent">
<table ${LAYOUT} width="100%"><tr><td align="center" style="padding:24px 16px">
<table ${LAYOUT} width="100%" style="max-width:600px"><tr><td align="left" style="${FONT};font-size:16px;line-height:1.5">
<h1 class="t" style="margin:0 0 16px;font-size:20px;line-height:1.25;font-weight:600;${TEXT}">${body.lead}</h1>
${body.blocks.map(htmlOf)}
${footer}
</td></tr></table>
</td></tr></table>
</body>
</html>
`;
}

function htmlOf(block: Block): Html {
  switch (block.kind) {
    case "say":
      return paragraph(block.text, "t", TEXT);
    case "lines":
      return markup`<p class="t" style="margin:0 0 16px;font-size:16px;${TEXT}">${withBreaks(block.lines)}</p>
`;
    case "quote":
      return markup`<blockquote class="t" dir="auto" style="${QUOTE};${TEXT}">${withBreaks(block.lines)}</blockquote>
${paragraph(`(${block.label})`, "m", MUTED)}`;
    case "action": {
      const url = mailUrl(block.url);
      return markup`${button(block.label, url)}${address(url)}${paragraph(block.note, "m", MUTED)}`;
    }
    case "link":
      return markup`${paragraph(`${block.label}:`, "t", TEXT)}${address(mailUrl(block.url))}`;
    case "code":
      return markup`${paragraph(`${block.label}:`, "t", TEXT)}<p class="t" style="margin:0 0 16px;${CODE};${TEXT}">${block.code}</p>
`;
  }
}

/** A cell of its own colour with a border, so that it stays a button where a mail program inverts colours or drops backgrounds. */
function button(label: string, url: string): Html {
  return markup`<table ${LAYOUT} style="margin:0 0 12px"><tr>
<td bgcolor="#1F4FD8" style="border-radius:6px;border:2px solid #1F4FD8;background:#1F4FD8">
<a href="${url}" style="display:inline-block;padding:12px 24px;font-size:16px;font-weight:600;color:#FFFFFF;text-decoration:none">${label}</a>
</td></tr></table>
`;
}

function paragraph(text: string, tone: "t" | "m", colour: string): Html {
  return markup`<p class="${tone}" style="margin:0 0 16px;font-size:16px;${colour}">${text}</p>
`;
}

function withBreaks(lines: readonly string[]): readonly Html[] {
  return lines.map((line, index) => (index === 0 ? markup`${line}` : markup`<br>${line}`));
}

function becauseHtml(because: string, url: string): Html {
  return markup`<p class="m" style="margin:0 0 16px;font-size:16px;${MUTED}">${because} Fewer mails: <a class="l" href="${url}" style="color:#1F4FD8">${url}</a></p>
`;
}

function address(url: string): Html {
  return markup`<p style="margin:0 0 16px;font-size:16px;word-break:break-all"><a class="l" href="${url}" style="color:#1F4FD8">${url}</a></p>
`;
}
