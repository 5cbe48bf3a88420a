// A QR code as one path, dark on white with its quiet zone in dark mode too: cameras expect it so. Made here, fetched from nowhere.

import { encode } from "uqr";

/** ISO/IEC 18004 asks for four modules of quiet around the code. */
const QUIET = 4;

/** `label` says what the code holds, for those who cannot see it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: "M", border: QUIET });
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={String(size)} height={String(size)} fill="#ffffff" />
      <path d={pathOf(data)} fill="#000000" />
    </svg>
  );
}

/** Neighbouring modules of a row as one stroke: a third of the characters. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows
    .flatMap((row, y) =>
      row.flatMap((isDark, x) => {
        if (!isDark || row[x - 1] === true) return [];
        const end = row.indexOf(false, x);
        const length = (end === -1 ? row.length : end) - x;
        return `M${x} ${y}h${length}v1h-${length}z`;
      }),
    )
    .join("");
}
