// A request as people are shown it: quoted words, boxes for what cannot be seen, what changes, what to look out for.

export const EVENT = `
.thing > :last-child { margin-bottom: var(--s3); }
.thing .facts { grid-template-columns: minmax(5rem, max-content) minmax(0, 1fr); gap: 2px var(--s3); margin: 0 0 var(--s3); font-size: var(--body); }
.thing .facts dt { max-width: 8rem; }
.thing .facts dd { margin: 0; }
.chip { display: inline-block; padding: 0 4px; margin: 0 1px; border: 1px solid var(--ask); border-radius: 4px; color: var(--ask); background: var(--surface); font: 600 .75rem/1.4 var(--sans); white-space: normal; unicode-bidi: isolate; direction: ltr; }
.hidden-note { margin: 0 0 var(--s1); color: var(--ask); font-size: var(--body); font-weight: 600; }
.mention { padding: 0 3px; border-radius: 4px; background: var(--surface); font-family: var(--mono); font-size: .875em; overflow-wrap: anywhere; }
.nickname { font-family: var(--sans); font-weight: 600; }
.mention .nickname { margin-left: 4px; }
.said { overflow-wrap: anywhere; }
.said bdi { padding: 0 2px; background: var(--sunken); border-radius: 3px; white-space: pre-wrap; }
.person { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 0 4px; }
.host { overflow-wrap: anywhere; }
.links { list-style: none; margin: 0 0 var(--s3); padding: 0; font-size: var(--body); }
.links li { max-width: none; margin: 0 0 var(--s1); }
.links .address { color: var(--muted); font-family: var(--mono); font-size: var(--meta); overflow-wrap: anywhere; }
.listed { margin: 0 0 var(--s3); }
.listed h2 { margin: 0 0 var(--s1); font-size: var(--body); }
.listed ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 2px var(--s4); grid-template-columns: repeat(auto-fill, minmax(min(100%, 14.5rem), 1fr)); font-size: var(--body); }
.listed li { max-width: none; min-width: 0; overflow-wrap: anywhere; }
.listed ul.targets { grid-template-columns: minmax(0, 1fr); gap: var(--s2); }
.listed .targets p { margin: 0; }
.targets .words { margin: 2px 0 0; padding: var(--s2) var(--s3); background: var(--sunken); border-left: 3px solid var(--control); border-radius: 0 var(--radius) var(--radius) 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.changes { margin: 0 0 var(--s3); padding: 0 var(--s4) var(--s3); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-card); }
.changes dt { margin: var(--s3) 0 2px; font-weight: 600; font-size: var(--body); }
.changes dd { display: flex; gap: var(--s2); margin: 0; max-width: none; }
.changes .side { flex: 0 0 4rem; color: var(--muted); font-size: var(--body); }
.changes .value { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.changes .was .value { color: var(--no); }
.changes .will-be .value { color: var(--yes); }
.changes .value .said bdi { background: none; padding: 0; }
.diff { list-style: none; margin: 0; padding: 0; font-size: var(--body); }
.diff li { display: flex; gap: var(--s2); max-width: none; padding: 0 var(--s1); border-radius: 3px; }
.diff .sign { flex: 0 0 1ch; font-family: var(--mono); }
.diff .words { flex: 1; min-width: 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.diff .added { background: var(--yes-soft); color: var(--yes); }
.diff .removed { background: var(--no-soft); color: var(--no); }
.tag-rows { list-style: none; margin: 0; padding: 0; font-family: var(--mono); font-size: var(--meta); }
.tag-rows li { display: flex; flex-wrap: wrap; gap: 2px var(--s2); max-width: none; padding: 2px 0; }
.tag-rows li + li { border-top: 1px solid var(--line); }
.tag-rows bdi { min-width: 2ch; padding: 0 4px; background: var(--surface); border-radius: 3px; overflow-wrap: anywhere; white-space: pre-wrap; }
.look-out { margin: 0 0 var(--s3); padding: var(--s2) var(--s3); background: var(--ask-soft); border: 1px solid var(--ask); border-left-width: 4px; border-radius: var(--radius); }
.look-out ul { list-style: none; margin: 0; padding: 0; }
.look-out li { display: flex; gap: var(--s2); max-width: none; }
.look-out li + li { margin-top: var(--s2); }
.look-out li > .icon { flex: none; margin-top: .25em; color: var(--ask); }
.look-out p { margin: 0; font-size: var(--body); max-width: none; }
.look-out .fold { margin: var(--s1) 0 0; }
.look-out .fold > summary { color: inherit; text-decoration: underline; }
.look-out .said bdi { background: none; }
@media (forced-colors: active) { .chip, .look-out, .changes { border: 1px solid; } }
`;
