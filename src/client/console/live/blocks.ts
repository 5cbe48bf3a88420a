// Blocks of a page that are read again: `data-live-on` names what concerns them, `data-live-from` the address that has them afresh, their
// id says which part of the answer is theirs; those with one address are asked for together. A list (`data-live-list`) never moves by itself: what is new waits behind a button above it.

import { LIVE_BLOCKS, type LiveTopic } from "../../../live.ts";
import { announce } from "../copying.ts";

export interface Change {
  /** Blocks of other bunkers stay as they are. */
  readonly bunkerId: string;
  readonly topics: readonly LiveTopic[] | "missed";
}

/** Called for whatever was put into the page. */
export type Enliven = (root: ParentNode) => void;

const BLOCK = "[data-live-on]";
const KEY = "data-live-key";

/** Reads what is concerned again. Throws when the page has no right to it any more, or nobody answers. */
export async function refresh({ bunkerId, topics }: Change, enliven: Enliven): Promise<void> {
  const concerned = [...document.querySelectorAll<HTMLElement>(BLOCK)].filter(({ dataset }) => {
    const isHere = (dataset["liveBunker"] ?? bunkerId) === bunkerId;
    const on = (dataset["liveOn"] ?? "").split(" ");
    return isHere && (topics === "missed" || topics.some((topic) => on.includes(topic)));
  });
  const byAddress = Map.groupBy(concerned, ({ dataset }) => dataset["liveFrom"] ?? location.href);
  await Promise.all(
    [...byAddress].map(async ([address, blocks]) => {
      const fresh = await read(address, blocks);
      for (const block of blocks) {
        const next = fresh.getElementById(block.id);
        if (next !== null && block.isConnected) apply(block, next, enliven);
      }
    }),
  );
}

async function read(address: string, blocks: readonly HTMLElement[]): Promise<Document> {
  const url = new URL(address, location.href);
  url.searchParams.set(LIVE_BLOCKS, blocks.map(({ id }) => id).join(" "));
  const answer = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin", redirect: "error" });
  if (!answer.ok) throw new Error(`expected the block, got status ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function apply(block: HTMLElement, next: HTMLElement, enliven: Enliven): void {
  if (block.dataset["liveList"] === undefined) swap(block, next, enliven);
  else offer(block, next, enliven);
}

/** What the server said last: the page's own copy has its times in other words. */
const said = new WeakMap<Element, string>();

function swap(block: HTMLElement, next: HTMLElement, enliven: Enliven): void {
  const html = next.outerHTML;
  if (said.get(block) === html) return;
  const focus = focusIn(block);
  const counterpart = focus === undefined ? undefined : next.querySelector<HTMLElement>(focus);
  // Nobody loses their place: while what has the focus is not in the new block, the old one stays.
  if (focus !== undefined && !(counterpart instanceof HTMLElement)) return;
  const open = [...block.querySelectorAll("details")].map((details) => details.open);
  for (const [index, details] of next.querySelectorAll("details").entries()) details.open = open[index] ?? details.open;
  block.replaceWith(next);
  said.set(next, html);
  enliven(next);
  counterpart?.focus({ preventScroll: true });
}

/** A selector for what has the focus inside; undefined when nothing has, never to be found when it cannot be named. */
function focusIn(block: Element): string | undefined {
  const focused = document.activeElement;
  if (focused === null || !block.contains(focused)) return undefined;
  if (focused.id !== "") return `#${CSS.escape(focused.id)}`;
  const href = focused.getAttribute("href");
  if (href !== null) return `a[href="${CSS.escape(href)}"]`;
  return focused.localName === "summary" ? "summary" : ":not(*)";
}

/** The newest that the server said of each list, for when its button is pressed. */
const offered = new WeakMap<Element, HTMLElement>();

function offer(list: HTMLElement, next: HTMLElement, enliven: Enliven): void {
  const here = keyed(list);
  const there = keyed(next);
  for (const [key, row] of there) refreshRow(here.get(key), row, enliven);
  const news = [...there.keys()].filter((key) => !here.has(key)).length;
  const isShorter = list.dataset["liveList"] === "whole" && [...here.keys()].some((key) => !there.has(key));
  const button = buttonAbove(list, enliven);
  const before = Number(button.dataset["news"] ?? 0);
  button.hidden = news === 0 && !isShorter;
  button.dataset["news"] = String(news);
  button.textContent = news > 0 ? `${news} new` : isShorter ? "This list has changed: show it" : "";
  offered.set(list, next);
  if (news > before) announce(`${news} new ${nounFor(list, news)}`);
}

// What became of a row is told where it stands; its place and its neighbours stay.
function refreshRow(row: HTMLElement | undefined, next: HTMLElement, enliven: Enliven): void {
  // One that went into a card with others meanwhile has another shape, and stays as it is until the list is shown anew.
  if (row === undefined || row.className !== next.className || row.contains(document.activeElement)) return;
  const html = next.innerHTML;
  if (said.get(row) === html) return;
  const copy = next.cloneNode(true) as HTMLElement;
  row.replaceChildren(...copy.childNodes);
  said.set(row, html);
  enliven(row);
}

function buttonAbove(list: HTMLElement, enliven: Enliven): HTMLButtonElement {
  const known = list.previousElementSibling?.querySelector<HTMLButtonElement>(":scope > button[data-live-show]");
  if (known instanceof HTMLButtonElement) return known;
  const holder = document.createElement("div");
  holder.className = "pill-new";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.dataset["liveShow"] = "";
  button.hidden = true;
  button.addEventListener("click", () => show(list.id, button, enliven));
  holder.append(button);
  list.before(holder);
  return button;
}

function show(listId: string, button: HTMLButtonElement, enliven: Enliven): void {
  const list = document.getElementById(listId);
  const next = list === null ? undefined : offered.get(list);
  if (list === null || next === undefined) return;
  const before = keyed(list);
  button.hidden = true;
  button.dataset["news"] = "0";
  list.replaceWith(next);
  enliven(next);
  const first = [...keyed(next)].find(([key]) => !before.has(key))?.[1];
  first?.querySelector<HTMLElement>("a[href], button")?.focus({ preventScroll: true });
}

function keyed(list: HTMLElement): Map<string, HTMLElement> {
  const rows = [...list.querySelectorAll<HTMLElement>(`[${KEY}]`)];
  return new Map(rows.map((row) => [row.getAttribute(KEY) ?? "", row]));
}

/** `data-live-noun="entry entries"` */
function nounFor(list: HTMLElement, count: number): string {
  const [one = "", many = one] = (list.dataset["liveNoun"] ?? "").split(" ");
  return count === 1 ? one : many;
}
