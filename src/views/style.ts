// The one stylesheet, served from /assets: the pages' policy allows nothing inline. Colours are tokens, one set for each theme.

export const STYLE = `
:root { color-scheme: light dark;
  --bg: #f7f7f5; --surface: #ffffff; --sunken: #efefeb; --text: #1b1b18; --muted: #5c5c55; --line: #dcdcd6; --control: #85857c;
  --accent: #1f4fd8; --accent-hover: #183fb0; --on-accent: #ffffff; --selected: #e9eefc;
  --yes: #17663a; --yes-soft: #e4f3ea; --ask: #7a4b00; --ask-soft: #fbf0d9; --no: #a61b1b; --no-soft: #fbe9e7; --on-no: #ffffff;
  --off: #5c5c55; --off-soft: #ecece8; --focus: #1b1b18;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media (prefers-color-scheme: dark) { :root {
  --bg: #141412; --surface: #1d1d1a; --sunken: #10100f; --text: #f1f1ec; --muted: #a9a9a0; --line: #34342f; --control: #77776e;
  --accent: #8fb0ff; --accent-hover: #a9c3ff; --on-accent: #0b1430; --selected: #1c2747;
  --yes: #7bd6a0; --yes-soft: #12301f; --ask: #f0be62; --ask-soft: #35270c; --no: #ff9b92; --no-soft: #3d1613; --on-no: #141412;
  --off: #a9a9a0; --off-soft: #2a2a26; --focus: #f1f1ec; } }
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--bg); color: var(--text); font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.skip { position: absolute; left: 16px; top: -64px; padding: 8px 12px; background: var(--surface); border: 1px solid var(--control); border-radius: 6px; }
.skip:focus { top: 8px; }
.frame { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; padding: 8px 16px; background: var(--surface); border-bottom: 1px solid var(--line); font-size: .9375rem; }
.frame .wordmark { display: inline-flex; align-items: center; gap: 8px; min-height: 44px; margin-right: auto; color: inherit; font-weight: 600; text-decoration: none; }
.frame .wordmark img { width: 20px; height: 20px; }
.frame nav { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; }
.frame nav a { display: inline-flex; align-items: center; min-height: 44px; }
.frame form { margin: 0; }
main { max-width: calc(640px + 32px); margin: 0 auto; padding: 24px 16px 48px; }
main.wide { max-width: calc(1120px + 32px); }
h1, h2, h3, h4 { line-height: 1.25; font-weight: 600; text-wrap: balance; }
h1 { font-size: 1.625rem; margin: 0 0 16px; }
h2 { font-size: 1.25rem; margin: 32px 0 12px; }
h3 { font-size: 1.0625rem; margin: 24px 0 8px; }
h4 { font-size: .9375rem; margin: 12px 0 4px; }
p, ul, ol, dl, pre { margin: 0 0 12px; }
p, li, dd { max-width: 68ch; }
b, strong { font-weight: 600; }
a { color: var(--accent); }
a:hover { color: var(--accent-hover); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
code, pre, .code { font-family: var(--mono); font-size: .9375rem; }
pre { padding: 12px; background: var(--sunken); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; overflow-wrap: normal; }
.card, article { padding: 16px; margin: 0 0 16px; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
.card > :last-child, article > :last-child, .notice > :last-child { margin-bottom: 0; }
.card > h2:first-child { margin-top: 0; }
.notice { padding: 12px 16px; margin: 0 0 16px; border: 1px solid var(--line); border-left-width: 4px; border-radius: 6px; background: var(--surface); }
.notice.ask, .warning { border-color: var(--ask); background: var(--ask-soft); }
.notice.no { border-color: var(--no); background: var(--no-soft); }
.notice.yes { border-color: var(--yes); background: var(--yes-soft); }
.notice.off { border-color: var(--off); background: var(--off-soft); }
.notice a { color: inherit; }
.notice h2 { margin: 0 0 8px; font-size: 1.0625rem; }
.warning { padding: 12px 16px; margin: 0 0 16px; border: 1px solid var(--ask); border-radius: 10px; }
.meta, dd, .hint { color: var(--muted); font-size: .9375rem; }
.meta { font-size: .8125rem; }
dt { margin-top: 8px; }
dd { margin: 0 0 0 16px; }
form { margin: 0 0 16px; }
.field { margin: 0 0 16px; }
.field label { display: block; margin: 0 0 4px; font-weight: 600; }
.field .hint { margin: 0 0 4px; }
.field .error { margin: 0 0 4px; color: var(--no); font-weight: 600; font-size: .9375rem; }
input, select, textarea { width: 100%; min-height: 44px; padding: 8px 12px; font: inherit; font-size: max(1rem, 16px); color: var(--text); background: var(--surface); border: 1px solid var(--control); border-radius: 6px; }
input[aria-invalid="true"] { border: 2px solid var(--no); }
input.code { max-width: 22rem; font-family: var(--mono); letter-spacing: .04em; }
input.digits { max-width: 12rem; font-family: var(--mono); font-size: 1.25rem; letter-spacing: .12em; }
button, .button { display: inline-flex; align-items: center; justify-content: center; min-height: 44px; padding: 8px 16px; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: 6px; cursor: pointer; text-decoration: none; }
button:hover, .button:hover { background: var(--accent-hover); border-color: var(--accent-hover); color: var(--on-accent); }
button.secondary, .button.secondary { color: var(--text); background: var(--surface); border-color: var(--control); }
button.secondary:hover, .button.secondary:hover { background: var(--sunken); border-color: var(--text); color: var(--text); }
[data-passkey]:not([hidden]) ~ form button { color: var(--text); background: var(--surface); border-color: var(--control); }
[data-passkey]:not([hidden]) ~ form button:hover { background: var(--sunken); border-color: var(--text); }
button.danger { color: var(--on-no); background: var(--no); border-color: var(--no); }
button.danger:hover { color: var(--on-no); background: var(--text); border-color: var(--text); }
button.plain { min-height: 44px; padding: 0; color: var(--accent); background: none; border: 0; font-weight: 400; text-decoration: underline; }
button.plain:hover { color: var(--accent-hover); background: none; }
[hidden] { display: none !important; }
.or { display: flex; align-items: center; gap: 12px; margin: 16px 0; color: var(--muted); font-size: .9375rem; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
.rows { list-style: none; padding: 0; margin: 0 0 16px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); }
.rows > li { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; min-height: 48px; max-width: none; padding: 8px 16px; }
.rows > li + li { border-top: 1px solid var(--line); }
.rows .what { flex: 1 1 14rem; min-width: 0; }
.rows .what p { margin: 0; }
.rows form { margin: 0; }
.pill { display: inline-flex; align-items: center; gap: 4px; padding: 1px 10px; border-radius: 999px; font-size: .8125rem; font-weight: 600; color: var(--off); background: var(--off-soft); border: 1px solid transparent; }
.pill.yes { color: var(--yes); background: var(--yes-soft); }
.pill.ask { color: var(--ask); background: var(--ask-soft); }
.pill.no { color: var(--no); background: var(--no-soft); }
.pill svg { width: 14px; height: 14px; fill: none; stroke: currentColor; stroke-width: 2; }
.actions { display: flex; flex-wrap: wrap; gap: 12px; align-items: center; }
@media (max-width: 639px) { .actions > button, .actions > .button, .stretch { width: 100%; } }
@media (forced-colors: active) { .pill, .notice { border: 1px solid; } }
@media (prefers-reduced-motion: no-preference) { button, .button, input { transition: background-color 120ms, border-color 120ms; } }
`;

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f4fd8"/><path d="M8 17l5 5 11-12" fill="none" stroke="#fff" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
