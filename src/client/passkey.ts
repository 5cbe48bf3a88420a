// Passkeys in the browser: signing in, adding one, and confirming with one. The browser turns WebAuthn's JSON forms into its own and back.

interface Ceremony {
  readonly options: string;
  readonly answer: string;
  readonly create: boolean;
}

const CEREMONIES: Readonly<Record<string, Ceremony>> = {
  "sign-in": { options: "/sign-in/passkey/options", answer: "/sign-in/passkey", create: false },
  register: { options: "/account/passkeys/options", answer: "/account/passkeys", create: true },
  "step-up": { options: "/account/step-up/options", answer: "/account/step-up", create: false },
};

const token = document.querySelector('meta[name="form-token"]')?.getAttribute("content") ?? "";

class RefusedError extends Error {}

async function post(path: string, body: unknown) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Form-Token": token, Accept: "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new RefusedError(said.error?.message ?? "");
  return said;
}

async function perform({ options, answer, create }: Ceremony) {
  const asked = await post(options, {});
  const credential = create
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
  if (!(credential instanceof PublicKeyCredential)) throw new TypeError("expected a passkey's answer");
  return post(answer, credential.toJSON());
}

function sentenceFor(error: unknown): string {
  if (error instanceof RefusedError && error.message !== "") return `${error.message[0]?.toUpperCase()}${error.message.slice(1)}.`;
  if (error instanceof DOMException && error.name === "InvalidStateError") return "This device has a passkey for this account already.";
  if (error instanceof DOMException) return "No passkey was used. Nothing was changed; try again when you are ready.";
  return "This did not work. Nothing was changed; reload the page and try again.";
}

function enliven(block: HTMLElement): void {
  const ceremony = CEREMONIES[block.dataset["passkey"] ?? ""];
  const button = block.querySelector("button");
  const status = block.querySelector('[role="status"]');
  if (ceremony === undefined || button === null || status === null) return;
  let isRunning = false;
  button.addEventListener("click", () => {
    if (isRunning) return;
    isRunning = true;
    void run(ceremony, status, block.dataset["next"]).finally(() => (isRunning = false));
  });
  block.hidden = false;
}

/** Goes on to the form that waits on the page, to where the page says, or to where the answer does. */
async function run(ceremony: Ceremony, status: Element, wanted: string | undefined): Promise<void> {
  status.textContent = "Waiting for your passkey…";
  try {
    const { next } = await perform(ceremony);
    const held = document.querySelector<HTMLFormElement>("form[data-held]");
    if (held === null) location.assign(wanted ?? next);
    else held.submit();
  } catch (error) {
    status.textContent = sentenceFor(error);
  }
}

const isSupported = typeof PublicKeyCredential === "function" && "parseCreationOptionsFromJSON" in PublicKeyCredential;
if (isSupported) {
  for (const element of document.querySelectorAll("[data-passkey-missing]")) element.remove();
  for (const block of document.querySelectorAll("[data-passkey]")) if (block instanceof HTMLElement) enliven(block);
}
