// RE2 patterns: compiled within bounds, a bad one answered by its position and what was expected, and tried on a text of somebody's own.

import { RE2JS, RE2JSException } from "re2js";
import { readText } from "./text.ts";

const MAX_PROGRAM = 2000; // instructions of one compiled pattern: bounds the work for each character of a text
const MAX_TRIED = 5000; // characters of a text to try: more than anybody types

export type Compiled = { readonly ok: true; readonly pattern: RE2JS } | { readonly ok: false; readonly message: string };

export function compilePattern(spelled: string): Compiled {
  const normal = spelled.normalize("NFKC");
  if (normal !== spelled) return { ok: false, message: `texts are compared in Unicode normal form NFKC: expected ${normal}` };
  try {
    const pattern = RE2JS.compile(spelled);
    const size = pattern.programSize();
    if (size <= MAX_PROGRAM) return { ok: true, pattern };
    return { ok: false, message: `expected a pattern of at most ${MAX_PROGRAM} steps, this one has ${size}: repeat less` };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { ok: false, message: problemWords(spelled, error) };
  }
}

export interface TriedText {
  /** The text as patterns see it, cut where matches begin and end. */
  readonly pieces: readonly { readonly text: string; readonly isMatch: boolean }[];
  readonly matches: number;
  /** True where it matches only once invisible characters are taken away. */
  readonly onlyVisible: boolean;
}

/** Every match in the text, as the policy would look for it. */
export function tryPattern(pattern: RE2JS, raw: string): TriedText {
  const { normal, visible } = readText(raw.slice(0, MAX_TRIED));
  const seen = cut(pattern, normal);
  if (seen.matches > 0 || visible === normal) return { ...seen, onlyVisible: false };
  const clean = cut(pattern, visible);
  return clean.matches > 0 ? { ...clean, onlyVisible: true } : { ...seen, onlyVisible: false };
}

function cut(pattern: RE2JS, text: string) {
  const matcher = pattern.matcher(text);
  const pieces: { text: string; isMatch: boolean }[] = [];
  let [end, matches] = [0, 0];
  while (matcher.find()) {
    matches += 1;
    if (matcher.end() === matcher.start()) continue; // the empty match: found everywhere, and nothing to mark
    if (matcher.start() > end) pieces.push({ text: text.slice(end, matcher.start()), isMatch: false });
    pieces.push({ text: text.slice(matcher.start(), matcher.end()), isMatch: true });
    end = matcher.end();
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isMatch: false });
  return { pieces, matches };
}

/** The engine's own words for what is wrong, and what it wanted in ours. */
const EXPECTED: Readonly<Record<string, string>> = {
  "missing closing )": "a ) that closes this (",
  "unexpected )": "a ( somewhere before this )",
  "missing closing ]": "a ] that closes this [",
  "invalid character class range": "characters or a class that exist, the smaller one first",
  "invalid escape sequence": "an escape that RE2 knows, or \\\\ for a backslash",
  "trailing backslash at end of expression": "a character after the backslash",
  "missing argument to repetition operator": "something before it that is to be repeated",
  "invalid nested repetition operator": "one repetition, not two",
  "invalid repeat count": "a count of at most 1000, the smaller number first, and less repetition within repetition",
  "invalid or unsupported Perl syntax": "a group that RE2 knows, such as (?i) or (?:…); it looks neither ahead nor behind",
  "invalid named capture": "a name between < and >; RE2 looks neither ahead nor behind",
  "duplicate capture group name": "a name that no other group has",
};

function problemWords(pattern: string, error: RE2JSException): string {
  const [kind, piece] = "error" in error ? [String(error.error), "input" in error ? error.input : null] : [error.message, null];
  const at = positionOf(pattern, kind, typeof piece === "string" ? piece : "");
  return `${at === undefined ? "" : `at character ${at}: `}expected ${EXPECTED[kind] ?? `an RE2 pattern (${kind})`}`;
}

/** Counted from 1, in characters as people count them. */
function positionOf(pattern: string, kind: string, piece: string): number | undefined {
  const index = indexOf(pattern, kind, piece);
  return index === undefined ? undefined : Array.from(pattern.slice(0, index)).length + 1;
}

function indexOf(pattern: string, kind: string, piece: string): number | undefined {
  if (kind.startsWith("trailing backslash")) return pattern.length - 1;
  if (kind === "missing closing )" || kind === "unexpected )") return unmatched(pattern);
  if (piece === "" || piece === pattern) return piece === "" ? undefined : 0;
  const first = pattern.indexOf(piece);
  if (first === pattern.lastIndexOf(piece)) return first === -1 ? undefined : first;
  // It stands there more than once: the faulty one is where the shortest beginning ends that is wrong in the same way.
  for (let end = first + piece.length; end <= pattern.length; end++) {
    if (pattern.slice(first, end).endsWith(piece) && kindOf(pattern.slice(0, end)) === kind) return end - piece.length;
  }
  return undefined;
}

function kindOf(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error && "error" in error ? String(error.error) : undefined;
  }
}

/** Where the bracket stands that has no other half: the last one left open, or the first that closes nothing. */
function unmatched(pattern: string): number | undefined {
  const open: number[] = [];
  let classStart: number | undefined;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index];
    if (character === "\\") index += 1;
    else if (classStart !== undefined) {
      // A ] right behind [ or [^ stands for itself.
      if (character === "]" && !/^\^?$/.test(pattern.slice(classStart + 1, index))) classStart = undefined;
    } else if (character === "[") classStart = index;
    else if (character === "(") open.push(index);
    else if (character === ")" && open.pop() === undefined) return index;
  }
  return open.at(-1);
}
