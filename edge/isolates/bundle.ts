import { InputError } from "#blueprints/error";
import type { CompiledCode } from "#edge/isolates/isolate";

/** Name of the author's module inside the isolate, as it stands in stack traces. */
const mainModule = "main.ts";
const maximumCharacters = 1_000_000;

/**
 * TypeScript to what an isolate loads. Types are removed in place, so line numbers stay.
 * @throws InputError `code.syntax`, `code.too-large`, `code.no-default-export`, `code.import`
 */
export async function compile(source: string): Promise<CompiledCode> {
  if (source.length > maximumCharacters) {
    throw new InputError(
      "code.too-large",
      `The code has ${source.length} characters; at most ${maximumCharacters} are allowed.`,
      { fix: "Move data out of the code, or split it into several functions." },
    );
  }
  // The parser is loaded with the first code: every start of the Worker would wait for it.
  const [{ transform }, { readModule }] = await Promise.all([
    import("sucrase/dist/index.js"),
    import("./module-syntax.ts"),
  ]);
  const code = parsed(() =>
    transform(source, { transforms: ["typescript"], disableESTransforms: true }),
  ).code;
  const { imports, computed, hasDefault } = parsed(() => readModule(code));
  if (!hasDefault) {
    throw new InputError("code.no-default-export", "The code has no default export.", {
      fix: "Write `export default async function (input, context) { ... }`, or `export default defineServer({ ... })` for a server.",
    });
  }
  imports.forEach(assertImport);
  if (computed[0] !== undefined) throw refused(`what ${computed[0].slice(0, 100)} names`);
  const modules = { [mainModule]: code };
  return { hash: await hashOf(modules), mainModule, modules };
}

function parsed<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InputError("code.syntax", `The code cannot be parsed: ${message}`, {
      fix: "Correct the syntax at the named line and column.",
      cause: error,
    });
  }
}

function assertImport(specifier: string): void {
  if (specifier === "aerostack" || specifier.startsWith("node:")) return;
  throw refused(`"${specifier.slice(0, 200)}"`);
}

function refused(what: string): InputError {
  return new InputError("code.import", `The code imports ${what}.`, {
    fix: 'Import only "aerostack" and "node:..." modules, by a plain string; write the rest into the code itself.',
  });
}

async function hashOf(modules: Record<string, string>): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(modules));
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
}
