// Buttons that copy: they say so for two seconds, to eye and ear.

const SAID_FOR_MS = 2_000;

export function enlivenCopying(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => void copy(button));
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const said = await navigator.clipboard.writeText(button.dataset["copy"] ?? "").then(
    () => "Copied",
    () => "Not copied: select the text instead",
  );
  const words = button.dataset["words"] ?? button.textContent ?? "";
  button.dataset["words"] = words;
  button.textContent = said;
  announce(said);
  setTimeout(() => (button.textContent = words), SAID_FOR_MS);
}

/** The one polite live region of the page. */
export function announce(words: string): void {
  const region = document.querySelector("[data-live-state]");
  if (region !== null) region.textContent = words;
}
