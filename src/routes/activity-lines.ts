// The activity as lines of JSON, fetched page by page while it is sent: all of it, which can be checked as a chain, or what fits filters.

import type { ActivityFilter } from "../../durable-objects/insight-rpc.ts";
import type { ActivityEntry } from "../signer/activity.ts";
import type { Principal } from "../people/principal.ts";
import type { BunkerStub } from "./context.ts";
import { valueOf } from "./errors.ts";

export const NDJSON = "application/x-ndjson";
const PAGE = 500;

type Entries = readonly ActivityEntry[];

/** The first page is read before the answer begins: a refusal still has its status. Later failures break the answer off. */
export async function activityLines(
  bunker: BunkerStub,
  principal: Principal,
  after = 0,
  limit = Infinity,
  epoch?: number,
): Promise<ReadableStream<Uint8Array>> {
  const pages = activityPages(bunker, principal, after, limit, epoch);
  const first = await pages.next();
  return lines(spelled(first.value ?? []), pages);
}

/** The first line says what was left out, for whoever meets the file without the page: gaps in it are no broken chain. */
export async function filteredLines(
  bunker: BunkerStub,
  principal: Principal,
  filter: ActivityFilter,
  typed: Readonly<Record<string, string>>,
): Promise<ReadableStream<Uint8Array>> {
  const pages = filteredPages(bunker, principal, filter);
  const first = await pages.next();
  const note = {
    filtered: typed,
    note: "Only the entries that fit these filters. It cannot be checked as a chain; an export of everything can.",
  };
  return lines(`${JSON.stringify(note)}\n${spelled(first.value ?? [])}`, pages);
}

async function* activityPages(
  bunker: BunkerStub,
  principal: Principal,
  after: number,
  limit: number,
  epoch: number | undefined,
): AsyncGenerator<Entries, undefined> {
  let left = limit;
  for (let last = after; left > 0;) {
    const { items } = valueOf(await bunker.listActivity(principal, last, Math.min(left, PAGE), epoch));
    if (items.length === 0) return;
    yield items;
    last = items.at(-1)?.seq ?? last;
    left -= items.length;
  }
}

async function* filteredPages(bunker: BunkerStub, principal: Principal, filter: ActivityFilter): AsyncGenerator<Entries, undefined> {
  for (let after: number | null = 0; after !== null;) {
    const { items, next }: { items: Entries; next: number | null } = valueOf(await bunker.exportActivity(principal, filter, after));
    yield items;
    after = next;
  }
}

function spelled(entries: Entries): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

function lines(first: string, rest: AsyncGenerator<Entries, undefined>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let pending: string | undefined = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      // A stretch without a match is no line, and a stream wants some bytes from every pull.
      while (pending === "") {
        const { value } = await rest.next();
        pending = value === undefined ? undefined : spelled(value);
      }
      if (pending === undefined) return controller.close();
      controller.enqueue(encoder.encode(pending));
      pending = "";
    },
    async cancel() {
      await rest.return(undefined);
    },
  });
}
