// The activity as lines of JSON, fetched page by page while it is sent.

import type { ActivityEntry } from "../signer/activity.ts";
import type { Principal } from "../people/principal.ts";
import type { BunkerStub } from "./context.ts";
import { valueOf } from "./errors.ts";

export const NDJSON = "application/x-ndjson";
const PAGE = 500;

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
  return lines(first.value ?? [], pages);
}

async function* activityPages(
  bunker: BunkerStub,
  principal: Principal,
  after: number,
  limit: number,
  epoch: number | undefined,
): AsyncGenerator<readonly ActivityEntry[], undefined> {
  let left = limit;
  for (let last = after; left > 0;) {
    const { items } = valueOf(await bunker.listActivity(principal, last, Math.min(left, PAGE), epoch));
    if (items.length === 0) return;
    yield items;
    last = items.at(-1)?.seq ?? last;
    left -= items.length;
  }
}

function lines(first: readonly ActivityEntry[], rest: AsyncGenerator<readonly ActivityEntry[], undefined>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const spelled = (entries: readonly ActivityEntry[]) => encoder.encode(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  let pending: readonly ActivityEntry[] | undefined = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const entries = pending ?? (await rest.next()).value;
      pending = undefined;
      if (entries === undefined || entries.length === 0) controller.close();
      else controller.enqueue(spelled(entries));
    },
    async cancel() {
      await rest.return(undefined);
    },
  });
}
