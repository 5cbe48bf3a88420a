// Reading the activity: a page as JSON, or everything as lines, fetched page by page while it is sent.

import { accepts } from "hono/accepts";
import type { ActivityEntry } from "../../signer/activity.ts";
import type { Principal } from "../../people/principal.ts";
import { bunkerOf, type BunkerStub } from "../context.ts";
import { valueOf } from "../errors.ts";
import { checkpointRoute, DEFAULT_LIMIT, listActivityRoute, MAX_LIMIT, verifyActivityRoute } from "./contract/activity.ts";
import { guarded, newApp } from "./new-app.ts";

const NDJSON = "application/x-ndjson";

export const activity = newApp()
  .openapi(guarded(listActivityRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { after = "0", limit } = c.req.valid("query");
    const bunker = bunkerOf(c.env, bunkerId);
    const { principal } = c.var;
    const wanted = accepts(c, { header: "Accept", supports: ["application/json", NDJSON], default: "application/json" });
    if (wanted !== NDJSON) return c.json(valueOf(await bunker.listActivity(principal, Number(after), Number(limit ?? DEFAULT_LIMIT))), 200);
    const pages = activityPages(bunker, principal, Number(after), limit === undefined ? Infinity : Number(limit));
    // The first page is read before the answer begins: a refusal still has its status.
    const first = await pages.next();
    return new Response(lines(first.value ?? [], pages), { headers: { "Content-Type": NDJSON } }) as never;
  })
  .openapi(guarded(verifyActivityRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).verifyActivity(c.var.principal)), 200);
  })
  .openapi(guarded(checkpointRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).signCheckpoint(c.var.principal)), 200);
  });

async function* activityPages(
  bunker: BunkerStub,
  principal: Principal,
  after: number,
  limit: number,
): AsyncGenerator<readonly ActivityEntry[], undefined> {
  let left = limit;
  for (let last = after; left > 0;) {
    const { items } = valueOf(await bunker.listActivity(principal, last, Math.min(left, MAX_LIMIT)));
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
