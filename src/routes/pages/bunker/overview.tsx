// `/b/<id>`: the overview. Its blocks are asked for side by side, and each may fail alone.

import { Hono, type Context } from "hono";
import { logError } from "../../../log.ts";
import type { Result } from "../../../result.ts";
import { isSpan, spanStart, type Span } from "../../../views/charts/bins.ts";
import {
  OVERVIEW_BLOCKS,
  OverviewBlocks,
  OverviewPage,
  type Loaded,
  type OverviewBlock,
  type OverviewData,
} from "../../../views/bunker/overview.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { bunkerFrame } from "../../frame.ts";
import { liveBlocksOf } from "../live-blocks.ts";
import { idOf } from "./id.ts";
import { doneSentence } from "../done.ts";

const RECENT = 5;

/** What has just happened, by the word in the address. */
const DONE: Readonly<Record<string, string>> = {
  created: "Your bunker is ready.",
  restored: "It is restored, and locked. Look through apps, policies and team, then unlock it and resume its apps.",
  locked: "It is locked: no app can sign. Only an owner can unlock.",
  unlocked: "It is unlocked: its apps can sign again.",
};

export const overview = new Hono<PersonEnv>();

overview.get("/", async (c) => {
  const blocks = liveBlocksOf(c, OVERVIEW_BLOCKS);
  const frame = await bunkerFrame(c, idOf(c), "overview");
  const asked = c.req.query("span");
  const span = isSpan(asked) ? asked : "day";
  const now = Date.now();
  const page = { frame, ...(await load(c, blocks ?? OVERVIEW_BLOCKS, span, now)), span, now };
  if (blocks !== undefined) return c.html(<OverviewBlocks blocks={blocks} page={page} />);
  return c.html(<OverviewPage {...page} done={doneSentence(c, DONE)} />);
});

/** Only what the blocks need: the others stay null. */
async function load(
  c: Context<PersonEnv>,
  blocks: readonly OverviewBlock[],
  span: Span,
  now: number,
): Promise<Pick<OverviewData, OverviewBlock>> {
  const { person } = c.var.visit;
  const stub = bunkerOf(c.env, idOf(c));
  const needs = (...any: OverviewBlock[]) => any.some((block) => blocks.includes(block));
  const [described, attention, counts, limits, entries] = await Promise.all([
    needs("requests", "relays", "identity") ? read(() => stub.describe(person)) : null,
    needs("attention") ? read(() => stub.attention(person)) : null,
    needs("requests") ? read(() => stub.requestCounts(person, spanStart(span, now))) : null,
    needs("limits") ? read(() => stub.listBudgets(person)) : null,
    needs("recent") ? read(() => stub.searchActivity(person, {}, {})) : null,
  ]);
  return {
    identity: described?.npub ?? null,
    requests: counts === null || described === null ? null : { counts, apps: described.counts.connections },
    relays: described?.relays ?? null,
    recent: entries?.items.slice(0, RECENT) ?? null,
    attention,
    limits,
  };
}

/** Null where it could not be had: its block says so, and the others stay. */
async function read<Value>(ask: () => Promise<Result<Value>>): Promise<Loaded<Value>> {
  try {
    const answer = await ask();
    return answer.ok ? answer.value : null;
  } catch (error) {
    logError("page", { where: "overview", error });
    return null;
  }
}
