// Finds every form of the console by following its links, and gives each of them wrong input: what was typed stays, the summary has the
// focus, and each of its links leads to the field that it is about.

import type { Page } from "playwright-core";

/** A form in which something can be typed. */
export interface FoundForm {
  /** Where it is sent to, ids left out: what names it. */
  readonly action: string;
  /** A page that shows it. */
  readonly path: string;
  /** Names of what can be typed. */
  readonly fields: readonly string[];
}

/** `/b/<id>/apps/<id>`: pages of one kind are one page. */
function pattern(path: string): string {
  return path
    .replace(/[?#].*$/, "")
    .replaceAll(/\/[0-9a-f]{16,}(?=\/|$)/g, "/:id")
    .replaceAll(/\/activity\/[0-9]+/g, "/activity/:seq");
}

/** From these pages on, over every link that leads on inside; forms that search are no forms that can be wrong. */
export async function findForms(page: Page, from: readonly string[]): Promise<FoundForm[]> {
  const seen = new Set<string>();
  const found = new Map<string, FoundForm>();
  const waiting = [...from];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(pattern(path))) continue;
    seen.add(pattern(path));
    const { forms, links } = await formsAndLinks(page, path);
    for (const { action, fields } of forms) {
      if (fields.length > 0 && !found.has(pattern(action))) found.set(pattern(action), { action: pattern(action), path, fields });
    }
    waiting.push(...links);
  }
  return [...found.values()];
}

async function formsAndLinks(page: Page, path: string): Promise<{ forms: { action: string; fields: string[] }[]; links: string[] }> {
  return page.evaluate(async (path) => {
    const answer = await fetch(path, { headers: { Accept: "text/html" } });
    if (!answer.headers.get("content-type")?.startsWith("text/html")) return { forms: [], links: [] };
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const here = new URL(answer.url);
    const inside = (address: string | null) => (address === null ? null : new URL(address, here));
    const typed = 'input:not([type="hidden"], [type="radio"], [type="checkbox"], [type="submit"]), textarea:not([readonly])';
    return {
      forms: [...parsed.querySelectorAll('form[method="post"]')].map((form) => ({
        action: inside(form.getAttribute("action") ?? "")?.pathname ?? "",
        fields: [...form.querySelectorAll<HTMLInputElement>(typed)].map(({ name }) => name).filter((name) => name !== ""),
      })),
      links: [...parsed.querySelectorAll("a[href]")]
        .map((link) => inside(link.getAttribute("href")))
        .flatMap((url) => (url !== null && url.origin === here.origin ? [url.pathname + url.search] : [])),
    };
  }, path);
}

/** Wrong values by field, and boxes to tick with them; others stay as they are. */
export type WrongInput = Readonly<Record<string, string | true>>;

/** What is not as it should be after a form was sent with it. */
export async function sendWrong(page: Page, origin: string, { action, path }: FoundForm, wrong: WrongInput): Promise<string[]> {
  const found: string[] = [];
  await page.goto(`${origin}${path}`);
  const index = await page.locator('form[method="post"]').evaluateAll((forms, action) => {
    return forms.findIndex((form) => {
      const pathname = new URL(form.getAttribute("action") ?? "", location.href).pathname;
      return pathname.replaceAll(/\/[0-9a-f]{16,}(?=\/|$)/g, "/:id") === action;
    });
  }, action);
  const form = page.locator('form[method="post"]').nth(index);
  for (const [name, input] of Object.entries(wrong)) {
    const field = form.locator(`[name="${name}"]`).first();
    await (input === true ? field.check() : field.fill(input));
  }
  // The browser's own checks would be in the way: whoever has none of them meets ours.
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST"),
    page.waitForEvent("load"),
    form.evaluate((element: HTMLFormElement) => {
      element.noValidate = true;
      element.requestSubmit();
    }),
  ]);
  if (answer.status() !== 422) return [`${action}: answered ${answer.status()}, not 422`];
  if (!(await page.title()).startsWith("Error: ")) found.push(`${action}: the title is ${await page.title()}`);
  const summary = page.getByRole("alert").first();
  if ((await summary.count()) === 0) return [...found, `${action}: there is no summary`];
  const focused = page.waitForFunction(() => document.activeElement?.getAttribute("role") === "alert", undefined, { timeout: 3000 });
  await focused.catch(() => found.push(`${action}: the summary has no focus`));
  const links = await summary.getByRole("link").all();
  if (links.length === 0) found.push(`${action}: the summary leads nowhere`);
  for (const link of links) {
    const id = (await link.getAttribute("href"))?.slice(1) ?? "";
    await link.click();
    const isThere = await page.evaluate((id) => {
      const target = document.getElementById(id);
      return target !== null && (target === document.activeElement || target.contains(document.activeElement));
    }, id);
    if (!isThere) found.push(`${action}: the summary's link to ${id} does not reach it`);
  }
  for (const [name, input] of Object.entries(wrong)) {
    const field = page.locator(`form [name="${name}"]`).first();
    const kept = (await field.count()) === 0 ? undefined : input === true ? await field.isChecked() : await field.inputValue();
    if (kept !== input) found.push(`${action}: ${name} was ${input} and is ${kept ?? "gone"}`);
  }
  return found;
}
