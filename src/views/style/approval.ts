// The approve page: one column, the request largest, the buttons always in reach on a phone.

export const APPROVAL = `
.bar .at-host { color: var(--muted); overflow-wrap: anywhere; }
.bar .at-host::before { content: "· "; }
.asked { display: flex; align-items: flex-start; gap: var(--s3); margin: 0 0 var(--s1); }
.asked h1 { flex: 1; min-width: 0; margin: 0; overflow-wrap: anywhere; }
.asks { margin: 0 0 var(--s2); font-size: var(--body); color: var(--muted); }
.asks b { color: var(--text); }
.told { display: flex; gap: var(--s2); margin: 0 0 var(--s2); font-size: var(--body); max-width: none; }
.told .icon { flex: none; margin-top: .25em; }
.votes { margin: 0 0 var(--s3); font-size: var(--body); }
.votes { display: flex; flex-wrap: wrap; gap: 2px var(--s4); }
.votes p { margin: 0; }
.votes ul { display: flex; flex-wrap: wrap; gap: 2px var(--s4); margin: 0; padding: 0; list-style: none; }
.votes li { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 5px; }
.votes .reason { color: var(--muted); }
.vote .consequence { margin: 0 0 var(--s2); font-size: var(--body); }
.vote .field { margin-top: var(--s4); }
.vote textarea { min-height: 0; }
.vote ~ .fold > summary, .vote ~ p:not(.meta) { font-size: var(--body); }
.vote .tick { margin: 0 0 var(--s2); padding: 0 var(--s3); border: 1px solid var(--no); border-left-width: 4px; border-radius: var(--radius); background: var(--no-soft); }
.vote .tick .error { margin: var(--s2) 0 0; color: var(--no); font-weight: 600; font-size: var(--body); }
.vote .tick .choice { align-items: center; }
.approvals { list-style: none; margin: 0; padding: 0; }
.approvals > li { max-width: none; }
.approvals .card-head .left { color: var(--muted); font-size: var(--body); white-space: nowrap; }
.approvals .card-head h3 { min-width: 0; overflow-wrap: anywhere; }
.approvals .card-head a.cover { color: inherit; text-decoration: none; }
.approvals .card-head a.cover:hover { color: var(--accent); text-decoration: underline; }
.approvals p { margin: 0 0 var(--s2); }
.excerpt { margin: 0 0 var(--s2); padding: var(--s2) var(--s3); background: var(--sunken); border-left: 3px solid var(--control); border-radius: 0 var(--radius) var(--radius) 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.approvals .why { color: var(--muted); font-size: var(--body); }
.approvals .critical { color: var(--no); font-weight: 600; font-size: var(--body); }
.approvals .actions { margin: 0; }
.members { list-style: none; margin: 0; padding: 0; }
.members > li { max-width: none; padding: var(--s2) 0; border-top: 1px solid var(--line); }
.members > li > a { display: inline-flex; align-items: center; min-height: 32px; }
@media (pointer: coarse) { .members > li > a { min-height: var(--target); } }
.together { list-style: none; margin: 0; padding: 0; }
.together > li { max-width: none; scroll-margin-top: var(--s4); }
.together h2 { overflow-wrap: anywhere; }
@media (max-width: 639px) {
  .bar:has(> .at-host) { min-height: 48px; padding-top: 2px; padding-bottom: 2px; }
  main:has(> .vote) { padding-top: var(--s3); }
  .vote .stick > button, .vote .stick > .button { padding: 6px var(--s2); font-size: var(--body); }
  .asked .identicon { width: 32px; height: 32px; }
  .asked h1 { font-size: 1.375rem; }
  .vote .quote { padding: var(--s2) var(--s3); }
}
`;
