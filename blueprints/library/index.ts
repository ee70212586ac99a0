import type { BlueprintInput } from "../blueprint.ts";
import { currencyWatch } from "./currency-watch.ts";
import { dailyDigest } from "./daily-digest.ts";
import { formIntake } from "./form-intake.ts";
import { githubTriage } from "./github-triage.ts";
import { invoiceApproval } from "./invoice-approval.ts";
import { leadScoring } from "./lead-scoring.ts";
import { privateNotes } from "./private-notes.ts";
import { restockAlert } from "./restock-alert.ts";
import { stripeAlert } from "./stripe-alert.ts";
import { textCleanup } from "./text-cleanup.ts";
import { ticketRouting } from "./ticket-routing.ts";
import { uptimeCheck } from "./uptime-check.ts";

/** Ready-made blueprints, by name: checked, deployed and run by tests; start from one and change it. */
export const library: Readonly<Record<string, BlueprintInput>> = {
  "lead-scoring": leadScoring,
  "ticket-routing": ticketRouting,
  "uptime-check": uptimeCheck,
  "github-triage": githubTriage,
  "invoice-approval": invoiceApproval,
  "daily-digest": dailyDigest,
  "form-intake": formIntake,
  "stripe-alert": stripeAlert,
  "currency-watch": currencyWatch,
  "text-cleanup": textCleanup,
  "restock-alert": restockAlert,
  "private-notes": privateNotes,
};
