// Charts: series by colour and pattern, two pixels of ground between them.

export const CHARTS = `
.chart { display: block; overflow: visible; }
.chart .allowed { color: var(--yes); stroke: var(--yes); }
.chart rect.asked { stroke: var(--ask); } .chart rect.denied { stroke: var(--no); }
.chart pattern.asked .ground { fill: var(--ask-soft); } .chart pattern.asked .ink { fill: var(--ask); }
.chart pattern.denied .ground { fill: var(--no-soft); } .chart pattern.denied .ink { fill: var(--no); }
.chart text { fill: var(--muted); font-size: var(--meta); }
.chart .rule { stroke: var(--line); stroke-dasharray: 2 3; }
.chart .ground-line { stroke: var(--control); }
.swatch.chart { display: inline-block; vertical-align: -3px; margin-right: 4px; }
.series { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s4); list-style: none; margin: 0 0 var(--s3); padding: 0; }
.series .zone { margin-left: auto; color: var(--muted); font-size: var(--meta); }
.lead { font-size: var(--h3); }
.budgets:empty { display: none; }
.card h3 { margin: var(--s3) 0 var(--s1); font-size: var(--body); }
.budgets { list-style: none; margin: 0 0 var(--s3); padding: 0; display: grid; gap: var(--s3); }
.budgets p { margin: 0 0 var(--s1); }
.plain-list { list-style: none; margin: 0; padding: 0; display: grid; gap: var(--s2); }
.plain-list p { margin: 0; }
.sentences { margin: 0 0 var(--s3); padding-left: 1.2em; display: grid; gap: var(--s1); }
.toolbar { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s4); margin: 0 0 var(--s4); }
.toolbar > a { display: inline-flex; align-items: center; min-height: 32px; }
.toolbar form { margin: 0; }
.search button { flex: none; }
.filters { margin: 0 0 var(--s4); }
.filters > .card { margin: var(--s2) 0 0; }
.filters > summary { list-style: none; }
.filters > summary::-webkit-details-marker { display: none; }
/* Closed in the markup, so that a phone has one button; a wide screen shows what is set. Browsers that cannot keep the button everywhere. */
@supports selector(::details-content) { @media (min-width: 640px) { .filters.active > summary { display: none; } .filters.active::details-content { display: block; content-visibility: visible; } } }
.search { display: flex; gap: var(--s2); flex: 1 1 16rem; max-width: 26rem; }
.actions.tight { margin: 0; gap: var(--s2); }
.table.plain th, .table.plain td { height: 32px; padding: 2px var(--s3); }
@media (max-width: 639px) { .table.plain th, .table.plain td { padding: 2px var(--s2); } }
.qr { display: block; width: min(100%, 320px); height: auto; border: 1px solid var(--line); border-radius: var(--radius); }
#fate:not([data-fate="open"]) ~ .connect-link { display: none; }
.connect-link { display: flex; flex-direction: column; gap: var(--s4); }
@media (min-width: 640px) { .connect-link { flex-direction: row-reverse; align-items: flex-start; justify-content: flex-end; } .connect-link .ways { flex: 1; min-width: 0; } .connect-link .qr { flex: none; width: 280px; } }
.scanner { width: 100%; max-width: 320px; border-radius: var(--radius); background: var(--sunken); }
@media (max-width: 639px) { .toolbar .wide-only { display: none; } .search { flex-basis: 100%; max-width: none; } }
@media (forced-colors: active) {
  .chart rect, .chart .allowed { color: CanvasText; stroke: CanvasText; } .chart pattern rect { stroke: none; }
  .chart pattern .ground { fill: Canvas; } .chart pattern .ink { fill: CanvasText; } .chart text { fill: CanvasText; }
}
`;
