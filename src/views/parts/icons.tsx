// Small pictures, drawn in the colour of the words beside them. Each shape means one thing and is told apart without colour.

const SHAPES = {
  tick: ["M3.5 8.5l3 3 6-7"],
  "tick-circle": ["M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13", "M5 8.2l2.1 2.1L11 6"],
  clock: ["M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13", "M8 4.5V8l2.5 1.5"],
  "crossed-circle": ["M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13", "M5.5 5.5l5 5M10.5 5.5l-5 5"],
  hourglass: ["M3.5 1.5h9M3.5 14.5h9", "M4.5 1.5v2.6L8 8l3.5-3.9V1.5", "M4.5 14.5v-2.6L8 8l3.5 3.9v2.6"],
  pause: ["M5.5 3v10M10.5 3v10"],
  padlock: ["M3 7.5h10v7H3z", "M5 7.5V5a3 3 0 0 1 6 0v2.5"],
  "broken-link": [
    "M6.5 9.5l-2 2a2.1 2.1 0 0 1-3-3l2.5-2.5a2.1 2.1 0 0 1 1.5-.6",
    "M9.5 6.5l2-2a2.1 2.1 0 0 1 3 3L12 10a2.1 2.1 0 0 1-1.5.6",
    "M6 2v1.5M2 6h1M10 14v-1.5M14 10h-1",
  ],
  triangle: ["M8 2L1.5 13.5h13z", "M8 6.5v3.2M8 11.6v.1"],
  square: ["M2.5 2.5h11v11h-11z", "M8 5v3.6M8 10.9v.1"],
  dot: ["M8 5.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5"],
  chevron: ["M4 6l4 4l4-4"],
  up: ["M4 10l4-4l4 4"],
  cross: ["M4 4l8 8M12 4l-8 8"],
  back: ["M10 3L5 8l5 5"],
  plus: ["M8 3v10M3 8h10"],
  copy: ["M5.5 5.5h8v8h-8z", "M10.5 5.5v-3h-8v8h3"],
  out: ["M6 3H3v10h10v-3", "M9 2.5h4.5V7M13.5 2.5L7 9"],
  search: ["M7 2a5 5 0 1 0 0 10a5 5 0 1 0 0-10", "M10.7 10.7L14 14"],
  person: ["M8 2a3 3 0 1 0 0 6a3 3 0 1 0 0-6", "M2.5 14a5.5 5.5 0 0 1 11 0"],
  bell: ["M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8z", "M6.8 14.5h2.4"],
} as const satisfies Record<string, readonly string[]>;

export type IconName = keyof typeof SHAPES;

/** Decoration: the word beside it says the same. */
export function Icon({ name, class: more }: { name: IconName; class?: string }) {
  return (
    <svg class={more === undefined ? "icon" : `icon ${more}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {SHAPES[name].map((path) => (
        <path d={path} />
      ))}
    </svg>
  );
}
