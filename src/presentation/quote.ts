// Somebody else's text, made fit to be shown: whatever cannot be seen becomes a named chip, what only takes up room is folded, keys are
// short. Nothing is interpreted: no markdown, no HTML, no link.

import type { Quoted, Segment } from "./presentation.ts";
import { isNeeded, nameOfUnseen, UNSEEN_CHARACTER } from "./invisible.ts";
import { readReference, type Nicknames } from "./people.ts";

/** An app's own name, or a value in a sentence. */
export const MAX_NAME_CHARACTERS = 64;
/** What a phone shows in one row of quoted text, about. */
const ROW_CHARACTERS = 40;
const MAX_EMPTY_LINES = 2;
/** Letters of some scripts carry several marks; a tower covers the lines above. */
const MAX_STACKED_MARKS = 4;
/** Deep indentation has fewer; more push what follows out of sight. */
const MAX_SPACES = 40;

const SPACE = "[\\p{Zs}\\t\\u2800]"; // the blank Braille pattern is a letter to Unicode and a space to the eye
const REFERENCE = "(?:nostr:|@)?\\b(?:npub|nprofile|note|nevent|naddr)1[02-9ac-hj-np-z]{20,}";

/** England, Scotland, Wales: the only emoji that Unicode recommends with tag characters in them. */
const FLAGS_OF_TAGS = ["gbeng", "gbsct", "gbwls"].map((region) => {
  const tags = Array.from(region, (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0)));
  return `\u{1f3f4}${tags.join("")}\u{e007f}`;
});

/** What is not shown as it stands; whatever lies between two matches is. */
const SPECIAL = new RegExp(
  [
    `(?<reference>${REFERENCE})`,
    `(?<flag>${FLAGS_OF_TAGS.join("|")})`,
    `(?<empty>\\n(?:${SPACE}*\\n){${MAX_EMPTY_LINES + 1},})`,
    "(?<plain>[\\n\\t])",
    `(?<spaces>${SPACE}{${MAX_SPACES + 1},})`,
    `(?<marks>[\\p{M}--\\p{Default_Ignorable_Code_Point}]{${MAX_STACKED_MARKS + 1},})`,
    `(?<unseen>${UNSEEN_CHARACTER})`,
  ].join("|"),
  "gv",
);

/** A block of text, with its line breaks. */
export function quote(text: string, nicknames: Nicknames = () => undefined): Quoted {
  const whole = text.toWellFormed().replaceAll("\r\n", "\n");
  const builder = new SegmentBuilder();
  let shownTo = 0;
  for (const match of whole.matchAll(SPECIAL)) {
    builder.text(whole.slice(shownTo, match.index));
    addSpecial(builder, whole, match, nicknames);
    shownTo = match.index + match[0].length;
  }
  builder.text(whole.slice(shownTo));
  const segments = builder.finish();
  return { segments, characters: Array.from(text).length, lines: rowsOf(segments), hidden: builder.hidden };
}

/** One line of it, within a sentence of ours: a name, a value. */
export function line(text: string, max: number = MAX_NAME_CHARACTERS, nicknames?: Nicknames): readonly Segment[] {
  const single = text.toWellFormed().replace(/\s+/gu, " ").trim();
  const characters = Array.from(single);
  const cut = characters.length <= max ? single : `${characters.slice(0, max - 1).join("")}…`;
  return quote(cut, nicknames).segments;
}

function addSpecial(builder: SegmentBuilder, whole: string, match: RegExpExecArray, nicknames: Nicknames): void {
  const { reference, flag, empty, plain, spaces, marks, unseen } = match.groups ?? {};
  if (reference !== undefined) {
    const read = readReference(reference, nicknames);
    if (read === undefined) builder.text(reference);
    else builder.add(read);
  } else if (empty !== undefined) {
    const lines = empty.split("\n").length - 2;
    builder.text("\n".repeat(MAX_EMPTY_LINES + 1));
    builder.chip(`+${lines - MAX_EMPTY_LINES} empty lines`);
    builder.text("\n");
  } else if (spaces !== undefined) {
    builder.chip(`${spaces.length} spaces`);
  } else if (marks !== undefined) {
    const stacked = Array.from(marks);
    builder.text(stacked.slice(0, MAX_STACKED_MARKS).join(""));
    builder.chip(`+${stacked.length - MAX_STACKED_MARKS} accents`);
  } else if (unseen !== undefined) {
    if (isNeeded(whole, match.index, unseen)) builder.text(unseen);
    else builder.unseen(nameOfUnseen(unseen));
  } else builder.text(flag ?? plain ?? "");
}

class SegmentBuilder {
  readonly #segments: Segment[] = [];
  #text = "";
  #unseen: { readonly name: string; count: number } | undefined;
  hidden = 0;

  text(text: string): void {
    if (text === "") return;
    this.#endRun();
    this.#text += text;
  }

  add(segment: Segment): void {
    this.#endRun();
    this.#endText();
    this.#segments.push(segment);
  }

  chip(name: string): void {
    this.add({ is: "chip", name });
  }

  /** A thousand of the same one are one chip with their number. */
  unseen(name: string): void {
    this.hidden += 1;
    if (this.#unseen?.name === name) {
      this.#unseen.count += 1;
      return;
    }
    this.#endRun();
    this.#endText();
    this.#unseen = { name, count: 1 };
  }

  finish(): readonly Segment[] {
    this.#endRun();
    this.#endText();
    return this.#segments;
  }

  #endRun(): void {
    const run = this.#unseen;
    this.#unseen = undefined;
    if (run !== undefined) this.#segments.push({ is: "chip", name: run.count === 1 ? run.name : `${run.name} ×${run.count}` });
  }

  #endText(): void {
    if (this.#text !== "") this.#segments.push({ is: "text", text: this.#text });
    this.#text = "";
  }
}

/** What stands in for a segment where only text can: chips in brackets, keys short. */
export function segmentText(segment: Segment): string {
  switch (segment.is) {
    case "text":
      return segment.text;
    case "chip":
      return `[${segment.name}]`;
    case "mention":
      return segment.person.nickname === undefined ? `@${segment.person.short}` : `@${segment.person.short} (${segment.person.nickname})`;
    case "reference":
      return segment.short;
  }
}

/** The first rows of a quote, and how many rows are left out; cut at a line's end, or inside a line that is longer than all of them. */
export function foldAfter(quoted: Quoted, rows: number): { readonly segments: readonly Segment[]; readonly rest: number } {
  if (quoted.lines <= rows) return { segments: quoted.segments, rest: 0 };
  const budget = new RowBudget(rows);
  const segments: Segment[] = [];
  for (const segment of quoted.segments) {
    const taken = budget.take(segmentText(segment));
    if (taken === "") break;
    segments.push(segment.is === "text" ? { is: "text", text: taken } : segment);
    if (budget.isSpent()) break;
  }
  return { segments, rest: quoted.lines - rows };
}

/** The first characters of a quote: for mails, where the rest is one press away. */
export function excerpt(quoted: Quoted, characters: number): { readonly segments: readonly Segment[]; readonly isWhole: boolean } {
  const segments: Segment[] = [];
  let left = characters;
  for (const segment of quoted.segments) {
    const whole = Array.from(segmentText(segment));
    if (whole.length <= left) segments.push(segment);
    else if (segment.is === "text") segments.push({ is: "text", text: `${whole.slice(0, left).join("")}…` });
    left -= whole.length;
    if (left < 0) return { segments, isWhole: false };
  }
  return { segments, isWhole: true };
}

function rowsOf(segments: readonly Segment[]): number {
  const lines = segments.map(segmentText).join("").split("\n");
  return lines.reduce((rows, text) => rows + Math.max(1, Math.ceil(text.length / ROW_CHARACTERS)), 0);
}

/** Counts rows as text goes by. */
class RowBudget {
  #rows: number;
  #column = 0;

  constructor(rows: number) {
    this.#rows = rows;
  }

  isSpent(): boolean {
    return this.#rows <= 0;
  }

  /** As much of the text as still fits. */
  take(text: string): string {
    let taken = "";
    for (const character of text) {
      if (this.isSpent()) break;
      taken += character;
      this.#column = character === "\n" ? 0 : this.#column + 1;
      if (character === "\n" || this.#column === ROW_CHARACTERS) this.#rows -= 1;
      if (this.#column === ROW_CHARACTERS) this.#column = 0;
    }
    return taken;
  }
}
