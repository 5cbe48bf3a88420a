// The frame of the console: bar on top, a bunker's own head with its tabs, banners, footer.

export const FRAME = `
.bar { display: flex; align-items: center; gap: var(--s1) var(--s3); min-height: 56px; padding: 6px var(--s6); background: var(--surface); border-bottom: 1px solid var(--line); font-size: var(--body); }
.bar a, .bar summary { color: var(--text); text-decoration: none; }
.wordmark { display: inline-flex; align-items: center; gap: var(--s2); min-height: var(--target); min-width: var(--target); font-weight: 600; letter-spacing: -.01em; }
.wordmark img { width: 24px; height: 24px; }
.bar nav { flex: none; }
.bar nav.switcher { flex: 0 1 auto; min-width: 0; }
.switcher .menu, .switcher summary { max-width: 100%; }
.switcher .name { min-width: 0; }
.bar .grow { flex: 1 0 0; }
.bar .crumb { color: var(--control); }
.bar summary .name { max-width: 14rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar .go { display: inline-flex; white-space: nowrap; flex: none; align-items: center; gap: 6px; min-height: var(--target); padding: 0 var(--s2); border-radius: var(--radius); }
.bar .go:hover { background: var(--sunken); }
.bar .go[aria-current] { color: var(--accent); font-weight: 600; }
.count { display: inline-flex; align-items: center; justify-content: center; min-width: 20px; height: 20px; padding: 0 6px; border-radius: var(--radius-pill); background: var(--ask-soft); color: var(--ask); border: 1px solid currentColor; font-size: var(--meta); font-weight: 600; line-height: 1; }
.head { background: var(--surface); border-bottom: 1px solid var(--line); }
.head .inner { max-width: calc(1120px + 2 * var(--s6)); margin: 0 auto; padding: var(--s4) var(--s6) 0; }
.head .who { display: flex; align-items: center; gap: var(--s2) var(--s3); }
.head .who .name { font-size: var(--h2); font-weight: 600; line-height: 1.25; letter-spacing: -.01em; }
.head .who .name a { color: inherit; text-decoration: none; }
.head .who .title { display: flex; flex-wrap: wrap; align-items: center; gap: 2px var(--s3); flex: 1; min-width: 0; }
.identicon { flex: none; width: 40px; height: 40px; border-radius: var(--radius-card); }
.identicon.small { width: 24px; height: 24px; border-radius: var(--radius); }
.identicon.large { width: 56px; height: 56px; }
.tabs { position: relative; display: flex; gap: var(--s1); margin: var(--s2) calc(-1 * var(--s2)) 0; padding: 0; list-style: none; overflow-x: auto; scrollbar-width: none; }
.tabs::-webkit-scrollbar { display: none; }
.tabs li { flex: none; max-width: none; }
.tabs a { display: inline-flex; align-items: center; gap: 6px; min-height: 44px; padding: 0 var(--s2); color: var(--muted); border-bottom: 3px solid transparent; text-decoration: none; }
.tabs a:hover { color: var(--text); border-bottom-color: var(--line); }
.tabs a[aria-current] { color: var(--accent); border-bottom-color: var(--accent); font-weight: 600; }
.tabs a > span:empty { display: none; }
.tabs a:focus-visible { outline-offset: -3px; }
.banner { padding: var(--s3) var(--s6); background: var(--off-soft); color: var(--text); border-bottom: 1px solid var(--line); }
.banner .inner { display: flex; align-items: center; gap: var(--s3); max-width: 1120px; margin: 0 auto; }
.banner p { margin: 0; max-width: none; }
.banner .icon { width: 20px; height: 20px; color: var(--off); }
.page-head { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s4); margin: 0 0 var(--s4); }
.page-head h1 { flex: 1 1 auto; margin: 0; }
.page-head form { margin: 0; }
.back { display: inline-flex; align-items: center; gap: var(--s1); min-height: 32px; margin: 0 0 var(--s2); color: var(--muted); text-decoration: none; }
.back:hover { color: var(--accent-hover); text-decoration: underline; }
@media (pointer: coarse) { .back { min-height: var(--target); } }
.foot { padding: var(--s4) var(--s6); color: var(--muted); font-size: var(--meta); border-top: 1px solid var(--line); }
.foot .inner { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s1) var(--s4); max-width: 1120px; margin: 0 auto; }
.foot a { display: inline-flex; align-items: center; justify-content: center; min-width: 24px; min-height: 24px; color: inherit; }
@media (pointer: coarse) { .foot a { min-width: var(--target); min-height: var(--target); } }
@media (max-width: 639px) {
  .bar { padding: 6px var(--s3); gap: var(--s1); }
  .bar .wide-only { display: none; }
  .wordmark .aside { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .bar summary .name { max-width: 9rem; }
  .bar .switcher { flex-shrink: 1; }
  .head .inner { padding: var(--s3) var(--s4) 0; }
  .banner, .foot { padding-left: var(--s4); padding-right: var(--s4); }
  .tabs { margin: var(--s1) calc(-1 * var(--s4)) 0; padding: 0 var(--s2); }
}
@media (forced-colors: active) { .tabs a[aria-current] { border-bottom-color: Highlight; } .count, .banner { border: 1px solid; } }
`;
