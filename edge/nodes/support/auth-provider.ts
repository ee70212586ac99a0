import type { z } from "zod";
import type { ChannelPort } from "#edge/nodes/support/channel";

/** What a person is sent; the whole of it is in `text`. */
export interface Delivery {
  /** E-mail address, or phone number in E.164. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** One of the two. */
  readonly code?: string;
  readonly link?: string;
}

/** What every provider of `auth_gate` owes: strict settings and one HTTP request. */
export interface AuthProvider<Settings> {
  /** Value of `provider` in the settings; the file's name. */
  readonly name: string;
  /** What kind of address it sends to. */
  readonly reaches: "email" | "phone" | "any";
  readonly settings: z.ZodType<Settings>;
  hosts(settings: Settings): readonly string[];
  secrets(settings: Settings): readonly string[];
  toRequest(
    settings: Settings,
    delivery: Delivery,
    port: ChannelPort,
  ): { readonly url: string; readonly init: RequestInit };
  /** Where a provider says in a 2xx answer that it did not send. */
  problem?(body: unknown): string | undefined;
}

/** Identity; infers the type of the settings and keeps the schema's own. */
export function defineProvider<Schema extends z.ZodType>(
  provider: AuthProvider<z.infer<Schema>> & { readonly settings: Schema },
): AuthProvider<z.infer<Schema>> & { readonly settings: Schema } {
  return provider;
}
