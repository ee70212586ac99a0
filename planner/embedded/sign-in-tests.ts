import type { Admission, Build, Graph } from "./graph.ts";

type Stub = { match: string; status: number; body: unknown };

/** A run's input with what lets it in; an address that is one already stays. */
export function withPerson<Input extends object>(
  input: Input,
  admission: Admission | undefined,
): Input {
  if (!admission) return input;
  const { field, person } = admission;
  const own = field === undefined ? undefined : (input as Record<string, unknown>)[field];
  const fits = typeof own === "string" && (own.includes("@") || /^\+\d{7}/.test(own));
  return fits ? input : { ...input, ...person };
}

/** Who proves the address is let in; who does not, or gives none, is not. */
export function addAdmissionTests(
  build: Build,
  graph: Graph,
  run: { readonly input: object; readonly stubs: readonly Stub[] },
): void {
  const { admission } = graph;
  if (!admission) return;
  const { chat, failed, gate, work } = admission;
  const add = (
    name: string,
    input: object,
    way: { visited: string[]; not: string[]; late?: true },
  ) =>
    build.tests.push({
      name: `${graph.name}: ${name}`,
      target: { kind: "workflow", name: graph.name },
      input,
      stubs: [...(way.late ? [{ match: gate, status: 408 }] : []), ...run.stubs],
      expect: {
        visited: way.visited,
        ...(way.not.length > 0 ? { not_visited: way.not } : {}),
        ...(chat ? {} : { output: { signed_in: way.late !== true } }),
      },
    });
  const address = chat ? { message: chat.sample, conversation: { identity: null } } : run.input;
  const behind = work.slice(0, 1);
  add("who proves the address is let in", address, {
    visited: [gate, ...(chat ? [chat.welcomed] : behind)],
    not: [failed, ...(chat ? work : [])],
  });
  add("who does not prove it is not", address, {
    visited: [gate, failed],
    not: [...work],
    late: true,
  });
  if (!chat) return;
  add(
    "who is not signed in is asked for an address",
    { ...address, message: "Hello" },
    {
      visited: [chat.address, chat.asks],
      not: [gate, ...work],
    },
  );
}
