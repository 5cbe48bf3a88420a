// The life of a nomination: begun by the setup token, told to every bunker, cancelled by any owner, or carried out after three days.

import { logError, logInfo } from "../../src/log.ts";
import { parseEmail, type EmailAddress } from "../../src/notify/email-address.ts";
import { mailDriver } from "../../src/notify/mail-driver.ts";
import { workerMailPorts } from "../../src/notify/worker-ports.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { Job } from "../bunker/alarm-clock.ts";
import type { NominationView, Page } from "../bunker-rpc.ts";
import { ownUrl, type InstanceContext } from "./context.ts";
import type { Nomination } from "./nominations.ts";

/** Calls in flight at once, as with the lock. */
const BATCH = 20;
const TRY_AGAIN_MS = 60_000;

export function nominate(context: InstanceContext, typed: string): Result<NominationView> {
  const { env, table, nominations, alarm } = context;
  const email = parseEmail(typed);
  if (email === undefined) return refuse("invalid", "email: expected a mail address");
  const setup = mailDriver(
    env,
    ownUrl(context),
    workerMailPorts(() => undefined),
  );
  if (!setup.ok) return refuse("unavailable", `nobody could be told, and without that nobody could cancel. ${setup.reason}`);
  if (table.read().claimedAt === null) return refuse("conflict", "nobody has claimed this instance yet: claim it instead");
  if (nominations.last()?.state === "waiting") return refuse("conflict", "a nomination waits already: cancel it first");
  const nomination = nominations.begin(email, Date.now());
  logInfo("owner nominated", { nominationId: nomination.id });
  alarm.armBy(Date.now());
  return ok(nominationView(nomination));
}

export function listNominations({ nominations }: InstanceContext): Page<NominationView> {
  const last = nominations.last();
  return { items: last?.state === "waiting" ? [nominationView(last)] : [], next: null };
}

export function cancelNomination(parts: InstanceContext, id: string, by: string): Result<null> {
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
  parts: Pick<InstanceContext, "index" | "owners" | "nominations" | "rows" | "bunker">,
  ensureAccount: (email: EmailAddress) => Promise<Result<{ accountId: string }>>,
  tellOwners: (nomination: Nomination) => Promise<void>,
): Job {
  const { index, owners, nominations, rows, bunker } = parts;
  let notBefore = 0;
  return {
    name: "nomination",
    async run(now) {
      const due = nominations.last();
      if (due === undefined) return;
      if (due.state === "waiting" && due.effectiveAt <= now) {
        notBefore = now + TRY_AGAIN_MS;
        const ensured = await ensureAccount(due.email);
        // Cancelled while we waited.
        const still = nominations.last();
        // One that was cancelled may have been put back since everything was compared last.
        if (ensured.ok && still?.id === due.id && still.state === "waiting" && rows.problem() === undefined) {
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
      const wishes = [
        index.nextNewsTry(newsOf(news), TRY_AGAIN_MS),
        news.state === "waiting" ? Math.max(news.effectiveAt, notBefore) : undefined,
      ].filter((at) => at !== undefined);
      return wishes.length === 0 ? undefined : Math.min(...wishes);
    },
  };
}

function newsOf({ id, state }: Nomination): string {
  return `${id}/${state}`;
}

function nominationView({ id, email, askedAt, effectiveAt }: Nomination): NominationView {
  return { id, email, askedAt: new Date(askedAt).toISOString(), effectiveAt: new Date(effectiveAt).toISOString() };
}
