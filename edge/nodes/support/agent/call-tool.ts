import { Validator } from "@cfworker/json-schema";
import { AerostackError, UpstreamError } from "#blueprints/error";
import type { ModelToolCall, ModelToolResult } from "#blueprints/model";
import type { NodeContext } from "#blueprints/node-context";
import { type Results, textOfContent } from "./results.ts";
import { readMoreInput, taskInput, type Toolbox } from "./toolbox.ts";
import { toText } from "./transcript.ts";

export interface ToolPlace {
  readonly context: NodeContext;
  readonly toolbox: Toolbox;
  readonly results: Results;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  readonly stream: boolean;
  /** Gives a task to a sub-agent; its sub-steps begin with `name`. */
  runAgent(index: number, task: string, name: string): Promise<string>;
}

/** One tool call as one recorded sub-step `name`; what fails is told to the model. */
export async function callTool(
  place: ToolPlace,
  call: ModelToolCall,
  name: string,
): Promise<ModelToolResult> {
  const { id, name: tool } = call;
  try {
    return { id, name: tool, output: place.results.show(name, await perform(place, call, name)) };
  } catch (error) {
    // A fault of the platform, and the end of what a run may do, are not the model's to work around.
    const isTold =
      error instanceof AerostackError && error.kind !== "bug" && !error.code.startsWith("run.");
    if (!isTold) throw error;
    const fix = error.fix === undefined ? "" : ` ${error.fix}`;
    return { id, name: tool, output: `${error.code}: ${error.message}${fix}`, failed: true };
  }
}

function refusal(code: string, message: string, fix: string): UpstreamError {
  return new UpstreamError(code, message, { fix });
}

async function perform(place: ToolPlace, call: ModelToolCall, name: string): Promise<string> {
  const { context, toolbox, results } = place;
  const target = Object.hasOwn(toolbox.targets, call.name) ? toolbox.targets[call.name] : undefined;
  if (!target) {
    const known = Object.keys(toolbox.targets).join(", ");
    throw refusal("agent.unknown-tool", `There is no tool "${call.name}".`, `Use one of ${known}.`);
  }
  checkArguments(place, call);
  switch (target.kind) {
    case "finish":
      return toText(call.input);
    case "read_more": {
      const { result, offset } = readMoreInput.parse(call.input);
      const page = results.read(result, offset);
      if (page !== undefined) return page;
      throw refusal(
        "agent.unknown-result",
        `No result "${result}" was cut.`,
        "Read what you have.",
      );
    }
    case "agent":
      return place.runAgent(target.index, taskInput.parse(call.input).task, name);
    case "tool":
    case "function": {
      const { kind, name: reference, effect } = target;
      const input = { tool: reference, arguments: call.input };
      return context.substep(name, { effect, input }, (inner) => {
        if (place.stream) {
          const { path: step } = context.step;
          context.emit({ type: "tool-called", data: { step, tool: reference, input: call.input } });
        }
        return withinTime(place, reference, async () => {
          if (kind === "function")
            return toText((await inner.callFunction(reference, call.input)).output);
          const { content, structured } = await inner.callTool(reference, call.input);
          return textOfContent(content, structured);
        });
      });
    }
    default:
      return target satisfies never;
  }
}

function checkArguments({ toolbox }: ToolPlace, { name, input }: ModelToolCall): void {
  const schema = toolbox.tools.find((one) => one.name === name)?.input;
  if (!schema) return;
  const { valid, errors } = new Validator(schema, "2020-12", false).validate(input ?? null);
  const last = errors.at(-1);
  if (valid) return;
  throw refusal(
    "agent.bad-arguments",
    `The arguments of ${name} do not fit at ${last?.instanceLocation ?? "#"}: ${last?.error ?? "invalid"}`,
    "Call it again with arguments that fit its schema.",
  );
}

/** A tool that does not answer must not hold the loop beyond its time. */
async function withinTime<T>(
  { context, deadline }: ToolPlace,
  tool: string,
  work: () => Promise<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const left = Math.max(0, deadline - context.now());
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          refusal("agent.tool-timeout", `"${tool}" did not answer in time.`, "Go on without it."),
        ),
      left,
    );
  });
  try {
    return await Promise.race([work(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
