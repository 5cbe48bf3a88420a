// Colour, type, space and shape by name. One set of colours for each theme: by the reader's system, or as `data-theme` on <html> says.

const LIGHT = `
  --bg: #f7f7f5; --surface: #ffffff; --sunken: #efefeb;
  --text: #1b1b18; --muted: #5c5c55; --line: #dcdcd6; --control: #85857c;
  --accent: #1f4fd8; --on-accent: #ffffff; --accent-hover: #183fb0; --selected: #e9eefc;
  --yes: #17663a; --yes-soft: #e4f3ea;
  --ask: #7a4b00; --ask-soft: #fbf0d9;
  --no: #a61b1b; --no-soft: #fbe9e7; --on-no: #ffffff;
  --off: #5c5c55; --off-soft: #ecece8;
  --focus: #1b1b18;`;

const DARK = `
  --bg: #141412; --surface: #1d1d1a; --sunken: #10100f;
  --text: #f1f1ec; --muted: #a9a9a0; --line: #34342f; --control: #77776e;
  --accent: #8fb0ff; --on-accent: #0b1430; --accent-hover: #a9c3ff; --selected: #1c2747;
  --yes: #7bd6a0; --yes-soft: #12301f;
  --ask: #f0be62; --ask-soft: #35270c;
  --no: #ff9b92; --no-soft: #3d1613; --on-no: #141412;
  --off: #a9a9a0; --off-soft: #2a2a26;
  --focus: #f1f1ec;`;

export const TOKENS = `
:root { color-scheme: light dark;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  --meta: .8125rem; --body: .9375rem; --read: 1.0625rem; --h3: 1.0625rem; --h2: 1.25rem; --h1: 1.625rem; --figure: 2rem;
  --s1: 4px; --s2: 8px; --s3: 12px; --s4: 16px; --s6: 24px; --s8: 32px; --s12: 48px;
  --radius: 6px; --radius-card: 10px; --radius-pill: 999px;
  --target: 40px; --row: 48px; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
:root[data-theme="light"] { color-scheme: light; ${LIGHT} }
:root[data-theme="dark"] { color-scheme: dark; ${DARK} }
@media (pointer: coarse) { :root { --target: 44px; } }
`;
