// Changing the settings of a bunker: whoever edits may tighten; what loosens is for owners, and for two of them where four eyes is on.

import { ok, type Result } from "../../src/result.ts";
import { STRENGTHS } from "../../src/signer/approval.ts";
import type { BunkerSettings, ChangedSettings } from "../bunker-rpc.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";
import { actView, confirmable, holdAct, isFourEyes, settleConfirmed, tellOwners } from "./four-eyes.ts";
import type { PendingAct } from "./pending-acts.ts";

/** What tightens holds at once, whatever becomes of the rest. */
export async function changeSettings(
  context: BunkerContext,
  asker: Asker,
  change: Partial<BunkerSettings>,
): Promise<Result<ChangedSettings>> {
  const { store } = context;
  let held: PendingAct | undefined;
  const changed = store.transaction((): Result<BunkerSettings> => {
    const before = store.bunker.read().settings;
    const { tighter, looser } = partsOf(before, change);
    if (Object.keys(looser).length > 0) {
      const allowed = asker.can("settings:loosen");
      if (!allowed.ok) return allowed;
      if (!isFourEyes(context)) return ok(applied(context, asker.label, { ...tighter, ...looser }));
      const act = holdAct(context, asker, { kind: "settings.loosen", input: looser, what: `The settings change: ${inWords(looser)}` });
      if (!act.ok) return act;
      held = act.value;
    }
    return ok(applied(context, asker.label, tighter));
  });
  if (!changed.ok) return changed;
  if (held !== undefined) await tellOwners(context, held, await context.people.instanceOwners());
  return ok({ ...changed.value, act: held === undefined ? null : actView(held) });
}

/** A second owner has agreed to the same change. What is so by now, or was tightened since beyond what was asked for, is no conflict. */
export function confirmSettings(
  context: BunkerContext,
  confirmer: Asker,
  { id }: PendingAct,
  input: Partial<BunkerSettings>,
  owners: readonly InstanceOwner[],
): Result<null> {
  return context.store.transaction((): Result<null> => {
    const act = confirmable(context, confirmer, id, owners);
    if (!act.ok) return act;
    settleConfirmed(context, confirmer, act.value);
    applied(context, act.value.askedBy, input);
    return ok(null);
  });
}

/** Writes what differs, and says so in the activity; in the caller's transaction. */
function applied({ store }: BunkerContext, actor: string, change: Partial<BunkerSettings>): BunkerSettings {
  const before = store.bunker.read().settings;
  const { tighter, looser } = partsOf(before, change);
  const differing = { ...tighter, ...looser };
  if (Object.keys(differing).length === 0) return before;
  const after = { ...before, ...differing };
  store.bunker.setSettings(after);
  const effect = Object.keys(looser).length > 0 ? "allow" : "deny";
  const explanation = `The settings were changed: ${inWords(differing)}`;
  store.activity.append({ actor, method: "bunker.settings", connection: null, effect, rules: [], explanation, facts: {} }, Date.now());
  return after;
}

/** What differs from now, taken apart by whether some request or mail could come by with less than before. */
function partsOf(before: BunkerSettings, change: Partial<BunkerSettings>) {
  const differing = Object.entries(change).filter(([name, value]) => before[name as keyof BunkerSettings] !== value);
  const loosens = ([name, value]: [string, unknown]) => isLooser(before, { ...before, [name]: value });
  return {
    tighter: Object.fromEntries(differing.filter((each) => !loosens(each))) as Partial<BunkerSettings>,
    looser: Object.fromEntries(differing.filter(loosens)) as Partial<BunkerSettings>,
  };
}

function isLooser(before: BunkerSettings, after: BunkerSettings): boolean {
  const isWeaker = STRENGTHS.indexOf(after.votes) < STRENGTHS.indexOf(before.votes);
  const counts = ["suspendAfterDenials", "suspendAfterUsedUpLimits"] as const;
  const isSlower = counts.some((wire) => (after[wire] ?? Infinity) > (before[wire] ?? Infinity));
  const isBlind = before.suspendOnNewKind && !after.suspendOnNewKind;
  const isOpened = after.readsOldMessages && !before.readsOldMessages;
  return isWeaker || isSlower || isBlind || isOpened || (before.mailShows === "kind" && after.mailShows === "text");
}

/** One sentence, without its beginning. */
function inWords({
  votes,
  mailShows,
  readsOldMessages,
  suspendAfterDenials,
  suspendOnNewKind,
  suspendAfterUsedUpLimits,
}: Partial<BunkerSettings>): string {
  const wires = (count: number | null, what: string) =>
    count === null ? `no app is suspended for ${what}` : `an app is suspended by itself after ${count} ${what}`;
  const clauses = [
    votes && VOTES[votes],
    mailShows && MAILS[mailShows],
    readsOldMessages !== undefined &&
      (readsOldMessages ? "whoever votes on an old private message may read it" : "nobody who votes on an old private message may read it"),
    suspendAfterDenials !== undefined && wires(suspendAfterDenials, "refusals in a minute"),
    suspendAfterUsedUpLimits !== undefined && wires(suspendAfterUsedUpLimits, "used-up limits in a day"),
    suspendOnNewKind !== undefined &&
      (suspendOnNewKind ? "an app is suspended by itself for a kind it never used" : "no app is suspended for a kind it never used"),
  ];
  return `${clauses.filter((clause) => typeof clause === "string").join("; ")}.`;
}

const VOTES: Readonly<Record<BunkerSettings["votes"], string>> = {
  link: "whoever reads the mail votes",
  "signed-in": "people must be signed in to vote",
  passkey: "people vote with a passkey",
};
const MAILS: Readonly<Record<BunkerSettings["mailShows"], string>> = {
  text: "mails quote what is to be signed",
  kind: "mails say kind and app alone",
};
