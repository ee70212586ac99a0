import type { Attributes, Measurement, Span } from "./encode.ts";
import { encodeMeasurements, encodeSpans } from "./encode.ts";

/** What an exporter keeps while a collector is away, and how long it tries. Milliseconds. */
export const exportLimits = {
  /** Spans that may be held, those of requests that are tried again included; more are dropped. */
  spans: 2_000,
  /** How long spans wait for company. */
  delay: 1_000,
  attempts: 5,
  backoff: 1_000,
  longestWait: 30_000,
} as const;

/** One POST to a collector. */
export interface OtlpRequest {
  readonly signal: "traces" | "metrics";
  readonly body: string;
}

export interface ExportPlace {
  /** Whether anybody wants anything; asked at every call. */
  isWanted(): boolean;
  collectors(): readonly Collector[];
  resource(): Attributes;
  now(): number;
  /** Runs after this long, also when the answer has left. */
  later(work: () => void, delayMs: number): void;
}

export interface Collector {
  /** Sends with its credentials; throws where the collector cannot be reached. */
  send(request: OtlpRequest): Promise<Pick<Response, "status" | "headers">>;
}

export interface ExportState {
  readonly sent: number;
  /** Spans that a full queue or a collector that stayed away cost. */
  readonly dropped: number;
  /** Why the last request failed; absent: it did not. */
  readonly problem?: string;
}

/** Sends spans and durations after the answers have left, in batches, to every collector. */
export class Exporter {
  readonly #place: ExportPlace;
  #spans: Span[] = [];
  #measurements: Measurement[] = [];
  /** Spans that wait, and those of requests that no collector has taken or lost yet. */
  #held = 0;
  #since = 0;
  #scheduled = false;
  #state: ExportState = { sent: 0, dropped: 0 };

  constructor(place: ExportPlace) {
    this.#place = place;
  }

  /** Whether it is worth making spans at all. */
  get isOn(): boolean {
    return this.#place.isWanted();
  }

  get state(): ExportState {
    return this.#state;
  }

  add(spans: readonly Span[], measurements: readonly Measurement[] = []): void {
    if (!this.isOn) return;
    const taken = spans.slice(0, exportLimits.spans - this.#held);
    this.#drop(spans.length - taken.length);
    this.#held += taken.length;
    this.#spans.push(...taken);
    // Durations are added up: they take a place each until then, and no more than the spans do.
    if (this.#measurements.length < 2 * exportLimits.spans)
      this.#measurements.push(...measurements);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#since = this.#place.now();
    this.#place.later(() => void this.#flush(), exportLimits.delay);
  }

  async #flush(): Promise<void> {
    const [spans, measurements] = [this.#spans, this.#measurements];
    this.#spans = [];
    this.#measurements = [];
    this.#scheduled = false;
    const resource = this.#place.resource();
    const requests: (OtlpRequest & { readonly spans: number })[] = [];
    if (spans.length > 0) {
      const body = JSON.stringify(encodeSpans(resource, spans));
      requests.push({ signal: "traces", body, spans: spans.length });
    }
    if (measurements.length > 0) {
      const period = [this.#since, this.#place.now()] as const;
      const body = JSON.stringify(encodeMeasurements(resource, measurements, period));
      requests.push({ signal: "metrics", body, spans: 0 });
    }
    const ways = this.#place
      .collectors()
      .flatMap((collector) => requests.map((request) => ({ collector, request })));
    await Promise.all(ways.map(({ collector, request }) => this.#send(collector, request)));
    this.#held -= spans.length;
  }

  /** Resolves once the collector has it, or will not have it. */
  async #send(
    collector: Collector,
    request: OtlpRequest & { readonly spans: number },
  ): Promise<void> {
    for (let attempt = 1; attempt <= exportLimits.attempts; attempt++) {
      const tried = await collector.send(request).catch(reasonOf);
      const isAnswer = typeof tried !== "string";
      if (isAnswer && tried.status < 300) {
        const { sent, dropped } = this.#state;
        this.#state = { sent: sent + request.spans, dropped };
        return;
      }
      this.#state = { ...this.#state, problem: isAnswer ? `HTTP ${tried.status}` : tried };
      if (isAnswer && ![429, 502, 503, 504].includes(tried.status)) break;
      if (attempt < exportLimits.attempts) {
        await this.#wait(waitOf(isAnswer ? tried.headers : undefined, attempt));
      }
    }
    this.#drop(request.spans);
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#place.later(resolve, milliseconds);
    });
  }

  #drop(spans: number): void {
    if (spans === 0) return;
    this.#state = { ...this.#state, dropped: this.#state.dropped + spans };
  }
}

/** As the collector says, else longer each time. */
function waitOf(headers: Headers | undefined, attempt: number): number {
  const seconds = Number(headers?.get("retry-after") ?? Number.NaN);
  const wanted = seconds >= 0 ? seconds * 1000 : exportLimits.backoff * 2 ** (attempt - 1);
  return Math.min(wanted, exportLimits.longestWait);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
