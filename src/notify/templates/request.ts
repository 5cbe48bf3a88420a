// A request inside a mail: what matters of its presentation, short, with every address broken up so that no mail program makes a link of
// a stranger's. The page has the rest.

import type { FieldChange, Part, Presentation, Segment, Sentence } from "../../presentation/presentation.ts";
import { excerpt } from "../../presentation/quote.ts";
import { segmentsText, sentenceText } from "../../presentation/text-form.ts";
import { breakLinks } from "../header-text.ts";
import type { Block } from "./body.ts";

const EXCERPT_CHARACTERS = 280;
const TARGET_CHARACTERS = 100;
const VALUE_CHARACTERS = 120;
const MAX_ROWS = 5;
const MAX_WARNINGS = 3;

/** The blocks of a request's mail between the opening sentence and the reasons. */
export function requestBlocks({ parts }: Presentation): Block[] {
  return parts.flatMap(partBlocks);
}

/** "Look out: First link to promo[.]example from this identity." Facts alone: consequences are on the page. */
export function lookOut({ warnings }: Presentation): string | undefined {
  const facts = warnings.slice(0, MAX_WARNINGS).map(({ fact }) => broken(fact));
  return facts.length === 0 ? undefined : `Look out: ${facts.join(" ")}`;
}

function partBlocks(part: Part): Block[] {
  switch (part.part) {
    case "quote":
      return [quoteBlock(part.text.segments, EXCERPT_CHARACTERS, part.label)];
    case "say":
      return [{ kind: "say", text: broken(part.sentence) }];
    case "links":
      return listed(
        part.links.map(
          ({ number, host }) => `Link ${number} goes to ${host === undefined ? "nobody knows where" : broken([{ is: "host", host }])}`,
        ),
        0,
      );
    case "facts":
      return listed(
        part.rows.map(({ label, value }) => `${label}: ${cut(broken(value))}`),
        0,
      );
    case "fields":
      return listed(part.rows.filter(({ change }) => change !== "same").map(fieldLine), 0);
    case "list":
      return listed([`${part.title}:`, ...part.items.map(broken)], part.more);
    case "targets":
      return targetBlocks(part);
    case "diff":
      return [{ kind: "say", text: "The page shows what changes, line by line." }];
    case "tags":
      return [{ kind: "say", text: "The page shows its tags." }];
  }
}

function targetBlocks({ title, targets, more }: Extract<Part, { part: "targets" }>): Block[] {
  const shown = targets.slice(0, MAX_ROWS);
  const blocks = shown.flatMap(({ label, text, unknown }): Block[] => {
    const name = broken(label);
    if (text === undefined) return [{ kind: "say", text: `${name}: ${unknown ?? ""}` }];
    return [quoteBlock(text.segments, TARGET_CHARACTERS, name)];
  });
  const rest = targets.length - shown.length + more;
  return [{ kind: "say", text: `${title}:` }, ...blocks, ...(rest > 0 ? [{ kind: "say" as const, text: `and ${rest} more` }] : [])];
}

function quoteBlock(segments: readonly Segment[], characters: number, label: string): Block {
  const shown = excerpt({ segments, characters: 0, lines: 0, hidden: 0 }, characters).segments;
  return { kind: "quote", lines: breakLinks(segmentsText(shown)).split("\n"), label: `${label}; links are broken up on purpose` };
}

function listed(lines: readonly string[], more: number): Block[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, MAX_ROWS + 1);
  const rest = lines.length - shown.length + more;
  return [{ kind: "lines", lines: rest > 0 ? [...shown, `and ${rest} more`] : shown }];
}

function fieldLine({ label, was, willBe }: FieldChange): string {
  const before = was === undefined ? "nothing" : cut(broken(was));
  const after = willBe === undefined ? "nothing" : cut(broken(willBe));
  return `${broken(label)}: was ${before}, will be ${after}`;
}

function broken(sentence: Sentence): string {
  return breakLinks(sentenceText(sentence)).replace(/\s+/gu, " ");
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= VALUE_CHARACTERS ? text : `${characters.slice(0, VALUE_CHARACTERS - 1).join("")}…`;
}
