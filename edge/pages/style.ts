/**
 * The one stylesheet, inlined into every page: no request, no flash, and the policy allows it by
 * its hash. Phone first; the dark follows the reader's system.
 */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f8;
  --card: #ffffff;
  --ink: #14171f;
  --soft: #545b6b;
  --line: #dfe2ea;
  --edge: #868d9d;
  --accent: #2453d6;
  --on-accent: #ffffff;
  --accent-soft: #e9eefc;
  --good: #11704a;
  --bad: #b3261e;
  --bad-soft: #fdeeec;
  --shadow: 0 1px 2px #14171f0f, 0 12px 32px -12px #14171f24;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1015;
    --card: #171a22;
    --ink: #eef0f5;
    --soft: #a5adbd;
    --line: #2a2f3b;
    --edge: #717a8c;
    --accent: #8fb0ff;
    --on-accent: #0b1330;
    --accent-soft: #1d2740;
    --good: #6fd3a2;
    --bad: #ff9d94;
    --bad-soft: #381c1d;
    --shadow: 0 1px 2px #00000066;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100dvh;
  display: flex;
  flex-direction: column;
  align-items: center;
  gap: 1.25rem;
  padding: max(1.25rem, env(safe-area-inset-top)) 1rem max(1.5rem, env(safe-area-inset-bottom));
  background: var(--ground);
  color: var(--ink);
  font: 1.0625rem/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
.brand, main, footer { width: 100%; max-width: 34rem; }
.brand {
  display: flex;
  align-items: center;
  gap: 0.55rem;
  padding-inline: 0.25rem;
  font-weight: 650;
  letter-spacing: -0.01em;
}
.brand svg { width: 1.5rem; height: 1.5rem; color: var(--accent); }
main {
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 1rem;
  box-shadow: var(--shadow);
  padding: 1.5rem 1.25rem;
}
footer { padding-inline: 0.25rem; color: var(--soft); font-size: 0.875rem; text-wrap: pretty; }
h1 {
  margin: 0 0 0.6rem;
  font-size: 1.5rem;
  line-height: 1.2;
  font-weight: 680;
  letter-spacing: -0.02em;
  text-wrap: balance;
  overflow-wrap: anywhere;
}
h2 { margin: 1.75rem 0 0.4rem; font-size: 1rem; font-weight: 650; }
p { margin: 0 0 1rem; text-wrap: pretty; overflow-wrap: break-word; }
p:last-child { margin-bottom: 0; }
a { color: var(--accent); text-underline-offset: 0.15em; }
code, pre { font-family: var(--mono); font-size: 0.875em; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.small { font-size: 0.9375rem; }
.facts { margin: 0 0 1.5rem; border-block: 1px solid var(--line); }
.facts > div { padding: 0.55rem 0; }
.facts > div + div { border-top: 1px solid var(--line); }
.facts dt { color: var(--soft); font-size: 0.8125rem; }
.facts dd { margin: 0; font-size: 1rem; line-height: 1.45; overflow-wrap: anywhere; }
.facts ul { margin: 0; padding: 0; list-style: none; }
label { display: block; margin-bottom: 0.4rem; font-weight: 620; }
input, select, textarea {
  display: block;
  width: 100%;
  min-height: 3rem;
  padding: 0.6rem 0.85rem;
  border: 1.5px solid var(--edge);
  border-radius: 0.65rem;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.4 var(--mono);
}
.material { white-space: pre-wrap; overflow-wrap: anywhere; padding: 0.8rem 0.9rem; border-radius: 0.65rem; background: var(--ground); }
textarea { resize: vertical; }
input::placeholder { color: var(--soft); opacity: 1; }
input[aria-invalid="true"] { border-color: var(--bad); }
.hint { margin: 0.6rem 0 1.25rem; color: var(--soft); font-size: 0.875rem; }
.problem {
  margin: 0 0 1.25rem;
  padding: 0.75rem 0.9rem;
  border-left: 4px solid var(--bad);
  border-radius: 0.4rem;
  background: var(--bad-soft);
}
.problem strong { color: var(--bad); }
button, a.button {
  display: block;
  width: 100%;
  min-height: 3rem;
  padding: 0.6rem 1.25rem;
  border: 1px solid transparent;
  border-radius: 0.65rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 640;
  cursor: pointer;
}
a.button { text-align: center; text-decoration: none; }
[hidden] { display: none; }
button:hover, a.button:hover { filter: brightness(1.08); }
button:active { filter: brightness(0.94); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
input:focus-visible, select:focus-visible, textarea:focus-visible { outline-offset: -1px; border-color: transparent; }
form + .hint { margin: 1.1rem 0 0; }
.mark { display: block; width: 2.75rem; height: 2.75rem; margin-bottom: 0.9rem; color: var(--good); }
.mark.plain { color: var(--soft); }
.copy {
  display: block;
  margin: 0 0 1rem;
  padding: 0.8rem 0.9rem;
  border: 1px solid var(--line);
  border-radius: 0.65rem;
  background: var(--accent-soft);
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  line-height: 1.5;
  -webkit-user-select: all;
  user-select: all;
}
fieldset { margin: 0 0 1.25rem; padding: 0; border: 0; }
legend { padding: 0; margin-bottom: 0.4rem; font-weight: 620; }
.choice { display: flex; gap: 0.6rem; align-items: baseline; min-height: 2.75rem; padding-block: 0.6rem; font-weight: 400; }
.choice input { width: auto; min-height: 0; flex: none; }
.choices { display: flex; flex-wrap: wrap; gap: 0.75rem; }
.copyable { margin-bottom: 1rem; }
.copyable .copy { margin-bottom: 0.5rem; }
details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
details > :last-child { margin-bottom: 1rem; }
summary { min-height: 3rem; padding-block: 0.65rem; font-weight: 620; cursor: pointer; }
.after { margin-top: 1rem; }
button.plain { background: none; color: var(--ink); border-color: var(--edge); }
@media (min-width: 40rem) {
  body { padding-top: 9vh; }
  main { padding: 2.25rem 2.25rem 2.5rem; }
  h1 { font-size: 1.75rem; }
  .facts > div { display: grid; grid-template-columns: 7rem 1fr; gap: 1rem; align-items: baseline; }
  button, a.button { width: auto; min-width: 10rem; }
  a.button { display: inline-block; }
}
@media (forced-colors: active) { button, a.button, main, .copy { border-color: CanvasText; } }
`;
