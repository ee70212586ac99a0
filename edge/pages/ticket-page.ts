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

/** Fields of a form, as the browser sends them. */
export type Entered = Readonly<Record<string, string>>;

/** One purpose of a ticket: a page that explains, and what its button does. */
export interface TicketPage<Purpose extends TicketPurpose> {
  /**
   * The ticket stays usable until its time: what `act` does counts once by itself, and several people
   * may do it.
   */
  readonly isShared?: true;
  /**
   * Who asks for what. Changes nothing: mail scanners open links. After a problem `entered` is the
   * form that was sent.
   */
  show(visit: Visit<Purpose>, problem?: Problem, entered?: Entered): Promise<View>;
  /**
   * Does it; the ticket is used up with the success of this. An `InputError` brings the page back
   * with its message and leaves the ticket usable.
   */
  act(visit: Visit<Purpose>, form: Entered): Promise<View>;
}
