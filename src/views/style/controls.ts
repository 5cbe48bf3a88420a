// What is pressed and typed into: buttons, fields, choices, copy buttons, menus. One primary button to a view.

export const CONTROLS = `
button, .button { overflow-wrap: break-word; display: inline-flex; align-items: center; justify-content: center; gap: var(--s2); min-height: var(--target); padding: 6px var(--s4); font: inherit; font-size: var(--body); font-weight: 600; line-height: 1.35; text-align: center; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: var(--radius); cursor: pointer; text-decoration: none; }
button:hover, .button:hover { color: var(--on-accent); background: var(--accent-hover); border-color: var(--accent-hover); }
button.secondary, .button.secondary { color: var(--text); background: var(--surface); border-color: var(--control); }
button.secondary:hover, .button.secondary:hover { color: var(--text); background: var(--sunken); border-color: var(--text); }
button.danger, .button.danger { color: var(--on-no); background: var(--no); border-color: var(--no); }
button.danger:hover, .button.danger:hover { color: var(--on-no); background: var(--no); border-color: var(--text); box-shadow: inset 0 0 0 1px var(--text); }
button.plain { padding: 0 var(--s1); color: var(--accent); background: none; border-color: transparent; font-weight: 400; text-decoration: underline; text-underline-offset: .15em; }
button.plain:hover { color: var(--accent-hover); background: none; border-color: transparent; }
button.small, .button.small { min-height: 32px; padding: 2px var(--s3); font-size: var(--meta); }
@media (pointer: coarse) { button.small, .button.small { min-height: var(--target); } }
[data-passkey]:not([hidden]) ~ form button { color: var(--text); background: var(--surface); border-color: var(--control); }
[data-passkey]:not([hidden]) ~ form button:hover { background: var(--sunken); border-color: var(--text); }
.actions { display: flex; flex-wrap: wrap; gap: var(--s3); align-items: center; margin: 0 0 var(--s4); }
.actions > form { margin: 0; }
.actions > a { display: inline-flex; align-items: center; min-height: var(--target); }
@media (max-width: 639px) { .actions.stack { flex-direction: column; align-items: stretch; } .stretch { width: 100%; } .actions.stack button, .actions.stack .button { width: 100%; } }

form { margin: 0 0 var(--s4); }
fieldset { margin: 0 0 var(--s4); padding: 0; border: 0; min-width: 0; }
form > .hint + fieldset, p + form > fieldset:first-of-type { margin-top: var(--s6); }
legend { padding: 0; margin: 0 0 var(--s1); font-weight: 600; }
.field { margin: 0 0 var(--s4); }
.field > label, .label { display: block; margin: 0 0 var(--s1); font-weight: 600; }
.field .hint, fieldset > .hint { margin: 0 0 var(--s1); }
.field .error, fieldset > .error { margin: 0 0 var(--s1); color: var(--no); font-weight: 600; font-size: var(--body); }
.fields { display: grid; gap: 0 var(--s4); grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); }
input, select, textarea { width: 100%; min-height: var(--target); padding: 6px var(--s3); font: inherit; font-size: 1rem; color: var(--text); background: var(--surface); border: 1px solid var(--control); border-radius: var(--radius); }
input:hover, select:hover, textarea:hover { border-color: var(--text); }
textarea { display: block; min-height: 6rem; resize: vertical; }
textarea.code, input.code { font-family: var(--mono); font-size: .9375rem; }
@media (max-width: 639px) { textarea.code, input.code { font-size: 1rem; } }
input[aria-invalid="true"], select[aria-invalid="true"], textarea[aria-invalid="true"] { border: 2px solid var(--no); }
input[type="checkbox"], input[type="radio"] { flex: none; width: 24px; height: 24px; min-height: 0; margin: 0; padding: 0; accent-color: var(--accent); }
input.code { max-width: 26rem; letter-spacing: .02em; }
input.digits { max-width: 12rem; font-family: var(--mono); font-size: 1.25rem; letter-spacing: .12em; }
input.short, select.short { width: auto; max-width: 8rem; }
.choice { display: flex; gap: var(--s3); align-items: flex-start; min-height: var(--target); padding: var(--s2) 0; cursor: pointer; }
.choice > span { flex: 1; min-width: 0; }
.choice small { display: block; }
.wire > .field, .wire > .hint { margin-left: calc(20px + var(--s3)); }
.wire input.number { width: 6rem; }
.choices { display: grid; gap: var(--s2); margin: 0 0 var(--s4); }
.choices.cards .choice { padding: var(--s3) var(--s4); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); }
.choices.cards .choice:hover { border-color: var(--control); }
.choices.cards .choice:has(:checked) { background: var(--selected); border-color: var(--accent); }
.segments { display: inline-flex; flex-wrap: wrap; border: 1px solid var(--control); border-radius: var(--radius); overflow: hidden; background: var(--surface); }
.segments label { position: relative; display: inline-flex; align-items: center; gap: var(--s1); min-height: var(--target); padding: 0 var(--s3); cursor: pointer; font-size: var(--body); }
.segments label + label, .segments a + a { border-left: 1px solid var(--control); }
.segments input { position: absolute; inset: 0; width: 100%; height: 100%; opacity: 0; cursor: pointer; }
.segments label:has(:checked), .segments [aria-current] { background: var(--selected); color: var(--accent); font-weight: 600; }
.segments label:has(:focus-visible) { outline: 3px solid var(--focus); outline-offset: -3px; }
.segments a { display: inline-flex; align-items: center; justify-content: center; min-width: var(--target); min-height: 36px; padding: 0 var(--s3); color: inherit; text-decoration: none; }
@media (pointer: coarse) { .segments a { min-height: var(--target); } }
@media (max-width: 639px) { .segments a { padding: 0 var(--s2); font-size: var(--meta); } }
.or { display: flex; align-items: center; gap: var(--s3); margin: var(--s4) 0; color: var(--muted); font-size: var(--body); }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }

.copyable { display: flex; align-items: stretch; gap: var(--s2); max-width: 100%; margin: 0 0 var(--s3); }
.copyable code { flex: 1; min-width: 0; padding: 8px var(--s3); background: var(--sunken); border: 1px solid var(--line); border-radius: var(--radius); font-size: var(--meta); line-height: 1.5; overflow-wrap: anywhere; }
.key { display: inline-flex; align-items: center; gap: var(--s1); font-family: var(--mono); font-size: .9375em; }
button.copy { flex: none; }

details.menu { position: relative; }
details.menu > summary { display: inline-flex; align-items: center; gap: var(--s2); min-height: var(--target); padding: 0 var(--s2); border-radius: var(--radius); cursor: pointer; list-style: none; }
details.menu > summary::-webkit-details-marker { display: none; }
details.menu > summary:hover, details.menu[open] > summary { background: var(--sunken); }
details.menu > .panel { position: absolute; z-index: 10; top: calc(100% + var(--s1)); min-width: 15rem; max-width: min(22rem, calc(100vw - 2 * var(--s4))); max-height: 70vh; overflow-y: auto; padding: var(--s2); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); box-shadow: 0 8px 24px rgb(0 0 0 / .16); }
details.menu.end > .panel { right: 0; }
.panel a, .panel button.item { display: flex; align-items: center; justify-content: flex-start; gap: var(--s2); width: 100%; min-height: var(--target); padding: 6px var(--s2); border: 0; border-radius: var(--radius); color: var(--text); background: none; font-weight: 400; text-align: left; text-decoration: none; }
.panel a:hover, .panel button.item:hover { background: var(--sunken); color: var(--text); }
.panel a[aria-current] { background: var(--selected); color: var(--accent); font-weight: 600; }
.panel form { margin: 0; }
.panel hr { margin: var(--s2) 0; }
.panel p { margin: var(--s1) var(--s2) var(--s2); }
details.fold { margin: 0 0 var(--s3); }
details.fold > summary { display: inline-flex; align-items: center; gap: var(--s1); min-height: 32px; color: var(--accent); cursor: pointer; }
details.fold > summary:hover { color: var(--accent-hover); text-decoration: underline; }
@media (pointer: coarse) { details.fold > summary { min-height: var(--target); } }
@media (prefers-reduced-motion: no-preference) { button, .button, input, select, textarea, .choice { transition: background-color 120ms, border-color 120ms, color 120ms; } }
`;
