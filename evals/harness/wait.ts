/** Waits until the condition holds, at most `seconds`; the caller checks the outcome afterwards. */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  seconds = 15,
): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    if (await condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}
