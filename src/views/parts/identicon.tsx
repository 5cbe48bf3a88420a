// A picture made of a public key alone: the same key always gives the same one, nothing is fetched. It helps the eye and proves nothing.

const CELL = 10;
const COLUMNS = 4;
const ROWS = 4;

/** Ground and two colours upon it. */
const PALETTES = [
  ["#1e2a5a", "#f4b942", "#f7f3e3"],
  ["#123c3a", "#7fd1ae", "#f5e9c9"],
  ["#4a1942", "#f28f79", "#fbe3d6"],
  ["#0f3d5c", "#6ec6e8", "#fdf0d5"],
  ["#3a2a1a", "#e0a458", "#f3e9dc"],
  ["#5a1e2b", "#f2b5a7", "#f9e7d9"],
  ["#27431f", "#b7d36b", "#f6f1d5"],
  ["#2d2a4a", "#b8a6f2", "#f0eaff"],
  ["#f3e6c4", "#c8452f", "#23395b"],
  ["#dfeee3", "#1f7a5a", "#e2843b"],
  ["#e4e7fb", "#4652c4", "#e06a8b"],
  ["#fbe1d2", "#b0413e", "#33658a"],
] as const;

const SHAPES: readonly ((x: number, y: number) => string)[] = [
  () => "",
  (x, y) => `M${x} ${y}h10v10h-10z`,
  (x, y) => `M${x} ${y}h10v10z`,
  (x, y) => `M${x} ${y}v10h10z`,
  (x, y) => `M${x} ${y + 10}a10 10 0 0 1 10-10v10z`,
  (x, y) => `M${x} ${y}a10 10 0 0 0 10 10v-10z`,
  (x, y) => `M${x + 5} ${y + 1}a4 4 0 1 0 .01 0z`,
  (x, y) => `M${x} ${y + 5}l5-5l5 5l-5 5z`,
];

/** `pubkey` is 64 hex digits. */
export function Identicon({ pubkey, size }: { pubkey: string; size?: "small" | "large" }) {
  const bytes = Array.from({ length: 32 }, (_, index) => Number.parseInt(pubkey.slice(index * 2, index * 2 + 2), 16) || 0);
  const [ground, first, second] = PALETTES[at(bytes, 31) % PALETTES.length] ?? PALETTES[0];
  const [one, other] = [cells(bytes, 0), cells(bytes, 1)];
  return (
    <svg class={size === undefined ? "identicon" : `identicon ${size}`} viewBox="0 0 40 40" aria-hidden="true" focusable="false">
      <rect width="40" height="40" fill={ground} />
      {[one, other].map((path, index) => (
        <>
          <path d={path} fill={index === 0 ? first : second} />
          {/* The right half mirrors the left. */}
          <path d={path} fill={index === 0 ? first : second} transform="matrix(-1 0 0 1 40 0)" />
        </>
      ))}
    </svg>
  );
}

/** The left half's shapes of one colour. */
function cells(bytes: readonly number[], colour: 0 | 1): string {
  const paths: string[] = [];
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS / 2; column += 1) {
      const byte = at(bytes, row * 2 + column);
      const shape = SHAPES[byte % SHAPES.length];
      if (((byte >> 5) & 1) === colour && shape !== undefined) paths.push(shape(column * CELL, row * CELL));
    }
  }
  return paths.join("");
}

function at(bytes: readonly number[], index: number): number {
  return bytes[index] ?? 0;
}
