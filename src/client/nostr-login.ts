// Signing the login of this page with an extension of the browser (NIP-07), and sending it by the form that takes pasted ones.

interface SignedEvent {
  readonly sig: string;
}

/** What extensions put into pages. */
const page: Window & { nostr?: { signEvent(event: object): Promise<SignedEvent> } } = window;

/** Extensions put themselves into a page a moment after it has loaded. */
const LOOK_EVERY_MS = 200;
const LOOK_FOR_MS = 5_000;

const block = document.querySelector<HTMLElement>("[data-nostr-login]");
const button = block?.querySelector("button");
const said = block?.querySelector('[role="status"]');
const field = document.querySelector("textarea");

async function sign(): Promise<void> {
  if (!said || field === null || page.nostr === undefined) return;
  said.textContent = "Waiting for your extension…";
  try {
    const event = await page.nostr.signEvent(JSON.parse(block?.dataset["nostrLogin"] ?? "{}") as object);
    field.value = JSON.stringify(event);
    field.form?.submit();
  } catch {
    said.textContent = "Nothing was signed. Try again when you are ready.";
  }
}

function look(until: number): void {
  if (page.nostr !== undefined && block) block.hidden = false;
  else if (Date.now() < until) setTimeout(() => look(until), LOOK_EVERY_MS);
}

let isRunning = false;
button?.addEventListener("click", () => {
  if (isRunning) return;
  isRunning = true;
  void sign().finally(() => (isRunning = false));
});
look(Date.now() + LOOK_FOR_MS);
