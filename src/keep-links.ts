// The cron: wakes every bunker that wants outbound relay links, in case its alarm was lost. The alarm is the first line and needs no help.

import type { Env } from "./env.ts";
import { logError, logInfo } from "./log.ts";
import { findBunker, instanceOf } from "./routes/context.ts";

/** A run of the Worker may make 1,000 calls to objects; where there are more bunkers, each has its turn in one of the next runs. */
const BUNKERS_A_RUN = 500;
/** Calls in flight at once. */
const BATCH = 20;

export async function keepLinks(_event: unknown, env: Env): Promise<void> {
  // Ids are spread evenly: a random place to begin is fair, and nobody has to remember where the last run ended.
  const ids = await instanceOf(env).bunkersWantingLinks(randomId(), BUNKERS_A_RUN);
  let failed = 0;
  for (let at = 0; at < ids.length; at += BATCH) {
    const woken = await Promise.all(ids.slice(at, at + BATCH).map((id) => isWoken(env, id)));
    failed += woken.filter((isDone) => !isDone).length;
  }
  if (ids.length > 0) logInfo("relay links kept", { bunkers: ids.length, failed });
}

// One bunker that cannot be reached must not cost the others their turn.
async function isWoken(env: Env, id: string): Promise<boolean> {
  try {
    await findBunker(env, id)?.keepLinks();
    return true;
  } catch (error) {
    logError("cron", { where: "relay links", error });
    return false;
  }
}

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
