/** TypeScript of the code steps that the drafter writes out. */

/** One entry for each item of a list, wherever the list is. */
export const eachCode = `type Item = Record<string, unknown>;

/** The list in whatever came: itself, or the first list inside. */
function listIn(data: unknown): unknown[] {
  if (Array.isArray(data)) return data;
  if (typeof data !== "object" || data === null) return data === undefined || data === null ? [] : [data];
  return Object.values(data).find((value): value is unknown[] => Array.isArray(value)) ?? [data];
}

/** One entry for each item, once; \`text\` is the list as lines. */
export default function each(input: { data: unknown }) {
  const items: Item[] = [];
  const seen = new Set<string>();
  for (const entry of listIn(input.data)) {
    const item = typeof entry === "object" && entry !== null ? (entry as Item) : { value: entry };
    const key = String(item.id ?? item.url ?? item.link ?? JSON.stringify(item));
    if (seen.has(key)) continue;
    seen.add(key);
    items.push(item);
  }
  const lines = items.map((item) => "- " + String(item.title ?? item.name ?? item.subject ?? item.text ?? JSON.stringify(item)));
  return { items, count: items.length, text: lines.join("\\n") };
}
`;

/** The files in what came. */
export const fileCode = `/** The files in what came: name, type, address and text, whatever the sender calls them. */
export default function files(input: { data: unknown }) {
  const root = (typeof input.data === "object" && input.data !== null ? input.data : {}) as Record<string, unknown>;
  const list = [root.files, root.attachments, root.value, root.items].find((value) => Array.isArray(value)) ?? [root];
  const files = (list as Record<string, unknown>[]).map((file) => ({
    name: String(file.name ?? file.filename ?? file.title ?? "file"),
    type: String(file.mimeType ?? file.content_type ?? file.type ?? "application/octet-stream"),
    url: String(file.url ?? file.download_url ?? file.webContentLink ?? file.link ?? ""),
    text: String(file.text ?? file.content ?? file.transcript ?? ""),
  }));
  return { files, count: files.length, text: files.map((file) => file.name + " " + (file.text || file.url)).join("\\n") };
}
`;

/** A number held against a limit. */
export const checkCode = (
  upper: boolean,
  limit: number,
) => `/** The first number that means an amount, held against the limit. */
function numberIn(data: unknown, depth = 0): number | undefined {
  if (typeof data === "number") return data;
  if (typeof data === "string" && data.trim() !== "" && Number.isFinite(Number(data))) return Number(data);
  if (typeof data !== "object" || data === null || depth > 4) return undefined;
  const record = data as Record<string, unknown>;
  for (const key of ["amount", "total", "value", "price", "score", "percent", "change", "count", "temperature"]) {
    if (record[key] !== undefined) return numberIn(record[key], depth + 1);
  }
  for (const value of Object.values(record)) {
    const found = numberIn(value, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

export default function check(input: { data: unknown }) {
  const value = numberIn(input.data) ?? 0;
  return { matched: value ${upper ? "<=" : ">="} ${limit}, value, limit: ${limit} };
}
`;

/** Words looked for in what came; without words, whether anything came. */
export const factsCode = (words: readonly string[]) => `const words = ${JSON.stringify(words)};

/** Whether anything came that the condition is about. */
export default function check(input: { data: unknown }) {
  const text = typeof input.data === "string" ? input.data : JSON.stringify(input.data ?? "");
  const found = words.filter((word) => text.toLowerCase().includes(word));
  const empty = text === "" || text === "[]" || text === "{}" || text === '""';
  return { matched: words.length > 0 ? found.length > 0 : !empty, found };
}
`;
