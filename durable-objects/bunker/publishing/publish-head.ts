// Publishes the head of this bunker's activity on relays that its owner names, at most once a day and only when there is a new entry. Off
// unless asked for: whoever knows the bunker's address can then see how many entries there are, day by day.

import type { NostrEvent } from "../../../src/protocol/event.ts";
import { relayProblem, sameRelay } from "../../../src/protocol/relay-url.ts";
import { ok, refuse, type Result } from "../../../src/result.ts";
import type { HistoryMark } from "../../../src/signer/history.ts";
import type { PublishingView } from "../../publishing-rpc.ts";
import type { Job } from "../alarm-clock.ts";
import type { Asker } from "../asker.ts";
import type { BunkerContext } from "../context.ts";
import type { Dial } from "../relay-links/port.ts";
import { isOwnRelay } from "../relay-set.ts";
import { sendEvent } from "./send-event.ts";

const DAY_MS = 86_400_000;
/** After a try that no relay took. */
const AGAIN_AFTER_MS = 3_600_000;
const MAX_RELAYS = 5;

/** Null when the instance knows a newer history. */
export type SignForRelays = (mark: HistoryMark) => Promise<NostrEvent | null>;

export function readPublishing(context: BunkerContext): Result<PublishingView> {
  const { store } = context;
  const { triedAt, problem, outcomes, published } = store.publishing.state();
  const next = nextDue(context);
  return ok({
    relays: store.publishing.read()?.relays ?? [],
    lastTry: triedAt === 0 ? null : { at: iso(triedAt), problem, relays: outcomes },
    lastPublished: published,
    nextAt: next === undefined ? null : iso(Math.max(next, Date.now())),
  });
}

export function setPublishing(context: BunkerContext, asker: Asker, asked: readonly string[]): Result<PublishingView> {
  const { store } = context;
  for (const [index, relay] of asked.entries()) {
    const problem = isOwnRelay(context, relay)
      ? "expected another relay than the bunker's own, which keeps nothing"
      : relayProblem(relay, { allowInsecure: context.allowInsecureRelays });
    if (problem !== undefined) return refuse("invalid", `relays[${index}]: ${problem}`);
  }
  const relays = asked.filter((relay, index) => asked.findIndex((other) => sameRelay(other, relay)) === index);
  if (relays.length > MAX_RELAYS) return refuse("invalid", `relays: expected at most ${MAX_RELAYS} relays`);
  const before = store.publishing.read()?.relays ?? [];
  if (relays.join("\n") === before.join("\n")) return readPublishing(context);
  const added = relays.filter((relay) => !before.some((other) => sameRelay(other, relay)));
  // Told to more people than before: that is as good as loosening.
  if (added.length > 0) {
    const allowed = asker.can("settings:loosen");
    if (!allowed.ok) return allowed;
    if (store.bunker.read().fourEyes)
      return refuse("conflict", "four eyes are on, and one person alone must not loosen this: switch them off first");
  }
  const now = Date.now();
  store.transaction(() => {
    if (relays.length === 0) store.publishing.remove();
    else store.publishing.set({ relays, setAt: now, setBy: asker.label });
    // A relay that was just named is told at once.
    if (added.length > 0) store.publishing.note({ ...store.publishing.state(), triedAt: 0, outcomes: [], problem: null });
    store.activity.append(
      {
        actor: asker.label,
        method: "activity.publishing",
        connection: null,
        effect: added.length > 0 ? "allow" : "deny",
        rules: [],
        explanation:
          relays.length === 0
            ? "The head of the activity is published no more."
            : `The head of the activity is published daily on ${relays.join(", ")}.`,
        facts: { relays: relays.length },
      },
      now,
    );
  });
  if (relays.length > 0) context.alarm.armBy(now);
  return readPublishing(context);
}

/** A new entry may be the first one that is not published yet. Inside the transaction that writes it. */
export function wakeForPublishing(context: BunkerContext): void {
  if (!context.store.publishing.isOn()) return;
  const next = nextDue(context);
  if (next !== undefined) context.alarm.armBy(Math.max(next, Date.now()));
}

export function publishingJob(context: BunkerContext, sign: SignForRelays, dial: Dial): Job {
  return {
    name: "publishing",
    async run(now) {
      const due = nextDue(context);
      if (due === undefined || due > now) return;
      const { store, history } = context;
      const { relays } = store.publishing.read() ?? { relays: [] };
      const { published } = store.publishing.state();
      // Before anything is asked: whatever ends us in it is not tried again at once.
      store.publishing.note({ triedAt: now, problem: null, outcomes: [], published });
      const { problem } = await history.compare();
      const mark = history.mark();
      const event = problem === undefined ? await sign(mark) : null;
      if (event === null) {
        const why = `the instance remembers another history: ${problem?.sentence ?? "a newer one"}`;
        store.publishing.note({ triedAt: now, problem: why, outcomes: [], published });
        return;
      }
      const outcomes = await Promise.all(relays.map((relay) => sendEvent(dial, relay, event)));
      const { epoch, seq, head } = mark;
      const taken = { at: iso(event.created_at * 1000), epoch, seq, head, eventId: event.id, pubkey: event.pubkey };
      store.publishing.note({
        triedAt: now,
        problem: null,
        outcomes,
        published: outcomes.some((outcome) => outcome.ok) ? taken : published,
      });
    },
    nextDue: () => nextDue(context),
  };
}

/** Undefined while it is off and while the newest entry is published: nothing wakes the object then. */
function nextDue({ store }: BunkerContext): number | undefined {
  if (!store.publishing.isOn() || store.deletion.exists()) return undefined;
  const { triedAt, outcomes, published } = store.publishing.state();
  if (triedAt === 0) return 0;
  if (published?.head === store.activity.last().hash) return undefined;
  return triedAt + (outcomes.some((outcome) => outcome.ok) ? DAY_MS : AGAIN_AFTER_MS);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
