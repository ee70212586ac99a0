/** The part of the script (`script.ts`) that shows the answer of `usage`. */
export const usageCard = `
/** One row a key, the length of its bar by its calls. */
function usageCard({ rows, tool_tokens: tokens = {} }) {
  const most = Math.max(1, ...rows.map(({ calls }) => calls));
  const cells = ({ key, calls, errors, p50_ms: half, p95_ms: nearly, anomalies = [] }) => [
    element("th", { scope: "row" }, key, ...anomalies.map((one) => element("span", { className: "problem" }, " " + one))),
    element("td", {}, element("meter", { max: most, value: calls, title: calls + " calls" }), " " + calls),
    element("td", { className: errors > 0 ? "problem" : "" }, String(errors)),
    element("td", {}, half + " / " + nearly),
  ];
  const head = ["", "Calls", "Errors", "ms, half / 95 %"].map((one) => element("th", { scope: "col" }, one));
  const body = rows.slice(0, 100).map((row) => element("tr", {}, ...cells(row)));
  return element(
    "section",
    {},
    element("h2", {}, rows.length === 0 ? "No calls" : "Usage"),
    element("table", { hidden: rows.length === 0 }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body)),
    facts(Object.entries(tokens).map(([mode, count]) => ["Tools, " + mode, count + " tokens"])),
  );
}
`;
