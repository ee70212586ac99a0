import type { LanguageModelUsage } from "ai";
import type { ModelCall, ModelUsage } from "#blueprints/model";
import { costOf } from "./prices.ts";

/** Where a provider does not count: characters of a token, roughly. */
const charactersPerToken = 4;

const tokensOf = (characters: number) => Math.ceil(characters / charactersPerToken);

/** Tokens; absent: not said so far. */
interface Counted {
  readonly input?: number;
  readonly output?: number;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;
const sum = (usage: Json, names: readonly string[]) => {
  const known = names.map((name) => usage[name]).filter((one) => isCount(one));
  return known.length === 0 ? undefined : known.reduce((total, one) => total + one, 0);
};

/** No call has as many tokens; what says so counts something else, or lies. */
const mostTokens = 1e9;

/** A provider's word is taken only where it can be true: else it would buy more than is allowed. */
function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= mostTokens;
}

const countOf = (value: number | undefined) => (isCount(value) ? value : undefined);

/** Names that providers count by; those of one list add up. */
const inputNames = [
  ["prompt_tokens"],
  ["promptTokenCount"],
  ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"],
];
const outputNames = [
  ["completion_tokens"],
  ["candidatesTokenCount", "thoughtsTokenCount"],
  ["output_tokens"],
];

/** What a piece of a stream says of usage; providers say it early, late, in every piece, or never. */
function reportedIn(raw: unknown): Counted {
  if (!isObject(raw)) return {};
  const { usage, usageMetadata, message, response } = raw;
  const places = [
    usage,
    usageMetadata,
    ...[message, response].map((one) => isObject(one) && one["usage"]),
  ];
  const found = places.find(isObject);
  if (!found) return {};
  const first = (all: readonly (readonly string[])[]) =>
    all.map((names) => sum(found, names)).find((one) => one !== undefined);
  const [input, output] = [first(inputNames), first(outputNames)];
  return {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
  };
}

/**
 * Counts one call while it is under way, so that one that breaks off is not free: what the provider has
 * reported counts, and where it reported nothing the length of what was asked and said (`estimated`).
 */
export class Meter {
  readonly #model: string;
  readonly #asked: number;
  readonly #onUsage: (usage: ModelUsage) => void;
  readonly #started = Date.now();
  #said = 0;
  #reported: Counted = {};
  #isBegun = false;
  #told: ModelUsage | undefined;

  constructor(model: string, call: ModelCall, onUsage: (usage: ModelUsage) => void) {
    const { system, messages, tools, output } = call;
    this.#model = model;
    this.#asked = JSON.stringify([system, messages, tools, output]).length;
    this.#onUsage = onUsage;
  }

  /** Whether the provider has taken it on; from then on it costs. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  begin(): void {
    this.#isBegun = true;
  }

  /** A piece of a stream as it came. */
  receive(raw: unknown): void {
    this.#reported = { ...this.#reported, ...reportedIn(raw) };
  }

  /** Characters of an answer that came; they cost, whatever becomes of it. */
  hear(text: string): void {
    this.#said += text.length;
  }

  /** The call is over, well or not; only the first time counts. `usage`: as the SDK read it. */
  stop(usage?: LanguageModelUsage): ModelUsage {
    this.#told ??= this.#tell(usage);
    return this.#told;
  }

  #tell(usage: LanguageModelUsage | undefined): ModelUsage {
    const whole = countOf(usage?.outputTokens);
    const input = countOf(usage?.inputTokens) ?? this.#reported.input;
    const output = whole ?? this.#reported.output;
    // Before the end a provider has reported some of the output at most.
    const said = whole === undefined ? tokensOf(this.#said) : 0;
    const isEstimated = input === undefined || output === undefined || said > output;
    const inputTokens = input ?? tokensOf(this.#asked);
    const cached = Math.min(countOf(usage?.inputTokenDetails.cacheReadTokens) ?? 0, inputTokens);
    const counted = {
      model: this.#model,
      inputTokens,
      outputTokens: Math.max(output ?? 0, said),
      ...(cached ? { cachedTokens: cached } : {}),
    };
    const costUsd = costOf(counted);
    const told = {
      ...counted,
      ...(costUsd === undefined ? {} : { costUsd }),
      ...(isEstimated ? { estimated: true as const } : {}),
      startedAt: this.#started,
      durationMs: Date.now() - this.#started,
    };
    this.#onUsage(told);
    return told;
  }
}
