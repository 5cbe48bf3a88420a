// Drafts asked about recorded requests: what they would have decided, and how busy their rules would have been. Nothing changes.

import { parsePolicy, type Policy } from "../../src/policy/document.ts";
import { dryRun, type ReplayedRequest } from "../../src/policy/dry-run.ts";
import { peaksOf } from "../../src/policy/peaks.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { DryRunCell, DryRunRequest, DryRunRow, DryRunView, PolicyPeaksView, TriedPolicy } from "../bunker-rpc.ts";
import type { Asker } from "./asker.ts";
import { presentRecorded } from "./comparison.ts";
import type { BunkerContext } from "./context.ts";
import { readRecorded } from "./recorded-requests.ts";

const DAY_MS = 86_400_000;
const DRY_RUN_DEFAULT_MS = 7 * DAY_MS; // a week shows the rhythm of weekdays
export const TRIED_PAGE = 20; // each is drawn as whoever is asked would see it
const PEAKS_MS = 30 * DAY_MS; // as long as requests are kept

/** Asks a draft about recorded requests: those of the apps that are bound to its name, or of all apps while none is. */
export function dryRunPolicy(context: BunkerContext, input: DryRunRequest): Result<DryRunView> {
  const parsed = parseDraft(input.policy);
  if (!parsed.ok) return parsed;
  const to = input.to ?? Date.now();
  const { requests, truncated } = readRecorded(context.store, input.from ?? to - DRY_RUN_DEFAULT_MS, to, parsed.value.name);
  const names = new Map<string, string | null>();
  const nameOf = (id: string) => names.get(id) ?? names.set(id, context.store.connections.byId(id)?.name ?? null).get(id) ?? null;
  const { counts, table, changed } = dryRun(parsed.value, requests, settingOf(context));
  return ok({
    counts,
    table,
    requests: requests.length,
    truncated,
    changed: changed.map((one) => rowOf(one, nameOf(one.request.connection))),
  });
}

/** The same as people leaf through it: one page of one cell, each request as it would have been shown to whoever is asked. */
export function tryPolicy(
  context: BunkerContext,
  { principal }: Asker,
  { policy, cell, skip }: { policy: unknown; cell: DryRunCell | null; skip: number },
): Result<TriedPolicy> {
  const parsed = parseDraft(policy);
  if (!parsed.ok) return parsed;
  const { store } = context;
  const to = Date.now();
  const { requests, truncated } = readRecorded(store, to - DRY_RUN_DEFAULT_MS, to, parsed.value.name);
  const { table, changed, replayed } = dryRun(parsed.value, requests, settingOf(context));
  const loosened = changed.filter((one) => one.loosened);
  const listed =
    cell === null ? changed : replayed.filter(({ request, draft }) => request.effect === cell.before && draft.effect === cell.draft);
  const skipped = Math.max(0, Math.min(skip, listed.length - 1));
  const items = listed.slice(skipped, skipped + TRIED_PAGE).map((one) => {
    const row = rowOf(one, store.connections.byId(one.request.connection)?.name ?? null);
    const entry = store.activity.read(one.request.seq)?.entry;
    // What apps wrote is for the team.
    const isForUs = entry !== undefined && principal.kind === "person";
    return { ...row, presentation: isForUs ? presentRecorded(store, entry, one.request.question, row.app ?? undefined) : null };
  });
  return ok({
    table,
    requests: requests.length,
    truncated,
    changed: changed.length,
    loosened: loosened.length,
    unasked: loosened.filter(({ draft }) => draft.effect === "allow").length,
    cell,
    skipped,
    total: listed.length,
    items,
  });
}

function rowOf({ request, draft, loosened }: ReplayedRequest, app: string | null): DryRunRow {
  const { seq, at, connection, question, effect, rules, explanation } = request;
  return {
    seq,
    at: new Date(at).toISOString(),
    connection,
    app,
    method: question.method,
    kind: question.method === "sign_event" ? question.event.kind : null,
    loosened,
    before: { effect, rules, explanation },
    draft,
  };
}

export function policyPeaks(context: BunkerContext, draft: unknown): Result<PolicyPeaksView> {
  const parsed = parseDraft(draft);
  if (!parsed.ok) return parsed;
  const now = Date.now();
  const { requests, truncated } = readRecorded(context.store, now - PEAKS_MS, now, parsed.value.name);
  const first = requests[0];
  return ok({
    peaks: peaksOf(parsed.value, requests, settingOf(context)),
    requests: requests.length,
    since: first === undefined ? null : new Date(first.at).toISOString(),
    truncated,
  });
}

function parseDraft(document: unknown): Result<Policy> {
  const parsed = parsePolicy(document);
  if (parsed.ok) return ok(parsed.policy);
  return refuse("invalid", parsed.problems.map(({ path, message }) => `policy${path === "" ? "" : `.${path}`}: ${message}`).join("; "));
}

function settingOf(context: BunkerContext) {
  return { user: context.store.bunker.read().userPubkey, ownHosts: context.ownHosts() };
}
