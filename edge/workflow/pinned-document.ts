import type { LiveWorkflow } from "#edge/gateway/live-items";
import type { RunRequest } from "./run-api.ts";

/** A request on its way to its object; its document as JSON, which no side walks through again. */
export type SentRequest = Omit<RunRequest, "document"> & {
  readonly document: string | LiveWorkflow;
};

/** Characters of a document, and documents, that an isolate keeps. */
const keptLength = 64_000;
const keptAtMost = 100;
const texts = new WeakMap<LiveWorkflow, string>();
/** By their text, in the order of last use. */
const documents = new Map<string, LiveWorkflow>();

/** A document as JSON; made once for all runs of a version. */
function textOf(document: LiveWorkflow): string {
  const known = texts.get(document);
  if (known !== undefined) return known;
  const text = JSON.stringify(document);
  texts.set(document, text);
  return text;
}

/** The document of this text: the same one for all runs of a version, so it must not be changed. */
function documentOf(text: string): LiveWorkflow {
  const document = documents.get(text) ?? (JSON.parse(text) as LiveWorkflow);
  if (text.length > keptLength) return document;
  texts.set(document, text);
  documents.delete(text);
  documents.set(text, document);
  const [oldest] = documents.keys();
  if (documents.size > keptAtMost && oldest !== undefined) documents.delete(oldest);
  return document;
}

export function toSentRequest(request: RunRequest): SentRequest {
  return { ...request, document: textOf(request.document) };
}

export function fromSentRequest({ document, ...request }: SentRequest): RunRequest {
  return { ...request, document: typeof document === "string" ? documentOf(document) : document };
}

/** As JSON, for storage. */
export function toStoredRequest({ document, ...request }: RunRequest): string {
  return `${JSON.stringify(request).slice(0, -1)},"document":${textOf(document)}}`;
}

/** Of what `toStoredRequest` gave, or an earlier release stored; with the shared document. */
export function fromStoredRequest(text: string): RunRequest {
  const request = JSON.parse(text) as RunRequest;
  return { ...request, document: documentOf(JSON.stringify(request.document)) };
}
