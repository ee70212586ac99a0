import type { ModelMessage } from "#blueprints/model";

/** Characters of one entry in a transcript, and of a transcript that a person reads. */
const shown = { entry: 2_000, all: 20_000 } as const;

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}...`;
}

export function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** A conversation as lines, each entry cut. */
export function linesOf(messages: readonly ModelMessage[], most: number = shown.entry): string[] {
  return messages.flatMap((message): string[] => {
    switch (message.role) {
      case "user":
        return [`user: ${cut(message.text, most)}`];
      case "assistant":
        return [
          ...(message.text === "" ? [] : [`agent: ${cut(message.text, most)}`]),
          ...(message.toolCalls ?? []).map(
            ({ name, input }) => `agent calls ${name}: ${cut(toText(input), most)}`,
          ),
        ];
      case "tool":
        return message.results.map(
          ({ name, output, failed }) =>
            `${name} ${failed ? "failed" : "answers"}: ${cut(toText(output), most)}`,
        );
      default:
        return message satisfies never;
    }
  });
}

/** The end of a conversation, for a person. */
export function transcriptOf(messages: readonly ModelMessage[]): string {
  const text = linesOf(messages).join("\n");
  return text.length <= shown.all ? text : `...${text.slice(-shown.all)}`;
}

/** Characters, roughly four a token. */
export function sizeOf(messages: readonly ModelMessage[]): number {
  return JSON.stringify(messages).length;
}
