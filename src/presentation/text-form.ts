// A presentation as plain text: for mails, logs of a console and tests. The same facts in the same order as the page, line by line.

import { count } from "../policy/duration.ts";
import type { FieldChange, Part, Piece, Segment, Sentence, Target } from "./presentation.ts";
import { segmentText } from "./quote.ts";

/** In front of every line that somebody else wrote. */
const BAR = "  | ";
const MARKS = { added: "+", removed: "-", changed: "~", same: " ", skipped: " " } as const;

export function segmentsText(segments: readonly Segment[]): string {
  return segments.map(segmentText).join("");
}

export function sentenceText(sentence: Sentence): string {
  return sentence.map(pieceText).join("");
}

function pieceText(piece: Piece): string {
  if (typeof piece === "string") return piece;
  switch (piece.is) {
    case "said":
      return `“${segmentsText(piece.segments)}”`;
    case "person":
      return piece.person.nickname === undefined ? piece.person.short : `${piece.person.nickname} (${piece.person.short})`;
    case "host": {
      const { name, displays } = piece.host;
      return displays === undefined ? name : `${name} (displays as “${segmentsText(displays.as)}”, ${displays.alphabets})`;
    }
    case "code":
      return piece.text;
  }
}

/** Each line behind a bar, so that no line of theirs can pass for one of ours. */
export function quotedLines(segments: readonly Segment[]): string[] {
  return segmentsText(segments)
    .split("\n")
    .map((line) => `${BAR}${line}`);
}

export function partLines(part: Part): string[] {
  switch (part.part) {
    case "quote":
      return [`${part.label}:`, ...quotedLines(part.text.segments)];
    case "say":
      return [sentenceText(part.sentence)];
    case "links":
      return part.links.map(({ number, host, address }) => {
        const goesTo = host === undefined ? "nobody knows where" : sentenceText([{ is: "host", host }]);
        return `Link ${number} goes to ${goesTo}: ${segmentsText(address)}`;
      });
    case "facts":
      return part.rows.map(({ label, value }) => `${label}: ${sentenceText(value)}`);
    case "fields":
      return part.rows.map(fieldLine);
    case "list":
      return [`${part.title}:`, ...part.items.map((item) => `  ${sentenceText(item)}`), ...moreLine(part.more)];
    case "targets":
      return [`${part.title}:`, ...part.targets.flatMap(targetLines), ...moreLine(part.more)];
    case "diff":
      return [
        `${part.title}:`,
        ...part.lines.map(
          ({ change, skipped, text }) =>
            `  ${MARKS[change]} ${skipped === undefined ? segmentsText(text) : `(${count(skipped, "line")} as before)`}`,
        ),
      ];
    case "tags":
      return ["Tags:", ...part.rows.map((row) => `${BAR}${row.map(segmentsText).join(" | ")}`), ...moreLine(part.more)];
  }
}

function fieldLine({ label, change, was, willBe }: FieldChange): string {
  const before = was === undefined ? "nothing" : sentenceText(was);
  const after = willBe === undefined ? "nothing" : sentenceText(willBe);
  return change === "same" ? `${sentenceText(label)} stays ${after}` : `${sentenceText(label)}: was ${before}, will be ${after}`;
}

function targetLines({ label, text, unknown }: Target): string[] {
  if (text === undefined) return [`  ${sentenceText(label)}: ${unknown ?? ""}`];
  return [`  ${sentenceText(label)}:`, ...quotedLines(text.segments)];
}

function moreLine(more: number): string[] {
  return more === 0 ? [] : [`  and ${more} more`];
}
