// What the pages about keys share in the browser: asking the server as this page, saying what goes on, and forgetting secrets.

const token = () => document.querySelector('meta[name="form-token"]')?.getAttribute("content") ?? "";

/** A refusal of ours, with its words. */
export class RefusedError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Sends JSON as this page may, and answers the server's JSON. */
export async function post<Answer>(path: string, body: unknown): Promise<Answer> {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Form-Token": token(), Accept: "application/json" },
    body: JSON.stringify(body),
    cache: "no-store",
  });
  const said = (await answer.json()) as { error?: { code: string; message: string } };
  if (!answer.ok) throw new RefusedError(said.error?.code ?? "", said.error?.message ?? "");
  return said as Answer;
}

/** The sentence for whatever went wrong; `otherwise` where nobody has words for it. */
export function sentenceOf(error: unknown, otherwise: string): string {
  if (!(error instanceof RefusedError) || error.message === "") return otherwise;
  return `${error.message[0]?.toUpperCase()}${error.message.slice(1)}.`;
}

/** The element of that id; the page and its script belong together, so a missing one is a fault of ours. */
export function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`expected the element ${id}`);
  return found;
}

export function show(id: string, isShown: boolean): void {
  element(id, HTMLElement).hidden = !isShown;
}

/** Empties these fields when the page is left: browsers keep pages for the way back. */
export function forgetOnLeaving(...fields: readonly (HTMLInputElement | HTMLTextAreaElement)[]): void {
  addEventListener("pagehide", () => fields.forEach((field) => (field.value = "")));
}

/** Runs one at a time: a second press while the first is at work does nothing. */
export function onPress(button: HTMLButtonElement, act: () => Promise<void>): void {
  let isRunning = false;
  button.addEventListener("click", () => {
    if (isRunning) return;
    isRunning = true;
    button.setAttribute("aria-busy", "true");
    void act().finally(() => {
      isRunning = false;
      button.removeAttribute("aria-busy");
    });
  });
}

/** "Working… 40 %", at most a few times a second. */
export function progressIn(status: HTMLElement, what: string): (done: number) => void {
  let said = -1;
  return (done) => {
    const tenth = Math.floor(done * 10);
    if (tenth === said) return;
    said = tenth;
    status.textContent = `${what}… ${tenth * 10} %`;
  };
}
