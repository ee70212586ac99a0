import type { Condition } from "./conditions.ts";

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
  for (const entry of listIn(input.data).flat()) {
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

/** Keeps the records for which the conditions hold, whatever shape the list came in. */
export function filterCode(conditions: readonly Condition[], negated: boolean): string {
  const rules = conditions.map(({ field, operator, value }) => ({ field, operator, value }));
  return `const rules: readonly { field: string; operator: string; value: number | readonly string[] }[] = ${JSON.stringify(rules)};

/** The list in whatever came: itself, the first list inside, or the one record. */
function listIn(data: unknown): unknown[] {
  if (Array.isArray(data)) return data;
  if (typeof data !== "object" || data === null) return data === undefined || data === null ? [] : [data];
  return Object.values(data).find((value): value is unknown[] => Array.isArray(value)) ?? [data];
}

/** The field, however the sender spells it, at most three levels down. */
function read(data: unknown, field: string, depth = 0): unknown {
  if (typeof data !== "object" || data === null || depth > 3) return undefined;
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  for (const [name, value] of Object.entries(data)) if (plain(name) === plain(field)) return value;
  for (const value of Object.values(data)) {
    const found = read(value, field, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

const dayOf: Record<string, number> = { minutes: 1 / 1440, hours: 1 / 24, days: 1, weeks: 7, months: 30, years: 365 };

/** A number of the record: the field itself, its age from a date, or the one number that it has. */
function numberOf(item: unknown, field: string): number | undefined {
  const direct = Number(read(item, field) ?? Number.NaN);
  if (Number.isFinite(direct)) return direct;
  const [kind = "", unit = ""] = field.split("_");
  if (kind === "age" || kind === "idle") {
    const names = kind === "age" ? ["created_at", "created", "date"] : ["updated_at", "last_activity", "updated"];
    const at = Date.parse(String(names.map((name) => read(item, name)).find((value) => value !== undefined)));
    return Number.isFinite(at) ? (Date.now() - at) / 86_400_000 / (dayOf[unit] ?? 1) : undefined;
  }
  for (const name of ["amount", "total", "value", "price", "percent", "change", "close"]) {
    const found = Number(read(item, name) ?? Number.NaN);
    if (Number.isFinite(found)) return found;
  }
  return undefined;
}

function holds(item: unknown, { field, operator, value }: (typeof rules)[number]): boolean {
  if (typeof value === "number") {
    const found = numberOf(item, field);
    if (found === undefined) return false;
    if (operator === ">") return found > value;
    if (operator === ">=") return found >= value;
    return operator === "<" ? found < value : found <= value;
  }
  const text = String(read(item, field) ?? (operator === "contains" ? JSON.stringify(item) : "")).toLowerCase();
  const has = value.some((word) => (operator === "contains" ? text.includes(word.toLowerCase()) : text === word.toLowerCase()));
  return operator === "!=" ? !has : has;
}

/** The records that are meant; \`text\` has a line for each. */
export default function check(input: { data: unknown }) {
  const items = listIn(input.data).filter((item) => ${negated ? "!" : ""}rules.every((rule) => holds(item, rule)));
  const lines = items.map((item) => "- " + (typeof item === "object" ? JSON.stringify(item) : String(item)));
  return { matched: items.length > 0, items, count: items.length, text: lines.join("\\n") };
}
`;
}
