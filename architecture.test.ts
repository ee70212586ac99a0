import { expect, it } from "vitest";

/** Who may import whom: the table in AGENTS.md, as a test. */
const allowed: Record<string, readonly string[]> = {
  blueprints: [],
  "registry-adapters": ["blueprints"],
  planner: ["blueprints"],
  edge: ["blueprints", "registry-adapters"],
  "mcp-server": ["blueprints", "registry-adapters", "planner", "edge"],
  evals: ["blueprints", "registry-adapters", "planner", "edge", "mcp-server", "evals"],
};
/** Packages that a pure folder must not know. */
const forbiddenPackages: Record<string, RegExp> = {
  blueprints: /^(cloudflare:|hono|drizzle-orm|ai$|@ai-sdk|@modelcontextprotocol|node:)/,
  "registry-adapters": /^(cloudflare:|hono|drizzle-orm|ai$|@ai-sdk|@modelcontextprotocol|node:)/,
  planner: /^(cloudflare:|hono|drizzle-orm|@modelcontextprotocol|node:)/,
};

const sources = import.meta.glob<string>(
  "./{blueprints,registry-adapters,planner,edge,mcp-server,evals}/**/*.{ts,tsx}",
  { query: "?raw", import: "default", eager: true },
);
const specifier = /(?:from|import)\s*\(?\s*"([^"]+)"/g;

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly target: string;
}

function importsOf([file, text]: [string, string]): Import[] {
  const folder = file.split("/")[1] ?? "";
  return [...text.matchAll(specifier)].map((match) => ({ file, folder, target: match[1] ?? "" }));
}

/** The top folder that an import reaches, or undefined for a package. */
function reachedFolder({ file, target }: Import): string | undefined {
  if (target.startsWith("#")) return target.slice(1).split("/")[0];
  if (!target.startsWith(".")) return undefined;
  return new URL(target, `file://${file.slice(1)}`).pathname.split("/")[1];
}

/** Tests of a folder may stand on the whole house; only what ships is held to the table. */
const shipped = Object.entries(sources)
  .filter(([file]) => !/\.(test|fixture)\.tsx?$/.test(file))
  .flatMap(importsOf);

it("imports follow the folder table", () => {
  expect(shipped.length).toBeGreaterThan(50);
  const wrong = shipped.filter((one) => {
    const folder = reachedFolder(one);
    return folder && folder !== one.folder && !allowed[one.folder]?.includes(folder);
  });
  expect(wrong.map((one) => `${one.file} -> ${one.target}`)).toEqual([]);
});

it("pure folders know neither the platform nor the network", () => {
  const wrong = shipped.filter((one) => forbiddenPackages[one.folder]?.test(one.target));
  expect(wrong.map((one) => `${one.file} -> ${one.target}`)).toEqual([]);
});

it("nothing climbs out of its folder with ../..", () => {
  const wrong = shipped.filter((one) => one.target.startsWith("../.."));
  expect(wrong.map((one) => `${one.file} -> ${one.target}`)).toEqual([]);
});

/** Runtime imports of a file, as keys of `sources`; type-only imports make no cycle. */
function runtimeTargets(file: string): string[] {
  const statements = (sources[file] ?? "").matchAll(
    /^(?:import|export)\s+(?!type\b)[^;]*?from\s+"([^"]+)"/gm,
  );
  return [...statements].flatMap(([, target = ""]) => {
    const path = target.startsWith("#")
      ? `./${target.slice(1)}`
      : target.startsWith(".")
        ? `.${new URL(target, `file://${file.slice(1)}`).pathname}`
        : undefined;
    return [path, `${path}.ts`, `${path}.tsx`].filter((one) => one && one in sources) as string[];
  });
}

it("has no import cycles", () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(" -> "));
    if (done.has(file) || trail.includes(file)) return;
    for (const target of runtimeTargets(file)) visit(target, [...trail, file]);
    done.add(file);
  };
  for (const file of Object.keys(sources)) visit(file, []);
  expect(cycles).toEqual([]);
});
