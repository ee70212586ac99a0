import type { View } from "./layout.tsx";

/** It worked, and this is what comes next. */
export function done(result: {
  title: string;
  text: string;
  next: string;
  json: Record<string, unknown>;
}): View {
  const { title, text, next, json } = result;
  return {
    title,
    json,
    body: (
      <>
        <svg class="mark" viewBox="0 0 44 44" fill="none" stroke="currentColor" aria-hidden="true">
          <circle cx="22" cy="22" r="20" stroke-width="2.5" />
          <path
            d="m13.5 22.5 6 6 11.5-12"
            stroke-width="3"
            stroke-linecap="round"
            stroke-linejoin="round"
          />
        </svg>
        <h1>{title}</h1>
        <p>{text}</p>
        <p class="soft">{next}</p>
      </>
    ),
  };
}
