// The life of a nomination: begun by the setup token, told to every bunker, cancelled by any owner, or carried out after three days.

import { logError, logInfo } from "../../src/log.ts";
import type { EmailAddress } from "../../src/notify/email-address.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { AlarmClock, Job } from "../bunker/alarm-clock.ts";
import type { BunkerUpkeep } from "../bunker-rpc.ts";
import type { BunkerIndex } from "./bunker-index.ts";
import type { InstanceTable } from "./instance-row.ts";
import type { Nomination, Nominations } from "./nominations.ts";
import type { Owners } from "./owners.ts";

/** Calls in flight at once, as with the lock. */
const BATCH = 20;
const TRY_AGAIN_MS = 60_000;

export interface NominatingParts {
  readonly table: InstanceTable;
  readonly index: BunkerIndex;
  readonly owners: Owners;
  readonly nominations: Nominations;
  readonly alarm: AlarmClock;
  bunker(id: string): BunkerUpkeep;
}

export function nominate(parts: NominatingParts, email: EmailAddress): Result<Nomination> {
  const { table, nominations, alarm } = parts;
  if (table.read().claimedAt === null) return refuse("conflict", "nobody has claimed this instance yet: claim it instead");
  if (nominations.last()?.state === "waiting") return refuse("conflict", "a nomination waits already: cancel it first");
  const nomination = nominations.begin(email, Date.now());
  logInfo("owner nominated", { nominationId: nomination.id });
  alarm.armBy(Date.now());
  return ok(nomination);
}

export function cancelNomination(parts: NominatingParts, id: string, by: string): Result<null> {
  const { nominations, alarm } = parts;
  const waiting = nominations.last();
  if (waiting?.id !== id || waiting.state !== "waiting") return refuse("not-found", "no nomination of that id waits");
  nominations.end(waiting, "cancelled", by);
  logInfo("nomination cancelled", { nominationId: id, by });
  alarm.armBy(Date.now());
  return ok(null);
}

/** Carries out what has waited long enough, then tells every bunker what it has not heard of. */
export function nominationJob(
  parts: Omit<NominatingParts, "alarm">,
  ensureAccount: (email: EmailAddress) => Promise<Result<{ accountId: string }>>,
  tellOwners: (nomination: Nomination) => Promise<void>,
): Job {
  const { index, owners, nominations, bunker } = parts;
  return {
    name: "nomination",
    async run(now) {
      const due = nominations.last();
      if (due === undefined) return;
      if (due.state === "waiting" && due.effectiveAt <= now) {
        const ensured = await ensureAccount(due.email);
        // Cancelled while we waited.
        const still = nominations.last();
        if (ensured.ok && still?.id === due.id && still.state === "waiting") {
          owners.add(ensured.value.accountId, "nomination", now);
          nominations.end(still, "done", "countersign");
          logInfo("nominated owner added", { accountId: ensured.value.accountId });
        }
      }
      const news = nominations.last();
      if (news === undefined) return;
      if (news.state === "waiting") await tellOwners(news);
      await Promise.all(
        index.unawareOfNews(newsOf(news), now - TRY_AGAIN_MS, BATCH).map(async (id) => {
          index.noteNewsTried(id, now);
          try {
            await bunker(id).hearNomination(news);
            index.noteNews(id, newsOf(news));
          } catch (error) {
            logError("instance", { where: "nomination", error });
          }
        }),
      );
    },
    nextDue() {
      const news = nominations.last();
      if (news === undefined) return undefined;
      const wishes = [index.nextNewsTry(newsOf(news), TRY_AGAIN_MS), news.state === "waiting" ? news.effectiveAt : undefined].filter(
        (at) => at !== undefined,
      );
      return wishes.length === 0 ? undefined : Math.min(...wishes);
    },
  };
}

function newsOf({ id, state }: Nomination): string {
  return `${id}/${state}`;
}
