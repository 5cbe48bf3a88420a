// Who hears that a bunker was restored: every owner, and every member, who is invited anew. A mark says that they have not been told yet,
// so that whatever is cut off, the alarm does it again; each mail has a name of its own and is written once.

import type { Job } from "./alarm-clock.ts";
import type { BunkerContext } from "./context.ts";
import { ownersOf } from "./four-eyes.ts";
import type { BunkerStore } from "./store.ts";

const UNTOLD = "restored-untold";
/** After an account that could not be reached; for an hour, then whoever is left finds out by signing in. */
const AGAIN_AFTER_MS = 60_000;
const TRIED_FOR_MS = 3_600_000;

export interface RestoredNews {
  readonly name: string;
  readonly epoch: number;
  readonly byLabel: string;
  /** Milliseconds, both. */
  readonly at: number;
  readonly madeAt: number;
  readonly publicUrl: string;
}

/** Within the transaction that restores. */
export function noteUntold({ marks }: BunkerStore): void {
  marks.set(UNTOLD, 1);
}

export function tellRestoredJob(context: BunkerContext): Job {
  const { store } = context;
  let notBefore = 0;
  return {
    name: "restored",
    async run(now) {
      if (store.marks.get(UNTOLD) === 0 || now < notBefore) return;
      notBefore = now + AGAIN_AFTER_MS;
      const since = store.bunker.read().restoredAt ?? 0;
      const isDone = (await tellEverybody(context)) || !context.mailSetup().ok || now - since > TRIED_FOR_MS;
      if (isDone) store.marks.set(UNTOLD, 0);
    },
    nextDue: (now) => (store.marks.get(UNTOLD) === 0 ? undefined : Math.max(now, notBefore)),
  };
}

async function tellEverybody(context: BunkerContext): Promise<boolean> {
  const { store, people, bunkerId } = context;
  const owners = await people.instanceOwners();
  if (owners === undefined) return false;
  const news = newsOf(context);
  const { publicUrl } = news;
  const told = await tellOwners(context, ownersOf(context, owners), news);
  const occasion = `${bunkerId}-${news.epoch}`;
  const invited = await Promise.all(
    store.members.list().map(({ accountId, role }) => {
      return people.invite(accountId, { role, bunkerId, bunkerName: news.name, inviterLabel: news.byLabel, publicUrl, occasion });
    }),
  );
  return told && invited.every(Boolean);
}

/** As its first entry says. */
function newsOf({ store, publicUrl }: BunkerContext): RestoredNews {
  const [entry] = store.activity.list(0, 1);
  const { name, restoredAt } = store.bunker.read();
  const { backupMadeAt, by } = entry?.facts ?? {};
  return {
    name,
    epoch: store.keys.epoch(),
    byLabel: String(by),
    at: restoredAt ?? 0,
    madeAt: Date.parse(String(backupMadeAt)),
    publicUrl: publicUrl(),
  };
}

export function tellOwners(
  { people, bunkerId }: Pick<BunkerContext, "people" | "bunkerId">,
  owners: readonly { readonly accountId: string }[],
  { name, epoch, byLabel, at, madeAt, publicUrl }: RestoredNews,
): Promise<boolean> {
  if (owners.length === 0) return Promise.resolve(true);
  const accounts = owners.map(({ accountId }) => accountId);
  const notice = { kind: "restored", id: `${bunkerId}-${epoch}`, bunkerId, bunkerName: name, byLabel, at, effectiveAt: madeAt } as const;
  return people.tellOwners(accounts, { ...notice, publicUrl });
}
