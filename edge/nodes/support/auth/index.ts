import { http } from "./http.ts";
import { msg91 } from "./msg91.ts";
import { resend } from "./resend.ts";
import { ses } from "./ses.ts";
import { twilio } from "./twilio.ts";

/** The providers of `auth_gate`, by the value of `provider`. */
export const authProviders = { resend, ses, twilio, msg91, http } as const;
