// The policy editor while somebody types: the server writes the same page as without a script, and what has changed of it is put in place.
// The side that was typed in last wins; what is typed meanwhile is never overwritten by an older answer.

type Side = "fields" | "json";

const PAUSE_MS = 350; // of typing, before the other side follows
const form = document.querySelector<HTMLFormElement>("form[data-policy-editor]");

if (form !== null) {
  form.classList.add("enlivened");
  form.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLElement) typed(form, target.id === "json" ? "json" : "fields");
  });
  form.addEventListener("change", ({ target }) => {
    // What is chosen decides which fields there are, and what the past month is compared with.
    const isChoice =
      target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && ["radio", "checkbox"].includes(target.type));
    // A condition is chosen to be added by the button beside it.
    if (isChoice && !target.name.endsWith(".add")) void renew(form);
  });
  form.addEventListener("submit", (event) => {
    const { submitter } = event;
    // The review is a page of its own, and what the server refuses is one too.
    if (isPlain || !(submitter instanceof HTMLButtonElement) || submitter.value === "review") return;
    event.preventDefault();
    void press(form, submitter);
  });
}

let pause = 0;
/** True once the browser itself is to send the form. */
let isPlain = false;
/** Counts what was typed and pressed: an answer to anything but the newest is old. */
let newest = 0;

function typed(form: HTMLFormElement, side: Side): void {
  set(form, "side", side);
  newest += 1;
  clearTimeout(pause);
  pause = setTimeout(() => void follow(form, side), PAUSE_MS);
}

async function follow(form: HTMLFormElement, side: Side): Promise<void> {
  const asked = newest;
  const page = await ask(form, "live");
  if (page === undefined || asked !== newest) return;
  if (side === "json") replaceFields(form, page);
  else takeJson(form, page);
  refresh(form, page);
}

/** The left side anew, with the focus where it was. */
async function renew(form: HTMLFormElement): Promise<void> {
  newest += 1;
  clearTimeout(pause);
  const asked = newest;
  const page = await ask(form, "show");
  if (page === undefined || asked !== newest) return;
  const focused = document.activeElement;
  const isHere = focused instanceof HTMLInputElement || focused instanceof HTMLSelectElement;
  const [name, value] = isHere ? [focused.name, focused.value] : ["", ""];
  replaceFields(form, page);
  takeJson(form, page);
  refresh(form, page);
  for (const field of form.querySelectorAll<HTMLInputElement>(`[name="${CSS.escape(name)}"]`)) {
    if (isHere && (field.value === value || !["radio", "checkbox"].includes(field.type))) field.focus({ preventScroll: true });
  }
}

async function press(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  if (button.value === "view-fields" || button.value === "view-json") return turn(form, button.value === "view-json" ? "json" : "fields");
  newest += 1;
  clearTimeout(pause);
  const asked = newest;
  const page = await ask(form, button.value);
  if (page === undefined) {
    isPlain = true;
    return form.requestSubmit(button);
  }
  if (asked !== newest) return;
  replaceFields(form, page);
  takeJson(form, page);
  refresh(form, page);
  replacePart(form, page, "dry-run");
  // Where the browser itself would have gone.
  const goal = button.hasAttribute("formaction") ? new URL(button.formAction).hash.slice(1) : "";
  const focus = page.querySelector<HTMLElement>("[autofocus]")?.id ?? goal;
  goTo(focus);
}

async function ask(form: HTMLFormElement, action: string): Promise<Document | undefined> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  body.set("do", action);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return undefined;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("form[data-policy-editor]") === null ? undefined : page;
  } catch {
    return undefined;
  }
}

/** The whole left side; what was open stays open. */
function replaceFields(form: HTMLFormElement, page: Document): void {
  const open = [...form.querySelectorAll<HTMLDetailsElement>("details[id][open]")].map(({ id }) => id);
  replacePart(form, page, "fields");
  for (const id of open) {
    const details = document.getElementById(id);
    if (details instanceof HTMLDetailsElement) details.open = true;
  }
}

function replacePart(form: HTMLFormElement, page: Document, name: string): void {
  const [here, there] = [form, page].map((root) => root.querySelector(`[data-part="${name}"]`));
  if (here && there) here.replaceWith(document.importNode(there, true));
}

/** What the page says about what was typed: sentences, remarks, errors, people, marked texts. */
function refresh(form: HTMLFormElement, page: Document): void {
  for (const there of page.querySelectorAll<HTMLElement>("[data-live]")) {
    const here = form.querySelector<HTMLElement>(`[data-live="${CSS.escape(there.dataset["live"] ?? "")}"]`);
    if (here === null) continue;
    here.hidden = there.hidden;
    if (here.innerHTML !== there.innerHTML) here.replaceChildren(...[...there.childNodes].map((node) => document.importNode(node, true)));
  }
  for (const there of page.querySelectorAll("[id]:is(input, select, textarea)")) {
    const here = document.getElementById(there.id);
    if (there.getAttribute("aria-invalid") === "true") here?.setAttribute("aria-invalid", "true");
    else here?.removeAttribute("aria-invalid");
  }
  for (const part of ["fields-was", "json-was"]) replacePart(form, page, part);
}

function takeJson(form: HTMLFormElement, page: Document): void {
  const [here, there] = [form, page].map((root) => root.querySelector<HTMLTextAreaElement>("#json"));
  if (here && there && here.value !== there.value) here.value = there.value;
  set(form, "side", "");
}

function turn(form: HTMLFormElement, side: Side): void {
  form.classList.toggle("shows-json", side === "json");
  form.classList.toggle("shows-fields", side === "fields");
  set(form, "view", side);
  for (const tab of form.querySelectorAll<HTMLButtonElement>(".side-tab")) {
    tab.setAttribute("aria-pressed", String(tab.value === `view-${side}`));
  }
}

function goTo(id: string): void {
  const target = id === "" ? null : document.getElementById(id);
  if (target === null) return;
  for (let around = target.closest("details"); around !== null; around = around.parentElement?.closest("details") ?? null)
    around.open = true;
  target.scrollIntoView({ block: "nearest" });
  target.focus({ preventScroll: true });
}

function set(form: HTMLFormElement, name: string, value: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}
