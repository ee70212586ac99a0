import { templates } from "../functions/index.ts";
import type { Build } from "./graph.ts";
import { needSecret, secretName } from "./graph.ts";
import { resourceName, subjectOf, titleOf } from "./naming.ts";
import { baseUrlOf, connect } from "./services.ts";
import { toName } from "./text.ts";
import type { Understanding } from "./understand.ts";

/** An MCP server: linked where a URL is given, else written with a tool for what is named. */
export function addServer(build: Build, known: Understanding): void {
  const url = /https?:\/\/[^\s"'<>)]+/i.exec(known.text)?.[0]?.replace(/[.,;]+$/, "");
  const name = toName(resourceName(known), 20);
  if (url && URL.canParse(url)) {
    const secret = needSecret(
      build,
      secretName(name, "TOKEN"),
      `Token of the MCP server at ${new URL(url).host}.`,
      { host: new URL(url).host },
    );
    build.mcps.push({
      name,
      description: known.text.slice(0, 300),
      url,
      auth: { type: "header", secret },
    });
    return;
  }
  const tools = [...serviceTools(build, known), ...computationTools(known)];
  const secrets = [...build.secrets.keys()];
  const code = `import { defineServer } from "aerostack";

export default defineServer({
  name: ${JSON.stringify(name)},
  version: "1.0.0",
  tools: {
${tools.join("\n")}
  },
});
`;
  build.mcps.push({
    name,
    description: known.text.slice(0, 300),
    code,
    egress: [...build.egress],
    secrets,
  });
}

/** Reading and writing of each named service, as two tools. */
function serviceTools(build: Build, known: Understanding): string[] {
  const named = known.mentions.filter(
    ({ integration }) =>
      integration.category !== "model" && !["claude", "cursor"].includes(integration.id),
  );
  const writes =
    /\b(?:create|write|update|add|send|post|delete|manage|file|comment|close|assign|book|insert)\b/i.test(
      known.english,
    );
  return named.flatMap(({ integration }) => {
    const base = baseUrlOf(build, integration);
    const host = new URL(base).host;
    build.egress.add(host);
    const secret = needSecret(
      build,
      secretName(integration.id, "TOKEN"),
      `Access token of ${integration.name}.`,
      { host },
    );
    connect(build, integration, false, secret);
    const key = toName(integration.id);
    const call = (
      method: string,
      body: string,
    ) => `const url = new URL(input.path ?? "/", ${JSON.stringify(base)});
        if (url.host !== ${JSON.stringify(host)}) throw new Error("The path must stay on ${host}.");
        const response = await fetch(url, { method: ${method}, headers: { authorization: \`Bearer \${context.secrets.${secret}}\`, "content-type": "application/json" }${body} });
        return { status: response.status, body: await response.text() };`;
    const read = `    read_${key}: {
      description: ${JSON.stringify(`Reads from ${integration.name}: give the path of its API.`)},
      annotations: { readOnlyHint: true },
      input: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
      async run(input, context) {
        ${call('"GET"', "")}
      },
    },`;
    const write = `    write_${key}: {
      description: ${JSON.stringify(`Creates or changes something in ${integration.name}: path of its API and a JSON body.`)},
      input: { type: "object", properties: { path: { type: "string" }, body: { type: "object" } }, required: ["path", "body"] },
      async run(input, context) {
        ${call('"POST"', ", body: JSON.stringify(input.body)")}
      },
    },`;
    return writes ? [read, write] : [read];
  });
}

/** A tool for what is computed; a look-up over given records when nothing else is known. */
function computationTools(known: Understanding): string[] {
  const template = templates.find(({ says }) => says.test(known.english));
  const subject = subjectOf(known.english);
  if (!template) {
    if (known.mentions.length > 0) return [];
    return [
      `    search_${toName(subject)}: {
      description: ${JSON.stringify(`Finds records that contain the words: ${titleOf(known.text)}`)},
      annotations: { readOnlyHint: true },
      input: { type: "object", properties: { query: { type: "string" }, records: { type: "array", items: { type: "object" } } }, required: ["query", "records"] },
      run(input) {
        const words = input.query.toLowerCase().split(/\\s+/).filter(Boolean);
        return { records: input.records.filter((record) => words.every((word) => JSON.stringify(record).toLowerCase().includes(word))) };
      },
    },`,
    ];
  }
  const draft = template.build({ subject, text: known.english });
  const body = draft.code.replace(/export default (async )?function \w*/, "$1function compute");
  return [
    `    ${toName(`${template.verb}_${subject}`)}: {
      description: ${JSON.stringify(draft.description)},
      annotations: { readOnlyHint: true },
      input: ${JSON.stringify(draft.input)},
      run(input) {
        ${body.trim().replaceAll("\n", "\n        ")}
        return compute(input);
      },
    },`,
  ];
}
