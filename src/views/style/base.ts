// Words: elements as they are without any class, focus, and the few helpers that every page needs.

export const BASE = `
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: var(--s4); }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--bg); color: var(--text); font: var(--read)/1.5 var(--sans); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
body.console { font-size: var(--body); }
main { flex: 1; width: 100%; max-width: calc(640px + 2 * var(--s4)); margin: 0 auto; padding: var(--s8) var(--s4) var(--s12); }
.console main { max-width: calc(1120px + 2 * var(--s6)); padding: var(--s6) var(--s6) var(--s12); }
.console main.narrow { max-width: calc(640px + 2 * var(--s6)); }
main:focus { outline: none; }
h1, h2, h3, h4 { line-height: 1.25; font-weight: 600; text-wrap: balance; margin: 0; }
h1 { font-size: var(--h1); margin-bottom: var(--s4); letter-spacing: -.01em; }
h2 { font-size: var(--h2); margin: var(--s8) 0 var(--s3); letter-spacing: -.005em; }
h3 { font-size: var(--h3); margin: var(--s6) 0 var(--s2); }
h4 { font-size: var(--body); margin: var(--s3) 0 var(--s1); }
p, ul, ol, dl, pre, figure { margin: 0 0 var(--s3); }
p, li, dd { max-width: 68ch; }
b, strong { font-weight: 600; }
small, .meta { color: var(--muted); font-size: var(--meta); }
.hint { color: var(--muted); font-size: var(--body); }
a { color: var(--accent); text-underline-offset: .15em; }
a:hover { color: var(--accent-hover); }
hr { border: 0; border-top: 1px solid var(--line); margin: var(--s6) 0; }
code, pre, kbd, .code { font-family: var(--mono); font-size: .9375em; }
pre { padding: var(--s3); background: var(--sunken); border: 1px solid var(--line); border-radius: var(--radius); white-space: pre-wrap; overflow-wrap: anywhere; font-size: var(--meta); line-height: 1.6; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
.hidden-words { position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0; }
.nowrap { white-space: nowrap; }
.skip { position: absolute; left: var(--s4); top: -64px; z-index: 20; padding: var(--s2) var(--s3); background: var(--surface); border: 1px solid var(--control); border-radius: var(--radius); }
.skip:focus { top: var(--s2); }
.icon { width: 1em; height: 1em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; vertical-align: -.125em; }
time[data-relative] { cursor: default; }
@media (max-width: 639px) {
  .console main, .console main.narrow { padding: var(--s4) var(--s4) var(--s8); }
  body { --read: 1.0625rem; }
}
@media (forced-colors: active) { .icon { forced-color-adjust: auto; } }
`;
