import { html, raw } from "hono/html";
import { gateScore, type Scorecard } from "./scorecard.ts";
import { type Gate, gates, type TaskResult } from "./task.ts";

const style = `
:root { color-scheme: light dark; --ink: light-dark(#17202a, #e8edf2); --soft: light-dark(#5b6876, #9aa7b4);
  --page: light-dark(#fbfbf9, #12161b); --card: light-dark(#fff, #1a2027); --line: light-dark(#e3e6e8, #2b333c);
  --good: light-dark(#1b7f4b, #4cc38a); --bad: light-dark(#c0362c, #ff7b6b); }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 0; }
main { max-width: 64rem; margin: 0 auto; padding: 2.5rem 1.25rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
p { margin: 0; color: var(--soft); } svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
details { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .75rem 1rem; margin: .5rem 0; }
summary { cursor: pointer; display: flex; gap: .75rem; align-items: baseline; }
summary small { color: var(--soft); margin-left: auto; white-space: nowrap; }
.pass { color: var(--good); font-weight: 600; } .fail { color: var(--bad); font-weight: 600; }
ul { padding-left: 1.1rem; margin: .75rem 0 .25rem; } li { margin: .3rem 0; }
code { font-size: .85em; color: var(--soft); overflow-wrap: anywhere; }
`;

/** The scorecard as one self-contained page: pictures are SVG, no script, light and dark. */
export async function toHtml(card: Scorecard): Promise<string> {
  const [low, high] = card.interval.map((share) => Math.round(share * 100));
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Aerostack scorecard</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <main>
          <h1>${card.passed} of ${card.of} tasks passed</h1>
          <p>${card.at} &middot; 95 % interval ${low} to ${high} %</p>
          <h2>Gates</h2>
          ${raw(gateBars(card))}
          <h2>Tasks by gate</h2>
          ${raw(matrix(card.tasks))}
          ${
            card.mutants
              ? html`<h2>Wrong agents</h2>
                  ${raw(mutantBars(card.mutants))}`
              : ""
          }
          <h2>What was seen</h2>
          ${card.tasks.map(taskDetails)}
        </main>
      </body>
    </html>`;
  return page.toString();
}

function taskDetails(task: TaskResult) {
  return html`<details ${task.passed ? "" : raw("open")}>
    <summary>
      <span class="${task.passed ? "pass" : "fail"}">${task.passed ? "pass" : "fail"}</span>
      <span>${task.title}</span>
      <small>${task.calls} calls, ${(task.durationMs / 1000).toFixed(1)} s</small>
    </summary>
    ${task.problem ? html`<p class="fail">${task.problem}</p>` : ""}
    <ul>
      ${task.checks.map(
        (check) =>
          html`<li>
            <span class="${check.passed ? "pass" : "fail"}">${check.gate}</span> ${check.title}
            ${check.evidence ? html`<br /><code>${check.evidence}</code>` : ""}
          </li>`,
      )}
    </ul>
  </details>`;
}

const bar = (y: number, label: string, share: number, note: string): string => `
  <text x="0" y="${y + 15}">${escape(label)}</text>
  <rect x="150" y="${y + 3}" width="500" height="16" rx="4" fill="var(--line)"/>
  <rect x="150" y="${y + 3}" width="${500 * share}" height="16" rx="4" fill="var(--${share === 1 ? "good" : "bad"})"/>
  <text x="662" y="${y + 15}">${escape(note)}</text>`;

function gateBars(card: Scorecard): string {
  const rows = gates.filter((gate) => card.gates[gate].of > 0);
  const bars = rows.map((gate, index) => {
    const { passed, of } = card.gates[gate];
    return bar(index * 28, gate, passed / of, `${passed} of ${of}`);
  });
  return picture(rows.length * 28, "Checks passed by gate", bars.join(""));
}

function mutantBars(mutants: NonNullable<Scorecard["mutants"]>): string {
  const bars = mutants.map((one, index) =>
    bar(
      index * 28,
      one.name,
      one.caught / Math.max(1, one.of),
      `caught by ${one.caught} of ${one.of}`,
    ),
  );
  return picture(mutants.length * 28, "Wrong agents caught", bars.join(""));
}

function matrix(tasks: readonly TaskResult[]): string {
  const head = gates.map((gate, index) => `<text x="${330 + index * 90}" y="16">${gate}</text>`);
  const rows = tasks.map((task, row) => {
    const y = 28 + row * 28;
    const cells = gates.map((gate, index) => cell(task, gate, 330 + index * 90, y));
    return `<text x="0" y="${y + 15}">${escape(task.name)}</text>${cells.join("")}`;
  });
  return picture(28 + tasks.length * 28, "Each task by gate", head.join("") + rows.join(""));
}

function cell(task: TaskResult, gate: Gate, x: number, y: number): string {
  const { passed, of } = gateScore(task.checks, gate);
  if (of === 0) return `<circle cx="${x + 8}" cy="${y + 10}" r="3" fill="var(--line)"/>`;
  const good = passed === of;
  return `<circle cx="${x + 8}" cy="${y + 10}" r="8" fill="var(--${good ? "good" : "bad"})"/><text x="${x + 22}" y="${y + 15}">${passed}/${of}</text>`;
}

const picture = (height: number, title: string, content: string): string =>
  `<svg viewBox="0 0 800 ${Math.max(28, height)}" width="100%" role="img" aria-label="${title}">${content}</svg>`;

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
