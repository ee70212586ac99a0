import type { WireError } from "#blueprints/error";
import type { View } from "./layout.tsx";

/** The same page for an expired, a used and an unknown link: it tells a guesser nothing. */
export function gone(error: WireError): View {
  return notice(
    "This link does not work any more",
    error,
    <>
      <p>Links like this work once and for a short time. It was used already, or has expired.</p>
      <p>If you have just saved something with it, all is well: close this page.</p>
      <p class="soft">Otherwise ask your agent for a new link.</p>
    </>,
  );
}

/** The same for the links that a new member or account starts with. */
export function invitationGone(error: WireError): View {
  return notice(
    "This link does not work any more",
    error,
    <>
      <p>It shows a token or key once. It was used already, was taken back, or has expired.</p>
      <p>
        You opened it before? Then what it showed is where you put it. It cannot be shown again.
      </p>
      <p class="soft">
        You do not have it, or somebody else opened the link? Ask whoever sent you the link for a
        new one, and say so: their agent ends the old token and invites you again.
      </p>
    </>,
  );
}

/** Anything else that went wrong before there was a page to say it on. */
export function failed(error: WireError): View {
  return notice(error.message, error, <p class="soft">{error.fix}</p>);
}

function notice(title: string, error: WireError, text: View["body"]): View {
  return {
    title,
    json: { error },
    body: (
      <>
        <svg
          class="mark plain"
          viewBox="0 0 44 44"
          fill="none"
          stroke="currentColor"
          stroke-linecap="round"
          aria-hidden="true"
        >
          <circle cx="22" cy="22" r="20" stroke-width="2.5" />
          <path d="M22 12.5v12" stroke-width="3" />
          <path d="M22 31h.01" stroke-width="4" />
        </svg>
        <h1>{title}</h1>
        {text}
      </>
    ),
  };
}
