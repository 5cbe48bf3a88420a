// The one stylesheet, served from /assets: the pages' policy allows nothing inline.

export const STYLE = `
:root { color-scheme: light dark; --text: #1c1f23; --meta: #5a6270; --line: #d5d9e0; --ground: #ffffff; --box: #f4f6f8; --warn: #fff3d6; --link: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e7eaee; --meta: #a3adba; --line: #39414c; --ground: #14171b; --box: #1d2228; --warn: #3b3016; --link: #86bdf5; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1.0625rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header, main { max-width: 45rem; margin: 0 auto; padding: 16px; }
header a { color: inherit; font-weight: 600; text-decoration: none; }
h1 { font-size: 1.625rem; line-height: 1.25; margin: 16px 0; }
h2 { font-size: 1.25rem; line-height: 1.25; margin: 32px 0 12px; }
h3 { font-size: 1.0625rem; line-height: 1.25; margin: 24px 0 8px; }
h4 { font-size: .9375rem; margin: 12px 0 4px; }
p, ul, dl, pre { margin: 0 0 12px; }
a { color: var(--link); }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
code, pre { font-family: ui-monospace, monospace; font-size: .9375rem; }
pre { padding: 12px; background: var(--box); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; overflow-wrap: normal; }
article, .warning { padding: 4px 16px; margin: 0 0 16px; border: 1px solid var(--line); border-radius: 10px; }
.warning { background: var(--warn); }
.meta, dd { color: var(--meta); font-size: .9375rem; }
dt { margin-top: 8px; }
dd { margin: 0 0 0 16px; }
`;

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b57a4"/><path d="M8 17l5 5 11-12" fill="none" stroke="#fff" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
