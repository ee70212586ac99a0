/** Of the page of a run, after the style that all pages have. */
export const runStyle = `
:root { --wait: #855400; --wait-soft: #fdf3dd; --good-soft: #e6f5ee; }
@media (prefers-color-scheme: dark) {
  :root { --wait: #ecc06a; --wait-soft: #33280f; --good-soft: #14302a; }
}
.wide .brand, .wide main, .wide footer { max-width: 72rem; }
.wide main { min-width: 0; }
h3 { margin: 1rem 0 0.3rem; font-size: 0.875rem; font-weight: 650; color: var(--soft); }
pre { margin: 0 0 0.75rem; }
.state { font-weight: 620; color: var(--soft); }
.state.succeeded { color: var(--good); }
.state.failed { color: var(--bad); }
.state.waiting { color: var(--wait); }
.state.running { color: var(--accent); }
.scroll { overflow-x: auto; max-width: 100%; border: 1px solid var(--line); border-radius: 0.65rem; background: var(--card); }
.graph { display: block; margin: 0 auto; flex: none; }
.graph text { fill: currentColor; color: var(--ink); font: 13px ui-sans-serif, system-ui, sans-serif; }
.graph .name { font-size: 14px; font-weight: 620; }
.graph .type { color: var(--soft); font-size: 11.5px; }
.graph .node rect { fill: var(--card); stroke: var(--edge); stroke-width: 1.5; }
.graph .untouched rect { stroke-dasharray: 4 3; }
.graph .succeeded rect { fill: var(--good-soft); stroke: var(--good); }
.graph .failed rect { fill: var(--bad-soft); stroke: var(--bad); stroke-width: 2.5; }
.graph .waiting rect, .graph .uncertain rect { fill: var(--wait-soft); stroke: var(--wait); stroke-width: 2.5; }
.graph .running rect { fill: var(--accent-soft); stroke: var(--accent); stroke-width: 2.5; }
.graph .succeeded .type { color: var(--good); }
.graph .failed .type { color: var(--bad); }
.graph .waiting .type, .graph .uncertain .type { color: var(--wait); }
.graph .running .type { color: var(--accent); }
.graph a:focus-visible { outline: none; }
.graph a:focus-visible rect { stroke: var(--accent); stroke-width: 4; }
.graph .edge path { fill: none; stroke: var(--edge); stroke-width: 1.25; stroke-dasharray: 5 4; }
.graph .implied path { stroke-dasharray: 2 5; }
.graph .taken path { stroke: var(--accent); stroke-width: 3; stroke-dasharray: none; }
.graph .edge text { font-size: 12px; color: var(--soft); paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.graph .taken text { color: var(--accent); }
.graph .end { font-size: 12px; color: var(--soft); paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.graph .tip { fill: var(--edge); }
.graph .tip.taken { fill: var(--accent); }
.graph .body rect { fill: none; stroke: var(--edge); stroke-dasharray: 6 4; }
.graph .body text { font-size: 12px; color: var(--soft); }
.plain-list { margin: 0; padding: 0; list-style: none; overflow-wrap: anywhere; }
.plain-list li { padding: 0.3rem 0; }
.waterfall { margin: 0; padding: 0; list-style: none; }
.waterfall details:last-of-type { border-bottom: 0; }
.waterfall { border-bottom: 1px solid var(--line); }
.waterfall summary { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: 0.15rem 0.75rem; align-items: baseline; font-weight: 400; list-style: none; }
.waterfall summary::-webkit-details-marker { display: none; }
.waterfall .name { overflow-wrap: anywhere; }
.waterfall .name::before { content: "\\203A"; display: inline-block; width: 1.1rem; color: var(--soft); }
.waterfall details[open] > summary .name::before { content: "\\2304"; }
.usage { display: block; padding-left: 1.1rem; color: var(--soft); font-size: 0.8125rem; }
.depth-1 .name { padding-left: 0.9rem; }
.depth-2 .name { padding-left: 1.8rem; }
.depth-3 .name { padding-left: 2.7rem; }
.depth-4 .name { padding-left: 3.6rem; }
.status { font-size: 0.8125rem; color: var(--soft); }
.status.succeeded { color: var(--good); }
.status.failed { color: var(--bad); font-weight: 650; }
.status.waiting, .status.uncertain { color: var(--wait); font-weight: 650; }
.status.running { color: var(--accent); font-weight: 650; }
.took { min-width: 4.5rem; text-align: right; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.bar { grid-column: 1 / -1; display: block; width: 100%; height: 0.6rem; border-radius: 0.3rem; background: var(--ground); }
.bar rect { fill: var(--edge); }
.bar .succeeded { fill: var(--good); }
.bar .failed { fill: var(--bad); }
.bar .waiting, .bar .uncertain { fill: var(--wait); }
.bar .running { fill: var(--accent); }
.bar .model { fill: var(--ink); }
.bar .try { stroke: var(--card); }
.scale { display: flex; justify-content: space-between; margin: 0 0 0.25rem; color: var(--soft); font-size: 0.8125rem; }
.step { padding: 0.25rem 0 0.5rem; }
.step > .facts { margin-bottom: 0.75rem; }
.step:target { outline: 2px solid var(--accent); outline-offset: 4px; border-radius: 0.4rem; }
.gap { border-top: 1px solid var(--line); }
.gap a { display: flex; align-items: center; min-height: 3rem; }
.waits { margin-bottom: 1rem; padding: 0.75rem 0.9rem; border-left: 4px solid var(--wait); border-radius: 0.4rem; background: var(--wait-soft); }
#error { margin-bottom: 1rem; }
#data { margin-top: 1.75rem; }
@media (prefers-reduced-motion: no-preference) {
  .bar .running, .graph .running rect { animation: breathe 1.6s ease-in-out infinite alternate; }
  @keyframes breathe { to { opacity: 0.55; } }
}
@media (min-width: 40rem) {
  .waterfall summary { grid-template-columns: minmax(0, 5fr) 5.5rem minmax(0, 6fr) 5.5rem; align-items: center; }
  .bar { grid-column: 3; grid-row: 1; }
  .took { grid-column: 4; grid-row: 1; }
}
@media (forced-colors: active) {
  .bar rect, .graph .taken path { fill: CanvasText; stroke: CanvasText; }
}
`;
