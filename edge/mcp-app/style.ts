/** The client's own colours and letters where it names them; light and dark as it says. */
export const viewStyle = `
:root {
  color-scheme: light dark;
  --ink: var(--color-text-primary, light-dark(#14171f, #eef0f5));
  --soft: var(--color-text-secondary, light-dark(#545b6b, #a5adbd));
  --line: var(--color-border-primary, light-dark(#868d9d, #717a8c));
  --card: var(--color-background-primary, light-dark(#ffffff, #171a22));
  --good: light-dark(#11704a, #6fd3a2);
  --bad: var(--color-text-danger, light-dark(#b3261e, #ff9d94));
}
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0; background: var(--card); color: var(--ink); font: 1rem/1.5 var(--font-sans, ui-sans-serif, system-ui, sans-serif); }
main { padding: 0.75rem 1rem; }
section + section { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: 0.5rem; }
h2 { font-size: 1.125rem; line-height: 1.3; margin: 0.25rem 0 0.5rem; overflow-wrap: anywhere; }
h2:focus { outline: none; }
p { margin: 0.5rem 0; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(5rem, max-content) 1fr; gap: 0.25rem 1rem; margin: 0.5rem 0; }
dt, .soft, .hint { color: var(--soft); }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.hint { font-size: 0.875rem; margin: 0.125rem 0; }
.material, pre { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid var(--line); padding-left: 0.75rem; }
pre { font: 0.875rem/1.5 var(--font-mono, ui-monospace, monospace); max-height: 24rem; overflow: auto; }
.field { display: grid; gap: 0.125rem; margin: 0.5rem 0; }
.choice { margin: 0.5rem 0; }
input:not([type="checkbox"]), select, textarea { width: 100%; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 6px; padding: 0.375rem 0.5rem; }
option { color: var(--ink); background: var(--card); }
.row { display: flex; flex-wrap: wrap; gap: 0.5rem; }
button { font: inherit; font-weight: 600; color: var(--card); background: var(--bad); border: 1px solid transparent; border-radius: 6px; padding: 0.375rem 0.875rem; cursor: pointer; }
button.first { background: var(--good); }
button.plain { color: inherit; background: transparent; border-color: var(--line); font-weight: 400; }
button:disabled { opacity: 0.5; cursor: default; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
.problem, .failed .status { color: var(--bad); }
.done { color: var(--good); font-weight: 600; }
table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
th, td { text-align: left; font-weight: 400; padding: 0.25rem 0.5rem 0.25rem 0; overflow-wrap: anywhere; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); }
meter { width: 6rem; vertical-align: middle; }
ol { list-style: none; margin: 0.5rem 0; padding: 0; font-size: 0.875rem; }
li { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; padding: 0.125rem 0; }
li .name { font-weight: 600; overflow-wrap: anywhere; }
li .status { margin-left: auto; }
li p { flex-basis: 100%; }
`;
