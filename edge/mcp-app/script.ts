import { usageCard } from "./usage-card.ts";

/**
 * The script of the view: it speaks MCP Apps (SEP-1865, protocol 2026-01-26) with the client that
 * embeds it, by `postMessage` and nothing else, for it has neither network nor storage. It shows the
 * result of the tool that it belongs to: a run (`get_run`), reviews that wait for this person
 * (`waiting_reviews`), or `usage`. What it shows is data of others, so it makes text of it and never markup. It
 * decides by calling a tool through the client, with the client's own credential: the server says
 * who may.
 */
export const viewScript = `
const root = document.getElementById("app");
const asked = new Map();
const known = { capabilities: {}, tool: "", input: {} };
let count = 0;

function post(message) {
  parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
}

function request(method, params) {
  const id = ++count;
  return new Promise((resolve, reject) => {
    asked.set(id, { resolve, reject });
    post({ id, method, params });
  });
}

function call(name, input) {
  return request("tools/call", { name, arguments: input });
}

const heard = {
  "ui/notifications/tool-input": (params) => (known.input = params.arguments ?? {}),
  "ui/notifications/tool-result": (params) => show(params),
  "ui/notifications/tool-cancelled": () => put(element("p", {}, "The call was cancelled.")),
  "ui/notifications/host-context-changed": (params) => dress(params),
};

addEventListener("message", ({ source, data }) => {
  if (source !== parent || data?.jsonrpc !== "2.0") return;
  const { id, method, params, result, error } = data;
  if (method === undefined) {
    const waiting = asked.get(id);
    asked.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  } else if (id === undefined) heard[method]?.(params ?? {});
  else if (method === "ping" || method === "ui/resource-teardown") post({ id, result: {} });
  else post({ id, error: { code: -32601, message: "Method not found" } });
});

/** Text becomes text; properties are set by this script alone. */
function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

function put(...children) {
  root.replaceChildren(...children.filter((child) => child !== undefined));
}

function asText(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function facts(rows) {
  const list = element("dl", {});
  for (const [name, value] of rows) {
    if (value === undefined || value === "") continue;
    list.append(element("dt", {}, name), element("dd", {}, asText(value)));
  }
  return list;
}

function materialOf(material) {
  if (material === undefined || material === null) return undefined;
  if (typeof material !== "object") return element("p", { className: "material" }, asText(material));
  if (Array.isArray(material)) return element("pre", {}, asText(material));
  return Object.assign(facts(Object.entries(material)), { className: "material" });
}

/** Fields of an object schema, those of objects in it included. */
function fieldsOf(schema, path) {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, one]) => {
    const inner = [...path, name];
    if (one.properties) return fieldsOf(one, inner);
    return [{ path: inner, schema: one, required: schema.required?.includes(name) ?? false }];
  });
}

function controlOf({ path, schema, required }, id) {
  const given = { id, name: path.join("."), required };
  const { type, minimum, maximum, maxLength } = schema;
  const known = schema.default === undefined ? "" : String(schema.default);
  if (schema.enum) {
    const choices = ["", ...schema.enum.map(String)].map((one) =>
      element("option", { value: one, selected: one === known }, one === "" ? "Choose" : one),
    );
    return element("select", given, ...choices);
  }
  if (type === "boolean") {
    return element("input", { ...given, required: false, type: "checkbox", checked: schema.default === true });
  }
  if (type === "number" || type === "integer") {
    const made = element("input", { ...given, type: "number", step: type === "integer" ? "1" : "any" });
    return Object.assign(made, { min: minimum ?? "", max: maximum ?? "", value: known });
  }
  if (schema.format === "date") return element("input", { ...given, type: "date", value: known });
  const isShort = maxLength !== undefined && maxLength <= 200;
  const made = isShort ? element("input", { ...given, type: "text" }) : element("textarea", { ...given, rows: 3 });
  if (maxLength !== undefined) made.maxLength = maxLength;
  made.value = known;
  return made;
}

function fieldOf(field, id) {
  const { schema, path, required } = field;
  const control = controlOf(field, id);
  const name = schema.title ?? path.at(-1).replaceAll("_", " ");
  const note = required || control.type === "checkbox" ? "" : " (optional)";
  const label = element("label", { htmlFor: id }, name + note);
  const hint = schema.description && element("p", { className: "hint", id: id + "-hint" }, schema.description);
  if (hint) control.setAttribute("aria-describedby", hint.id);
  const row = element("div", { className: control.type === "checkbox" ? "choice" : "field" });
  row.append(...(control.type === "checkbox" ? [control, label] : [label, control]));
  if (hint) row.append(hint);
  return { ...field, control, row };
}

function valueOf({ schema, control }) {
  if (schema.type === "boolean") return control.checked;
  if (control.value === "") return undefined;
  if (schema.enum) return schema.enum.find((one) => String(one) === control.value);
  return schema.type === "number" || schema.type === "integer" ? Number(control.value) : control.value;
}

/** What was entered, as JSON in the shape of the schema; empty fields are left out. */
function entered(fields) {
  const whole = Object.create(null);
  for (const field of fields) {
    const value = valueOf(field);
    if (value === undefined) continue;
    let place = whole;
    for (const name of field.path.slice(0, -1)) place = place[name] ??= Object.create(null);
    place[field.path.at(-1)] = value;
  }
  return whole;
}

/** The page of a review or a run, for a client that opens links. */
function linkTo(url, words) {
  if (!known.capabilities.openLinks || !/^https?:/.test(url ?? "")) return undefined;
  const button = element("button", { type: "button", className: "plain" }, words);
  button.addEventListener("click", () => void request("ui/open-link", { url }).catch(() => undefined));
  return button;
}

function reviewCard(review, index) {
  const all = fieldsOf(review.form, []);
  const choices = all.find(({ path }) => path.join() === "decision")?.schema.enum ?? [];
  const asks = all.filter(({ path }) => path.join() !== "decision");
  const fields = asks.map((field, at) => fieldOf(field, "r" + index + "-" + at));
  const problem = element("p", { className: "problem", hidden: true });
  problem.setAttribute("role", "alert");
  const buttons = choices.map(String).map((decision, at) => {
    const words = { approved: "Approve", rejected: "Reject" }[decision] ?? decision.replace(/^./, (one) => one.toUpperCase());
    const button = element("button", { type: "button", className: at === 0 ? "first" : "" }, words);
    button.disabled = !known.capabilities.serverTools;
    button.addEventListener("click", () => void decide(decision));
    return button;
  });
  // No form: Enter in a field must not decide, and the sandbox of a client forbids forms.
  const sheet = element("div", {}, ...fields.map(({ row }) => row), problem, element("p", { className: "row" }, ...buttons));
  const title = element("h2", {}, review.title ?? review.step);
  title.tabIndex = -1;
  const card = element("section", {}, title);
  for (const text of (review.message ?? "").split(/\\n{2,}/)) if (text) card.append(element("p", {}, text));
  const material = materialOf(review.material);
  if (material) card.append(material);
  card.append(
    facts([
      ["Workflow", review.workflow],
      ["Started by", review.started_by],
      ["Reviewers", review.reviewers?.join(", ")],
      ["Decided so far", review.answered?.join(", ")],
    ]),
    sheet,
  );
  const page = linkTo(review.link, "Open its page");
  if (page) card.append(page);

  async function decide(decision) {
    const isNo = decision === "rejected";
    if (!isNo && !fields.every(({ control }) => control.reportValidity())) return;
    const { fields: filled = {}, ...rest } = entered(fields);
    const isFilled = !isNo && asks.some(({ path }) => path[0] === "fields");
    const payload = { ...rest, decision, ...(isFilled ? { fields: filled } : {}) };
    for (const button of buttons) button.disabled = true;
    problem.hidden = true;
    try {
      const result = await send(review, payload);
      if (result.isError) throw new Error(problemOf(result));
      const done = element("p", { className: "done" }, "Your decision is recorded: " + decision + ".");
      done.setAttribute("role", "status");
      sheet.replaceWith(done);
      page?.remove();
      title.focus();
      tell(review, decision);
    } catch (error) {
      problem.textContent = error.message || "The decision could not be sent.";
      problem.hidden = false;
      for (const button of buttons) button.disabled = false;
    }
  }
  return card;
}

/** A review whose form cannot be shown hides no other one. */
function safeCard(review, index) {
  try {
    return reviewCard(review, index);
  } catch {
    const words = "This review cannot be shown here.";
    return element("section", {}, element("h2", {}, review.title ?? review.step), element("p", {}, words), linkTo(review.link, "Open its page"));
  }
}

/** The tool beside the one that was called, also where a gateway has prefixed both. */
function beside(name) {
  return known.tool.replace(/(get_run|waiting_reviews)$/, "") + name;
}

function send({ run_id, step, isOfRun }, payload) {
  if (isOfRun) return call(beside("control_run"), { run_id, action: "answer", step, payload });
  return call(beside("decide_review"), { run_id, step, answer: payload });
}

function problemOf({ structuredContent, content }) {
  const { error } = structuredContent ?? {};
  if (error?.message) return [error.message, error.fix].filter(Boolean).join(" ");
  return (content ?? []).map(({ text }) => text ?? "").join(" ").slice(0, 1000);
}

/** For the model's next turn: nothing that others have written. */
function tell({ run_id, step }, decision) {
  if (!known.capabilities.updateModelContext) return;
  const text = "A person has " + decision + " step " + step + " of run " + run_id + " in its view.";
  request("ui/update-model-context", { content: [{ type: "text", text }] }).catch(() => undefined);
}

function runCard(run) {
  const steps = run.steps.slice(-30).map(({ id, type, status, duration_ms: ms, error }) =>
    element(
      "li",
      { className: status },
      element("span", { className: "name" }, id),
      element("span", { className: "soft" }, type),
      element("span", { className: "status" }, status + (ms === undefined ? "" : " " + ms + " ms")),
      error ? element("p", { className: "problem" }, error.message) : undefined,
    ),
  );
  const isOpen = run.status === "running" || run.status === "waiting";
  const again = element("button", { type: "button", className: "plain", hidden: !isOpen }, "Look again");
  again.disabled = !known.capabilities.serverTools;
  again.addEventListener("click", async () => show(await call(known.tool || "get_run", { run_id: run.run_id })));
  return element(
    "section",
    { className: "run" },
    element("h2", {}, run.workflow + ": " + run.status),
    facts([
      ["Run", run.run_id],
      ["Version", run.version],
      ["Started by", run.started_by],
      ["Error", run.error?.message],
    ]),
    element("ol", {}, ...steps),
    element("p", { className: "row" }, again, linkTo(run.url, "Open its page")),
  );
}

${usageCard}

function reviewsOf(run) {
  return run.steps
    .filter(({ status, wait }) => status === "waiting" && wait?.reviewers)
    .map(({ id, wait }) => ({
      ...wait,
      run_id: run.run_id,
      step: id,
      workflow: run.workflow,
      started_by: run.started_by,
      isOfRun: true,
    }));
}

function show(result) {
  const data = result.structuredContent ?? {};
  if (result.isError) put(element("p", { className: "problem" }, problemOf(result)));
  else if (Array.isArray(data.reviews)) {
    const none = element("p", {}, "No review waits for you.");
    put(...(data.reviews.length === 0 ? [none] : data.reviews.map(safeCard)));
  } else if (Array.isArray(data.rows)) put(usageCard(data));
  else if (Array.isArray(data.steps)) put(...reviewsOf(data).map(safeCard), runCard(data));
  else put(element("p", {}, problemOf(result)));
}

function dress({ theme, styles, toolInfo }) {
  if (theme) document.documentElement.style.colorScheme = theme;
  for (const [name, value] of Object.entries(styles?.variables ?? {})) {
    if (value) document.documentElement.style.setProperty(name, value);
  }
  if (toolInfo) known.tool = toolInfo.tool.name;
}

const begun = await request("ui/initialize", {
  protocolVersion: "2026-01-26",
  appInfo: { name: "aerostack", version: "1" },
  appCapabilities: {},
});
known.capabilities = begun.hostCapabilities ?? {};
dress(begun.hostContext ?? {});
new ResizeObserver(() => {
  const { height } = document.documentElement.getBoundingClientRect();
  post({ method: "ui/notifications/size-changed", params: { height: Math.ceil(height) } });
}).observe(document.documentElement);
post({ method: "ui/notifications/initialized", params: {} });
`;
