// Policies: sentences, rule cards with their fields, the JSON beside them, what a dry-run found, and what a version changes.

export const POLICIES = `
.policy-name { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s1) var(--s2); }
.policy-name a { display: inline-flex; align-items: center; min-height: 28px; }
@media (pointer: coarse) { .policy-name a { min-height: var(--target); } }
.sentences { list-style: none; margin: 0 0 var(--s3); padding: 0; }
.sentences > li { max-width: 72ch; padding: var(--s2) 0; font-size: var(--read); }
.sentences > li + li { border-top: 1px solid var(--line); }
.preset-cards .sentences > li { font-size: var(--body); }
.preset-cards { display: grid; gap: var(--s4); margin: 0; padding: 0; list-style: none; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }
.preset-cards > li { display: flex; flex-direction: column; max-width: none; margin: 0; }
.preset-cards > li > .sentences { flex: 1; align-content: start; }
.preset-cards > li > .button { align-self: flex-start; }
.rows.plain { border: 0; background: none; }
.rows.plain > li { padding-left: 0; padding-right: 0; }

.sides { display: grid; gap: var(--s6); grid-template-columns: minmax(0, 1fr); }
.side-tabs { display: flex; gap: 0; margin: 0 0 var(--s4); border-bottom: 1px solid var(--line); }
.side-tab, .side-tab:hover { flex: 1; color: var(--muted); background: none; border: 0; border-bottom: 3px solid transparent; border-radius: 0; }
.side-tab:hover { color: var(--text); border-bottom-color: var(--line); }
.side-tab[aria-pressed="true"] { color: var(--accent); border-bottom-color: var(--accent); }
.side-tab:focus-visible { outline-offset: -3px; }
@media (max-width: 959px) { .shows-fields .json-side, .shows-json .field-side { display: none; } }
@media (min-width: 960px) {
  .side-tabs { display: none; }
  .sides { grid-template-columns: minmax(0, 13fr) minmax(0, 9fr); align-items: start; }
  .json-side { position: sticky; top: var(--s4); max-height: calc(100vh - 96px - var(--s4)); overflow-y: auto; padding: 3px; margin: -3px; }
}
.field-side > h2.top, .json-side h2 { margin-top: 0; }
.field-side h2 { margin-bottom: var(--s1); }
.side-head { display: flex; align-items: baseline; gap: var(--s3); }
.side-head h2 { flex: 1; margin: 0 0 var(--s2); font-size: var(--h3); }
.side-head a { display: inline-flex; align-items: center; min-height: 32px; font-size: var(--meta); }
.json-side textarea { min-height: 24rem; line-height: 1.55; tab-size: 2; white-space: pre; overflow-x: auto; font-size: var(--meta); background: var(--sunken); }
@media (pointer: coarse) { .side-head a { min-width: var(--target); min-height: var(--target); } }
.json-side .error { margin: 0 0 var(--s2); color: var(--no); font-weight: 600; }
.json-side .notice textarea { min-height: 8rem; margin: 0 0 var(--s2); }
@media (max-width: 639px) { .json-side textarea { font-size: 1rem; } }

.rule-cards { display: grid; gap: var(--s3); margin: 0 0 var(--s3); padding: 0; list-style: none; }
.rule-cards > li { max-width: none; margin: 0; scroll-margin-top: var(--s4); }
.rule:focus-visible { outline-offset: 2px; border-radius: var(--radius-card); }
.rule:target { border-color: var(--accent); }
.rule-head { display: flex; align-items: center; gap: var(--s2); margin: calc(-1 * var(--s1)) 0 0; }
.rule-head > :first-child, .rule-head .mark { display: inline-flex; align-items: center; font-size: var(--read); }
.rule-head h3 { flex: 1; min-width: 0; margin: 0; color: var(--muted); font-size: var(--meta); font-weight: 600; }
.rule-tools { display: inline-flex; gap: 0; margin-right: calc(-1 * var(--s2)); }
button.tool, button.tool:hover, button.chip-remove, button.chip-remove:hover, button.remove, button.remove:hover { min-width: var(--target); padding: 0; color: var(--muted); text-decoration: none; }
button.tool:hover, button.remove:hover, button.chip-remove:hover { color: var(--text); background: var(--sunken); }
.sentence { margin: 0 0 var(--s2); font-size: var(--read); }
.sentence.unsaid { color: var(--no); }
.sentence .piece { color: var(--text); text-decoration: underline; text-decoration-color: var(--accent); text-decoration-thickness: 2px; text-underline-offset: .2em; }
.sentence .piece:hover { color: var(--accent-hover); }
.remarks { margin: 0 0 var(--s2); padding: var(--s2) var(--s3); list-style: none; background: var(--sunken); border-radius: var(--radius); color: var(--text); font-size: var(--meta); }
.remarks > li + li { margin-top: var(--s1); }
.rule-fields > summary { display: inline-flex; align-items: center; gap: var(--s1); list-style: none; min-width: var(--target); min-height: var(--target); color: var(--accent); cursor: pointer; }
.rule-fields > summary:hover { color: var(--accent-hover); text-decoration: underline; }
.rule-fields { margin: 0 0 calc(-1 * var(--s2)); }
.rule-fields[open] { margin-bottom: 0; }
.rule-fields[open] > summary { margin-bottom: var(--s2); }
.rule-fields > :last-child { margin-bottom: 0; }
.rule-fields .part { margin: var(--s3) 0 0; padding: var(--s4) 0 0; border-top: 1px solid var(--line); }
.rule-fields .part > :last-child { margin-bottom: 0; }
.part > details > summary { display: flex; align-items: center; gap: var(--s2); min-height: var(--target); cursor: pointer; list-style: none; font-weight: 600; }
.part > details > summary small { font-weight: 400; }
.part > details > summary .icon, .rule-fields > summary .icon { transition: none; }
.part > details[open] > summary .icon, .rule-fields[open] > summary .icon { transform: rotate(180deg); }
.policy-editor summary::-webkit-details-marker { display: none; }
.policy-editor .fields > .field { display: flex; flex-direction: column; justify-content: flex-end; }
.policy-editor .segments label { padding: 0 var(--s3) 0 var(--s2); }
.policy-editor .segments label:not(:has(.pill)) { padding: 0 var(--s4); }
.policy-editor .segments label:has(:checked) .pill { box-shadow: 0 0 0 1px currentColor; }
.field.short, .policy-editor input.short { max-width: 8rem; }
.policy-editor input.code.wide { max-width: none; }
.amount { display: flex; gap: var(--s2); }
.amount input { flex: 0 1 5rem; min-width: 4rem; }
.ticks > .tick-row { margin: 0; }
.ticks .choice { padding: 6px 0; }
.ticks.two { display: grid; grid-template-columns: minmax(0, 1fr); column-gap: var(--s4); }
@media (min-width: 640px) { .ticks.two { grid-template-columns: repeat(2, minmax(0, 1fr)); } .ticks.two > legend, .ticks.two > .hint, .ticks.two > .error { grid-column: 1 / -1; } }
.ticks.inline { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--s4); }
.ticks.inline > legend, .ticks.inline > .hint, .ticks.inline > .error { flex: 0 0 100%; float: left; }
.ticks.inline .choice > span { flex: none; }
.ticks > .tick-row > .figures { margin: var(--s1) 0 var(--s2) 36px; }
.tick-row:not(:has(> label > :checked)) > .figures { display: none; }
.kind-chips { display: flex; flex-wrap: wrap; gap: var(--s2); margin: 0 0 var(--s3); padding: 0; list-style: none; }
.kind-chip { display: inline-flex; align-items: center; gap: var(--s1); max-width: 100%; padding-left: var(--s3); background: var(--selected); border: 1px solid var(--line); border-radius: var(--radius-pill); }
button.chip-remove { border-radius: var(--radius-pill); }
.with-button { display: flex; gap: var(--s2); align-items: flex-end; margin: 0 0 var(--s4); }
.with-button > .field { flex: 1; min-width: 0; margin: 0; }
.with-button > button { flex: none; }
form.with-button > .field { flex: 0 1 14rem; }
.condition { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 var(--s2); margin: 0 0 var(--s3); padding: var(--s3) var(--s3) 0; border: 1px solid var(--line); border-radius: var(--radius); }
.condition > :not(button) { grid-column: 1; }
.condition > button { grid-column: 2; grid-row: 1; }
.policy-editor .try textarea { min-height: 4rem; margin: 0 0 var(--s2); }
.tried { margin: 0 0 var(--s2); padding: var(--s2) var(--s3); background: var(--sunken); border-radius: var(--radius); white-space: pre-wrap; }
mark { padding: 0 2px; color: var(--text); background: var(--ask-soft); border-bottom: 2px solid var(--ask); border-radius: 2px; }
.limit { display: flex; flex-wrap: wrap; gap: 0 var(--s2); align-items: flex-end; }
.limit > .field { margin: 0 0 var(--s3); }
.limit > .field:first-of-type { flex: 0 1 6rem; }
.limit > .field:nth-of-type(2) { flex: 0 1 7rem; }
.limit > .field:nth-of-type(3) { flex: 1 1 10rem; }
.limit > button { margin-bottom: var(--s3); }
.limits > .past { padding: var(--s2) var(--s3); background: var(--sunken); border-radius: var(--radius); font-size: var(--meta); }
.qualify { padding: var(--s2) var(--s3); background: var(--sunken); border-radius: var(--radius); font-size: var(--meta); }
.fields.three { grid-template-columns: repeat(auto-fit, minmax(min(100%, 7rem), 1fr)); }
.editor-actions { position: sticky; bottom: 0; z-index: 6; display: flex; flex-wrap: wrap; gap: var(--s3); margin: var(--s6) calc(-1 * var(--s4)) var(--s4); padding: var(--s3) var(--s4); background: var(--bg); border-top: 1px solid var(--line); }
html:has(.editor-actions) { scroll-padding-bottom: 88px; }
@media (max-width: 639px) { .editor-actions { gap: var(--s2); } .editor-actions > button { flex: 1 1 auto; padding: 6px var(--s2); font-size: var(--meta); } }
.policy-editor.enlivened .no-script-only, .policy-editor.enlivened .try button { display: none; }

.verdict { font-size: var(--h3); font-weight: 600; }
.from-to { max-width: 40rem; table-layout: fixed; }
.from-to tbody th { color: var(--muted); font-size: var(--meta); }
.from-to .number { text-align: center; }
.from-to .same { color: var(--muted); background: var(--sunken); }
.from-to button { min-width: var(--target); font-weight: 600; }
.from-to button[aria-pressed="true"] { background: var(--selected); border-color: var(--accent); }
@media (max-width: 639px) { .from-to th, .from-to td { padding: var(--s1); } .from-to thead th { white-space: normal; text-align: center; } }
.changed > .group > li { align-items: flex-start; }
.changed .turn { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s2); align-items: center; margin: var(--s1) 0; }
.changed:focus { outline: none; }

.version-changes { display: grid; gap: var(--s3); margin: 0 0 var(--s4); padding: 0; list-style: none; }
.version-changes > li { max-width: none; margin: 0; }
.version-changes > li > :first-child { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: center; margin: 0 0 var(--s2); }
.was-is { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr); gap: var(--s2) var(--s3); margin: 0; }
.was-is dt { color: var(--muted); font-size: var(--meta); padding-top: 2px; }
.was-is dd { margin: 0; max-width: 68ch; }
.was-is .before { color: var(--muted); }
.was-is .after { font-size: var(--read); }
@media (max-width: 639px) { .was-is { grid-template-columns: minmax(0, 1fr); gap: 0; } .was-is dd { margin: 0 0 var(--s2); } }
`;
