// What changes from one text to the next, line by line: the longest common run of lines stays, the rest was taken away or added.

import type { DiffLine } from "./presentation.ts";
import { quote } from "./quote.ts";

/** The table has the product of both lengths: 4 million numbers at most, a few milliseconds. */
const MAX_LINES = 2_000;
/** Unchanged lines that stay beside a change, to tell where it is. */
const CONTEXT = 2;

type Change = { readonly change: "same" | "added" | "removed"; readonly line: string };

/** Undefined where the texts are too long to compare. */
export function diffLines(before: string, after: string): readonly DiffLine[] | undefined {
  const [old, young] = [linesOf(before), linesOf(after)];
  const start = commonStart(old, young);
  const end = commonEnd(old.slice(start), young.slice(start));
  const [middleOld, middleYoung] = [old.slice(start, old.length - end), young.slice(start, young.length - end)];
  if (middleOld.length > MAX_LINES || middleYoung.length > MAX_LINES) return undefined;
  const same = (lines: readonly string[]) => lines.map((line): Change => ({ change: "same", line }));
  return folded([...same(old.slice(0, start)), ...changes(middleOld, middleYoung), ...same(old.slice(old.length - end))]);
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replaceAll("\r\n", "\n").split("\n");
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

function commonEnd(a: readonly string[], b: readonly string[]): number {
  return commonStart(a.toReversed(), b.toReversed());
}

/** By the table of longest common subsequences, from the end, so that it is read from the beginning. */
function changes(old: readonly string[], young: readonly string[]): Change[] {
  const width = young.length + 1;
  const longest = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = young.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        old[i] === young[j]
          ? (longest[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0);
    }
  }
  const found: Change[] = [];
  for (let [i, j] = [0, 0]; i < old.length || j < young.length;) {
    if (i < old.length && j < young.length && old[i] === young[j]) {
      found.push({ change: "same", line: old[i++] ?? "" });
      j += 1;
    } else if (j >= young.length || (i < old.length && (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0))) {
      found.push({ change: "removed", line: old[i++] ?? "" });
    } else found.push({ change: "added", line: young[j++] ?? "" });
  }
  return found;
}

/** Long unchanged stretches are told by their length. */
function folded(all: readonly Change[]): DiffLine[] {
  const isNear = all.map((_, index) =>
    all.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ change }) => change !== "same"),
  );
  const lines: DiffLine[] = [];
  let skipped = 0;
  const endSkip = () => {
    if (skipped > 0) lines.push({ change: "skipped", skipped, text: [] });
    skipped = 0;
  };
  for (const [index, { change, line }] of all.entries()) {
    if (isNear[index] === true) {
      endSkip();
      lines.push({ change, text: quote(line).segments });
    } else skipped += 1;
  }
  endSkip();
  return lines;
}
