// `/b/<id>/activity`: looking through entries, one entry, and all of them as a file.

import { Hono, type Context } from "hono";
import type { ActivityCursor, ActivityFilter } from "../../../../durable-objects/insight-rpc.ts";
import { OUTCOMES } from "../../../signer/outcome.ts";
import { ActivityPage, EntriesBlock, type TypedFilters } from "../../../views/bunker/activity.tsx";
import { EntryPage } from "../../../views/bunker/entry.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { activityLines, filteredLines, NDJSON } from "../../activity-lines.ts";
import { bunkerOf } from "../../context.ts";
import { readCookie, writeCookie } from "../../cookies.ts";
import { valueOf } from "../../errors.ts";
import { bunkerFrame } from "../../frame.ts";
import { liveBlocksOf } from "../live-blocks.ts";
import { dayBegin } from "./day.ts";
import { idOf } from "./id.ts";
import { typedKind } from "./typed-kind.ts";

const MAX_TEXT = 200;

export const activity = new Hono<PersonEnv>();

activity.get("/", async (c) => {
  const { person, publicUrl, preferences } = c.var.visit;
  const stub = bunkerOf(c.env, idOf(c));
  const typed = typedFilters(c);
  const filter = filterOf(typed, preferences.zone ?? "UTC");
  const rows = c.req.query("rows");
  if (rows === "compact" || rows === "roomy") writeCookie(c, publicUrl, "rows", rows);
  const isCompact = (rows ?? readCookie(c, publicUrl, "rows")) === "compact";
  if (liveBlocksOf(c, ["entries"]) !== undefined) {
    const entries = valueOf(await stub.searchActivity(person, filter, {}));
    return c.html(<EntriesBlock bunkerId={idOf(c)} entries={entries} typed={typed} filter={filter} isCompact={isCompact} />);
  }
  const frame = await bunkerFrame(c, idOf(c), "activity");
  const [entries, apps, chain] = await Promise.all([
    stub.searchActivity(person, filter, cursorOf(c)),
    stub.listConnections(person),
    stub.checkChain(person),
  ]);
  const page = {
    frame,
    entries: valueOf(entries),
    apps: valueOf(apps).items,
    typed,
    filter,
    chain: chain.ok ? chain.value : null,
    isCompact,
  };
  return c.html(<ActivityPage {...page} />);
});

activity.get("/export", async (c) => {
  const { person, preferences } = c.var.visit;
  const bunker = bunkerOf(c.env, idOf(c));
  const typed = typedFilters(c);
  const filter = filterOf(typed, preferences.zone ?? "UTC");
  const isFiltered = Object.keys(filter).length > 0;
  const set = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ""));
  const lines = isFiltered ? await filteredLines(bunker, person, filter, set) : await activityLines(bunker, person);
  return c.body(lines, 200, {
    "Content-Type": NDJSON,
    "Content-Disposition": `attachment; filename="countersign-activity-${idOf(c).slice(0, 8)}${isFiltered ? "-filtered" : ""}.ndjson"`,
  });
});

activity.get("/:seq{[0-9]+}", async (c) => {
  const [frame, detail] = await Promise.all([
    bunkerFrame(c, idOf(c), "activity"),
    bunkerOf(c.env, idOf(c)).readActivity(c.var.visit.person, Number(c.req.param("seq"))),
  ]);
  return c.html(<EntryPage frame={frame} detail={valueOf(detail)} now={Date.now()} />);
});

function typedFilters(c: Context<PersonEnv>): TypedFilters {
  const query = (name: string) => (c.req.query(name) ?? "").trim().slice(0, MAX_TEXT);
  return {
    app: query("app"),
    kind: query("kind"),
    outcome: query("outcome"),
    text: query("text"),
    from: query("from"),
    to: query("to"),
  };
}

/** What cannot be read is left out, as if it had not been typed. */
function filterOf({ app, kind, outcome, text, from, to }: TypedFilters, zone: string): ActivityFilter {
  const known = OUTCOMES.find((each) => each === outcome);
  const number = typedKind(kind);
  const [start, end] = [dayBegin(from, zone), dayBegin(to, zone, 1)];
  return {
    ...(app !== "" && { app }),
    ...(number !== undefined && { kind: number }),
    ...(known !== undefined && { outcome: known }),
    ...(text !== "" && { text }),
    ...(start !== undefined && { from: start }),
    ...(end !== undefined && { to: end }),
  };
}

function cursorOf(c: Context<PersonEnv>): ActivityCursor {
  const [before, after] = [c.req.query("before"), c.req.query("after")];
  if (before !== undefined && /^[0-9]{1,15}$/.test(before)) return { before: Number(before) };
  return after !== undefined && /^[0-9]{1,15}$/.test(after) ? { after: Number(after) } : {};
}
