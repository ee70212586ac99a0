/**
 * The script of pages with something to copy, let in by its hash. A page
 * is complete without it: the buttons are hidden until it runs. Where the browser keeps the
 * clipboard shut (plain HTTP, a refused permission), it selects the text instead.
 */
export const copyScript = `
for (const button of document.querySelectorAll("button[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Selected: press Ctrl+C or \\u2318C";
    }
  });
}
`;
