// `/b/<id>`: the overview. Its blocks are asked for side by side, and each may fail alone.

import { Hono } from "hono";
import { logError } from "../../../log.ts";
import type { Result } from "../../../result.ts";
import { OverviewPage, type Loaded } from "../../../views/bunker/overview.tsx";
import { isSpan, spanStart } from "../../../views/charts/bins.ts";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { bunkerFrame } from "../../frame.ts";
import { idOf } from "./id.ts";

const RECENT = 5;

/** What has just happened, by the word in the address. */
const DONE: Readonly<Record<string, string>> = {
  created: "Your bunker is ready.",
  locked: "It is locked: no app can sign. Only an owner can unlock.",
  unlocked: "It is unlocked: its apps can sign again.",
};

export const overview = new Hono<PersonEnv>();

overview.get("/", async (c) => {
  const { person } = c.var.visit;
  const stub = bunkerOf(c.env, idOf(c));
  const asked = c.req.query("span");
  const span = isSpan(asked) ? asked : "day";
  const now = Date.now();
  const frame = await bunkerFrame(c, idOf(c), "overview");
  const [described, attention, hours, budgets, entries] = await Promise.all([
    load(() => stub.describe(person)),
    load(() => stub.attention(person)),
    load(() => stub.activityHours(person, spanStart(span, now))),
    load(() => stub.listBudgets(person)),
    load(() => stub.searchActivity(person, {}, {})),
  ]);
  const page = {
    frame,
    npub: described?.npub ?? null,
    apps: described?.counts.connections ?? null,
    relays: described?.relays ?? null,
    hours,
    attention,
    budgets,
    recent: entries?.items.slice(0, RECENT) ?? null,
    medianMs: null,
    span,
    now,
  };
  return c.html(<OverviewPage {...page} done={DONE[c.req.query("done") ?? ""]} />);
});

/** Null where it could not be had: its block says so, and the others stay. */
async function load<Value>(ask: () => Promise<Result<Value>>): Promise<Loaded<Value>> {
  try {
    const answer = await ask();
    return answer.ok ? answer.value : null;
  } catch (error) {
    logError("page", { where: "overview", error });
    return null;
  }
}
