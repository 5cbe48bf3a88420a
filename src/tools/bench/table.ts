// The result as a table: a row a measurement, a column a signer, each peer's number with its ratio to ours.

import type { Rounds, Subject } from "./measurements.ts";
import { median, ratio } from "./statistics.ts";

const ROWS: readonly { readonly of: keyof Rounds; readonly title: string; readonly digits: number }[] = [
  { of: "connect", title: "connect + first signature, ms", digits: 1 },
  { of: "signMedian", title: "sign_event, one at a time, ms", digits: 2 },
  { of: "signP95", title: "  the slowest of twenty (p95), ms", digits: 2 },
  { of: "signRate", title: "sign_event, 64 in flight, per second", digits: 0 },
  { of: "decryptRate", title: "nip44_decrypt, 64 in flight, per second", digits: 0 },
];

/** The first of the columns is ours. */
export function renderTable(columns: readonly Subject[]): string {
  const [ours] = columns;
  if (ours === undefined) return "";
  const lines = ROWS.map(({ of, title, digits }) => {
    const cells = columns.map(({ rounds }) => {
      if (rounds[of].length === 0) return "–";
      const number = median(rounds[of]).toFixed(digits);
      return rounds === ours.rounds ? number : `${number}  ${ratio(rounds[of], ours.rounds[of]).toFixed(2)}×`;
    });
    return [title, ...cells];
  });
  return align([["", ...columns.map(({ name }) => name)], ...lines]);
}

/** The first column to the left, the others to the right. */
function align(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("   "),
    )
    .join("\n");
}
