import type { ClientGuides } from "#edge/client-guide";
import type { OpenTicket, TicketPurpose } from "#edge/identity/tickets";
import type { Services } from "#edge/services";
import type { View } from "./layout.tsx";

/** What a page works with: an open ticket of its purpose. */
export interface Visit<Purpose extends TicketPurpose> {
  readonly services: Services;
  readonly clients: ClientGuides;
  readonly ticket: Extract<OpenTicket, { purpose: Purpose }>;
}

/** Why the last attempt did not work, said where the person can mend it. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
}

/** One purpose of a ticket: a page that explains, and what its button does. */
export interface TicketPage<Purpose extends TicketPurpose> {
  /** Who asks for what. Changes nothing: mail scanners open links. */
  show(visit: Visit<Purpose>, problem?: Problem): Promise<View>;
  /**
   * Does it; the ticket is used up with the success of this. An `InputError` brings the page back
   * with its message and leaves the ticket usable.
   */
  act(visit: Visit<Purpose>, form: Readonly<Record<string, string>>): Promise<View>;
}
