// What pages are built of: cards, notices, pills, lists, tables, label–value pairs, quotes, bars that stick.

export const CONTENT = `
.card, article { padding: var(--s4); margin: 0 0 var(--s4); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); }
.card > :last-child, article > :last-child, .notice > :last-child { margin-bottom: 0; }
.card > h2:first-child, .card > h3:first-child, article > h2:first-child { margin-top: 0; }
.card:not(.roomy) > h2 { font-size: var(--h3); }
.card.roomy { padding: var(--s6); }
@media (max-width: 639px) { .card.roomy { padding: var(--s4); } }
.card-head { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s1) var(--s3); margin: 0 0 var(--s3); }
.card-head > a { display: inline-flex; align-items: center; min-height: 32px; }
@media (pointer: coarse) { .card-head > a { min-height: var(--target); } }
.card-head h2, .card-head h3 { flex: 1 1 auto; margin: 0; font-size: var(--h3); }
.grid { display: grid; gap: var(--s4); grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); margin: 0 0 var(--s4); }
.grid > * { margin: 0; min-width: 0; }
.columns { display: grid; gap: var(--s4); grid-template-columns: minmax(0, 1fr); align-items: start; }
@media (min-width: 960px) { .columns { grid-template-columns: minmax(0, 2fr) minmax(0, 1fr); } .columns.even { grid-template-columns: repeat(2, minmax(0, 1fr)); } }

.notice { padding: var(--s3) var(--s4); margin: 0 0 var(--s4); border: 1px solid var(--line); border-left-width: 4px; border-radius: var(--radius); background: var(--surface); }
.notice.ask, .warning { border-color: var(--ask); background: var(--ask-soft); }
.notice.no { border-color: var(--no); background: var(--no-soft); }
.notice.yes { border-color: var(--yes); background: var(--yes-soft); }
.notice.off { border-color: var(--off); background: var(--off-soft); }
.notice a { color: inherit; }
.notice a.button { color: var(--on-accent); }
.notice a.button.secondary { color: var(--text); }
.notice h2, .notice h3, .warning h2 { margin: 0 0 var(--s1); font-size: var(--h3); }
.notice .row { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s4); }
.notice .row > :first-child { flex: 1 1 16rem; max-width: none; margin: 0; }
.notice .row form { margin: 0; }
.warning { padding: var(--s3) var(--s4); margin: 0 0 var(--s4); border: 1px solid var(--ask); border-radius: var(--radius-card); }
.attention { list-style: none; padding: 0; margin: 0 0 var(--s4); display: grid; gap: var(--s2); }
.attention > li { max-width: none; }
.attention .notice { margin: 0; }

.pill { display: inline-flex; align-items: center; gap: 5px; padding: 1px 9px 1px 6px; border-radius: var(--radius-pill); font-size: var(--meta); font-weight: 600; line-height: 1.5; white-space: nowrap; color: var(--off); background: var(--off-soft); border: 1px solid transparent; }
.pill .icon { width: 14px; height: 14px; stroke-width: 2; }
.pill.yes { color: var(--yes); background: var(--yes-soft); }
.pill.ask { color: var(--ask); background: var(--ask-soft); }
.pill.no { color: var(--no); background: var(--no-soft); }
.pill.off { color: var(--off); background: var(--off-soft); }
.mark.yes { color: var(--yes); } .mark.ask { color: var(--ask); } .mark.no { color: var(--no); } .mark.off { color: var(--off); }
.tag { display: inline-block; padding: 0 6px; border: 1px solid var(--line); border-radius: 4px; color: var(--muted); font-size: var(--meta); white-space: nowrap; }

.rows { list-style: none; padding: 0; margin: 0 0 var(--s4); border: 1px solid var(--line); border-radius: var(--radius-card); background: var(--surface); }
.rows > li { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s1) var(--s4); min-height: var(--row); max-width: none; padding: var(--s2) var(--s4); }
.rows > li + li { border-top: 1px solid var(--line); }
.rows .what { flex: 1 1 14rem; min-width: 0; }
.rows .what p { margin: 0; }
.rows form { margin: 0; }
.card > .rows { margin: 0 calc(-1 * var(--s4)) calc(-1 * var(--s4)); border: 0; border-top: 1px solid var(--line); border-radius: 0 0 var(--radius-card) var(--radius-card); }
.card > .rows:first-child { margin-top: calc(-1 * var(--s4)); border-top: 0; border-radius: var(--radius-card); }

.facts { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: var(--s2) var(--s4); margin: 0 0 var(--s4); }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; min-width: 0; color: var(--text); }
@media (max-width: 639px) { .facts { grid-template-columns: minmax(0, 1fr); gap: 0; } .facts dd { margin: 0 0 var(--s2); } }

.table { width: 100%; margin: 0 0 var(--s4); border: 1px solid var(--line); border-spacing: 0; border-radius: var(--radius-card); background: var(--surface); }
.table caption { text-align: left; padding: 0 0 var(--s2); font-weight: 600; }
.table th, .table td { padding: var(--s2) var(--s3); text-align: left; vertical-align: middle; height: var(--row); border-top: 1px solid var(--line); }
.compact .table th, .compact .table td { height: 36px; padding-top: 3px; padding-bottom: 3px; }
.table thead th { height: 36px; border-top: 0; color: var(--muted); font-size: var(--meta); font-weight: 600; white-space: nowrap; }
.table tbody th { font-weight: 600; }
.table .number { text-align: right; }
.table td.wide { min-width: 6.75rem; }
.table td form { margin: 0; }
.table time { white-space: nowrap; }
.table td p, .table th p { margin: 0; font-weight: 400; }
.table tr.unseen { background: var(--selected); }
.table tbody tr:last-child > :first-child { border-bottom-left-radius: var(--radius-card); }
.card > .table, .card > [data-live-on] > .table { margin: 0; border: 0; border-top: 1px solid var(--line); border-radius: 0; }
.card > .table th:first-child, .card > .table td:first-child, .card > [data-live-on] > .table th:first-child, .card > [data-live-on] > .table td:first-child { padding-left: 0; }
.card > .table th:last-child, .card > .table td:last-child, .card > [data-live-on] > .table th:last-child, .card > [data-live-on] > .table td:last-child { padding-right: 0; }
.table a.cover { color: inherit; text-decoration: none; font-weight: 600; }
.table a.cover:hover { color: var(--accent); text-decoration: underline; }
@media (max-width: 639px) {
  .table.folds, .table.folds tbody, .table.folds tr, .table.folds td, .table.folds tbody th { display: block; height: auto; }
  .table.folds { border: 0; background: none; }
  .table.folds thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .table.folds tr { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s3); align-items: center; margin: 0 0 var(--s3); padding: var(--s3) var(--s4); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); }
  .table.folds td, .table.folds tbody th { flex: 1 1 100%; padding: 0; border: 0; text-align: left; }
  .table.folds td[data-label] { display: flex; gap: var(--s3); }
  .table.folds td:has(> .cell:empty) { display: none; }
  .table.folds td.wide, .table.folds th.wide { display: none; }
  .table.folds .cell { min-width: 0; }
  .table.folds td[data-label]::before { content: attr(data-label); flex: 0 0 6.5rem; color: var(--muted); }
  .table.folds td.on-top, .table.folds tbody th.on-top { order: -1; flex: 0 1 auto; }
  .table.folds tbody th.on-top, .table.folds td.on-top:first-child { flex: 1 1 0; min-width: 0; }
  .card > .table.folds tr, .card > [data-live-on] > .table.folds tr { margin: 0; padding: var(--s2) 0; border: 0; border-top: 1px solid var(--line); border-radius: 0; }
  .card > .table.folds tbody tr:first-child, .card > [data-live-on] > .table.folds tbody tr:first-child { border-top: 0; }
}

.quote { margin: 0 0 var(--s3); padding: var(--s3) var(--s4); background: var(--sunken); border-left: 3px solid var(--control); border-radius: 0 var(--radius) var(--radius) 0; }
.quote > figcaption { margin: 0 0 var(--s1); color: var(--muted); font-size: var(--meta); }
.quote > .words { margin: 0; max-width: 68ch; font-size: var(--read); white-space: pre-wrap; overflow-wrap: anywhere; word-break: break-word; unicode-bidi: isolate; }
.quote > .after { margin: var(--s2) 0 0; color: var(--muted); font-size: var(--meta); }
.quote > :last-child { margin-bottom: 0; }
.own-words { unicode-bidi: isolate; overflow-wrap: anywhere; }

@media (min-width: 640px) { .phone { display: none; } }
.empty { padding: var(--s8) var(--s4); margin: 0 0 var(--s4); text-align: center; background: var(--surface); border: 1px dashed var(--control); border-radius: var(--radius-card); }
.empty p { margin: 0 auto var(--s3); color: var(--muted); }
.empty h2 { margin: 0 0 var(--s2); }
.empty > :last-child { margin-bottom: 0; }

.stick { position: sticky; bottom: 0; z-index: 5; display: flex; gap: var(--s3); margin: var(--s4) calc(-1 * var(--s4)) 0; padding: var(--s3) var(--s4) calc(var(--s3) + env(safe-area-inset-bottom)); background: var(--surface); border-top: 1px solid var(--line); }
.stick > button, .stick > .button { flex: 1; min-height: 52px; font-size: var(--read); }
html:has(.stick) { scroll-padding-bottom: 112px; }
@media (min-width: 640px) { .stick { position: static; margin: var(--s4) 0 0; padding: 0; background: none; border: 0; } html:has(.stick) { scroll-padding-bottom: 0; } .stick > button, .stick > .button { flex: 0 1 auto; min-width: 12rem; } }

.confirm { padding: var(--s4); margin: 0 0 var(--s4); border: 1px solid var(--no); border-radius: var(--radius-card); background: var(--surface); }
.confirm > :last-child { margin-bottom: 0; }
.tip { position: relative; }
.tip:hover::after, .tip:focus::after { content: attr(data-absolute); position: absolute; z-index: 8; left: 0; bottom: calc(100% + 4px); width: max-content; max-width: 16rem; padding: 4px 8px; border-radius: var(--radius); background: var(--text); color: var(--bg); font-size: var(--meta); font-weight: 400; line-height: 1.4; white-space: normal; pointer-events: none; }
td:last-child .tip:hover::after, td:last-child .tip:focus::after { left: auto; right: 0; }
.pill-new { position: sticky; top: var(--s2); z-index: 6; display: flex; justify-content: center; height: 0; }
.pill-new button { flex: none; transform: translateY(-50%); border-radius: var(--radius-pill); }
.steps { list-style: none; padding: 0; margin: 0 0 var(--s4); border: 1px solid var(--line); border-radius: var(--radius-card); background: var(--surface); }
.steps > li { display: grid; grid-template-columns: 28px minmax(0, 1fr); gap: 0 var(--s3); max-width: none; padding: var(--s4); }
.steps > li + li { border-top: 1px solid var(--line); }
.steps .tick { display: inline-flex; align-items: center; justify-content: center; width: 28px; height: 28px; border: 1px solid var(--control); border-radius: var(--radius-pill); font-weight: 600; font-size: var(--meta); }
.steps .done .tick { color: var(--yes); background: var(--yes-soft); border-color: var(--yes); }
.steps .done .tick .icon { width: 16px; height: 16px; stroke-width: 2.25; }
.steps .now .tick { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
.steps h3 { margin: 2px 0 var(--s1); }
.steps p { margin: 0 0 var(--s2); }
.steps .done p { color: var(--muted); margin: 0; }
.steps .actions { margin: var(--s2) 0 0; }
.bunkers { list-style: none; padding: 0; }
.bunkers > li { max-width: none; display: flex; }
.bunker-card { position: relative; flex: 1; margin: 0; display: flex; flex-direction: column; gap: var(--s2); }
.bunker-card:hover { border-color: var(--control); }
.bunker-card h3 { margin: 0 0 2px; }
.bunker-card h3 a { color: inherit; text-decoration: none; }
.bunker-card h3 a::after { content: ""; position: absolute; inset: 0; border-radius: var(--radius-card); }
.bunker-card .tip { position: relative; z-index: 1; }
.bunker-card p { margin: 0; }
.bunker-card .who { display: flex; gap: var(--s3); align-items: center; }
.bunker-card > :last-child { margin-top: auto; }
.quiet { display: flex; align-items: center; gap: var(--s2); padding: var(--s3) var(--s4); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); max-width: none; }
.quiet .icon { width: 20px; height: 20px; }
.meter { display: block; width: 100%; height: 8px; }
.meter .track { fill: var(--sunken); } .meter .fill { fill: var(--accent); } .meter.full .fill { fill: var(--ask); }
@media (forced-colors: active) { .pill, .notice, .tag, .count { border: 1px solid; } .quote { border-left: 3px solid; } .meter .track { fill: Canvas; stroke: CanvasText; } .meter .fill { fill: CanvasText; } }
`;
