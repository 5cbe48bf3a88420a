// Drafts asked about recorded requests: what they would have decided, and how busy their rules would have been. Nothing changes.

import { parsePolicy, type Policy } from "../../src/policy/document.ts";
import { dryRun } from "../../src/policy/dry-run.ts";
import { peaksOf } from "../../src/policy/peaks.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { DryRunRequest, DryRunView, PolicyPeaksView } from "../bunker-rpc.ts";
import type { BunkerContext } from "./context.ts";
import { readRecorded } from "./recorded-requests.ts";

const DAY_MS = 86_400_000;
const DRY_RUN_DEFAULT_MS = 7 * DAY_MS; // a week shows the rhythm of weekdays
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
    changed: changed.map(({ request, draft, loosened }) => ({
      seq: request.seq,
      at: new Date(request.at).toISOString(),
      connection: request.connection,
      app: nameOf(request.connection),
      method: request.question.method,
      kind: request.question.method === "sign_event" ? request.question.event.kind : null,
      loosened,
      before: { effect: request.effect, rules: request.rules, explanation: request.explanation },
      draft,
    })),
  });
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
