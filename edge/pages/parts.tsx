import type { Child, FC } from "hono/jsx";
import type { Problem } from "./ticket-page.ts";

/** Rows of a term and what it is; a row without a value is left out. */
export const Facts: FC<{ rows: readonly (readonly [string, Child | undefined])[] }> = ({
  rows,
}) => (
  <dl class="facts">
    {rows
      .filter(([, value]) => value !== undefined && value !== "")
      .map(([term, value]) => (
        <div>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

/** Announced by screen readers; fields refer to it by `id`. */
export const ProblemNote: FC<{ id: string; problem: Problem | undefined }> = ({ id, problem }) =>
  problem ? (
    <p class="problem" id={id} role="alert">
      <strong>{problem.message}</strong> {problem.fix}
    </p>
  ) : null;

/** Where a person proves who they are. */
export const CredentialField: FC<{ label: string; hint: string; problem: Problem | undefined }> = ({
  label,
  hint,
  problem,
}) => (
  <>
    <label for="credential">{label}</label>
    <input
      id="credential"
      name="credential"
      type="password"
      autocomplete="current-password"
      required
      aria-invalid={problem ? "true" : undefined}
      aria-describedby={problem ? "problem" : undefined}
    />
    <p class="hint">{hint}</p>
  </>
);

/** A text to take along; the button shows where `copyScript` runs (`View.script`). */
export const Copyable: FC<{ id: string; what: string; text: string }> = ({ id, what, text }) => (
  <div class="copyable">
    <code class="copy" id={id}>
      {text}
    </code>
    <button type="button" class="plain" data-copies={id} aria-live="polite" hidden>
      Copy {what}
    </button>
  </div>
);

/** `59 minutes`, `3 hours`, `2 days`: rounded down, so that it never promises too much. */
export function timeLeft(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}
