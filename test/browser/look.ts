// Looks at a page as different readers see it: on a phone with a thumb and on a desk with a mouse, in light and dark. What is wrong is
// listed: accessibility (axe), small targets, scrolling sideways, errors in the console, what the pages' policy blocked, and requests to
// anybody else. With PICTURES=1 each look is kept under test/.artifacts.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { CDPSession, Page } from "playwright-core";
import type { AxeResults, RunOptions } from "axe-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ARTIFACTS = join(import.meta.dirname, "../.artifacts");
const KEEPS_PICTURES = process.env["PICTURES"] !== undefined;

export const PHONE = { width: 390, height: 844 } as const;
export const DESK = { width: 1280, height: 800 } as const;
/** The narrowest width that WCAG 2.2 (1.4.10, reflow) asks for: 1280 px at a zoom of 400 %. */
const NARROWEST = { width: 320, height: 640 } as const;

const THEMES = ["light", "dark"] as const;
type Theme = (typeof THEMES)[number];
/** CSS pixels: with a thumb, and WCAG 2.2 (2.5.8) otherwise. */
const THUMB_TARGET = 44;
const MOUSE_TARGET = 24;

/** What a page said and fetched since it was watched. */
export interface Watch {
  findings(): string[];
}

/** To be called before the page goes anywhere. `origin` is the only one that it may talk to. */
export function watch(page: Page, origin: string): Watch {
  const found: string[] = [];
  const isOurs = (url: string) => url.startsWith("data:") || url === "about:blank" || new URL(url).host === new URL(origin).host;
  const pages = new Set<string>();
  page.on("response", (response) => {
    if (response.request().isNavigationRequest()) pages.add(response.url());
  });
  page.on("console", (message) => {
    // Chromium counts the page itself as a failed resource when its status is 422: a form that is to be put right.
    if (message.text().startsWith("Failed to load resource") && pages.has(message.location().url)) return;
    // Chromium reports blocked resources and styles as errors here, so this hears violations of the policy too.
    if (message.type() === "error" || message.type() === "warning") found.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => found.push(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    if (!isOurs(request.url())) found.push(`request to another host: ${request.url()}`);
  });
  page.on("websocket", (socket) => {
    if (!isOurs(socket.url())) found.push(`socket to another host: ${socket.url()}`);
  });
  return { findings: () => found.splice(0) };
}

/**
 * Everything that is wrong with the page as it stands, over both widths and, unless told otherwise, both themes. "each once": dark on the
 * phone and light on the desk, for one of many states of a page. Leaves it at the desk's width, in light.
 */
export async function look(page: Page, name: string, themes: readonly Theme[] | "each once" = THEMES): Promise<string[]> {
  const found: string[] = [];
  const before = page.viewportSize() ?? DESK;
  const session = await page.context().newCDPSession(page);
  await page.evaluate(AXE);
  for (const [device, size] of [
    ["phone", PHONE],
    ["desk", DESK],
  ] as const) {
    await page.setViewportSize(size);
    await setTouch(session, page, device === "phone");
    // Before any picture: taking one of a long page resets what was emulated.
    found.push(...(await smallTargets(page, device === "phone" ? THUMB_TARGET : MOUSE_TARGET)).map((one) => `${name}, ${device}: ${one}`));
    for (const theme of themes === "each once" ? ([device === "phone" ? "dark" : "light"] as const) : themes) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await settle(page);
      const where = `${name}, ${device}, ${theme}`;
      found.push(...(await axeFindings(page)).map((finding) => `${where}: ${finding}`));
      if (KEEPS_PICTURES) await keepPicture(page, `${name}-${size.width}-${theme}`);
    }
  }
  await page.setViewportSize(NARROWEST);
  const width = await page.evaluate(() => document.scrollingElement?.scrollWidth ?? 0);
  if (width > NARROWEST.width) found.push(`${name}: ${width} px wide in a window of ${NARROWEST.width}: ${await widest(page)}`);
  await setTouch(session, page, false);
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: "light" });
  await session.detach();
  return found;
}

async function setTouch(session: CDPSession, page: Page, enabled: boolean): Promise<void> {
  await session.send("Emulation.setTouchEmulationEnabled", { enabled });
  await page.waitForFunction((enabled) => matchMedia("(pointer: coarse)").matches === enabled, enabled);
}

/** Two frames: a change of size or theme is painted then. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() => new Promise<void>((resolve) => void requestAnimationFrame(() => void requestAnimationFrame(() => resolve()))));
}

async function axeFindings(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
    return axe.run({ resultTypes: ["violations"], preload: false });
  });
  return violations.map(({ id, help, nodes }) => `axe ${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
}

/** Links inside a sentence are exempt, as in WCAG; a box that is ticked by pressing its label is as large as the label. */
async function smallTargets(page: Page, least: number): Promise<string[]> {
  return page.evaluate((least) => {
    const small: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, summary")) {
      const target = element instanceof HTMLInputElement ? (element.closest("label") ?? element) : element;
      const { width, height } = target.getBoundingClientRect();
      const isShown = element.checkVisibility({ visibilityProperty: true }) && width > 0 && height > 0 && element.closest(".skip") === null;
      const isInSentence = getComputedStyle(element).display === "inline";
      // Half a pixel of rounding is nobody's miss.
      if (isShown && !isInSentence && (width < least - 0.5 || height < least - 0.5)) {
        small.push(`target of ${Math.round(width)} × ${Math.round(height)} px: ${element.outerHTML.slice(0, 120)}`);
      }
    }
    return small;
  }, least);
}

async function widest(page: Page): Promise<string> {
  return page.evaluate(() => {
    const all = [...document.body.querySelectorAll("*")].filter((one) => one.closest("pre, .tabs") === null);
    const widest = all.toSorted((a, b) => b.getBoundingClientRect().right - a.getBoundingClientRect().right)[0];
    return widest?.outerHTML.slice(0, 160) ?? "";
  });
}

export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true });
}
