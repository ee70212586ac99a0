/** A person who opens the link of a connection, says who they are and signs in at the server. */
export async function signInForLink(page: string, credential: string): Promise<string> {
  const { origin } = new URL(page);
  const began = await fetch(page, {
    method: "POST",
    headers: { Accept: "text/html", Origin: origin, "Sec-Fetch-Site": "same-origin" },
    body: new URLSearchParams({ credential }),
    redirect: "manual",
  });
  const away = /url=(.*)$/.exec(began.headers.get("refresh") ?? "")?.[1];
  if (!away)
    throw new Error(`The page did not lead on: ${began.status} ${words(await began.text())}`);
  const cookie = began.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
  const signedIn = await fetch(away, { redirect: "manual" });
  const back = signedIn.headers.get("location");
  if (!back) throw new Error(`The sign-in did not lead back: ${signedIn.status}`);
  const ended = await fetch(back, { headers: { Accept: "text/html", Cookie: cookie } });
  const html = words(await ended.text());
  if (!ended.ok) throw new Error(`The sign-in failed: ${html}`);
  return html;
}

/** A person who opens the link of a secret and types it in. */
export async function enterSecret(page: string, value: string): Promise<void> {
  const { origin } = new URL(page);
  const entered = await fetch(page, {
    method: "POST",
    headers: { Accept: "text/html", Origin: origin, "Sec-Fetch-Site": "same-origin" },
    body: new URLSearchParams({ value }),
  });
  if (!entered.ok) throw new Error(`The secret was refused: ${words(await entered.text())}`);
}

function words(html: string): string {
  return html
    .replaceAll(/<style[\s\S]*?<\/style>|<[^>]+>/g, " ")
    .replaceAll(/\s+/g, " ")
    .slice(0, 800);
}
