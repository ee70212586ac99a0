/**
 * Keeps the page of a run up to date while it goes on: the event stream says that something
 * happened, and then the page is asked for again and what is new in it takes the place of the old.
 * So there is one way to draw a run, the server's. At most once a second, and not while nobody looks;
 * what is open, focused or scrolled stays so. At first the graph shows where the run is. Without it the page shows how things stood.
 */
export const runScript = `
const page = document.getElementById("run");
const pauseMs = 1000;
const againMs = 1500;
let busy = false;
let stale = false;

function merge(old, now) {
  if (old.isEqualNode(now)) return;
  if (now.getAttribute("role") === "status") {
    old.className = now.className;
    old.textContent = now.textContent;
    return;
  }
  const kids = [...now.children];
  if (kids.length === 0 || !kids.every((kid) => kid.id)) {
    old.replaceWith(now);
    return;
  }
  for (const name of old.getAttributeNames()) {
    if (!now.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of now.attributes) old.setAttribute(name, value);
  const known = new Map([...old.children].map((kid) => [kid.id, kid]));
  const wanted = new Set(kids.map((kid) => kid.id));
  for (const [id, kid] of known) if (!wanted.has(id)) kid.remove();
  let at = old.firstElementChild;
  for (const kid of kids) {
    const same = known.get(kid.id);
    if (same && same === at) at = at.nextElementSibling;
    else old.insertBefore(same ?? kid, at);
    if (same) merge(same, kid);
  }
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const now = fresh.getElementById("run");
  if (!now) return false;
  for (const one of page.querySelectorAll("details[id]")) {
    fresh.getElementById(one.id)?.toggleAttribute("open", one.open);
  }
  const focused = document.activeElement?.closest("[id]")?.id;
  document.title = fresh.title;
  merge(page, now);
  if (focused && document.activeElement === document.body) {
    const place = document.getElementById(focused);
    (place?.querySelector("summary") ?? place)?.focus({ preventScroll: true });
  }
  return true;
}

async function refresh() {
  if (busy || document.hidden) {
    stale = true;
    return;
  }
  busy = true;
  stale = false;
  let isShown = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if ([401, 403, 404].includes(answer.status)) return location.reload();
    isShown = answer.ok && show(await answer.text());
  } catch {}
  setTimeout(() => {
    busy = false;
    if (stale || !isShown) void refresh();
  }, isShown ? pauseMs : againMs);
}

function follow(url) {
  const stream = new EventSource(url);
  stream.addEventListener("changed", () => void refresh());
  stream.addEventListener("result", () => {
    stream.close();
    void refresh();
  });
  stream.addEventListener("error", () => {
    // The browser comes back by itself, unless it was told no.
    if (stream.readyState !== EventSource.CLOSED || !page.dataset.events) return;
    void refresh();
    setTimeout(() => page.dataset.events && follow(page.dataset.events), againMs);
  });
}

const graph = document.getElementById("graph-view");
const here = graph?.querySelector(".waiting, .uncertain, .running")?.getBoundingClientRect();
if (here) {
  const frame = graph.getBoundingClientRect();
  graph.scrollLeft += here.left + here.width / 2 - frame.left - frame.width / 2;
}
document.addEventListener("visibilitychange", () => {
  if (stale) void refresh();
});
follow(page.dataset.events);
`;
