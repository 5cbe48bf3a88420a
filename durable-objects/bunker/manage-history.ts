// What people and machines may ask about a bunker's history: is it whole, is it the one that the instance remembers, and its head, signed.

import { ok, refuse, type Result } from "../../src/result.ts";
import type { HistoryProblem } from "../../src/signer/history.ts";
import type { ActivityVerdict, CheckpointView } from "../bunker-rpc.ts";
import type { InstanceRpc } from "../instance-rpc.ts";
import type { BunkerContext } from "./context.ts";

/** The whole chain, all rows that grant, and what the instance remembers. */
export async function verifyActivity({ store, history }: BunkerContext): Promise<Result<ActivityVerdict>> {
  const { held, problem: remembered } = await history.compare();
  const { ok: fits, problem: sentence, ...chain } = store.activity.verify();
  const broken: HistoryProblem | undefined = fits ? undefined : { finding: "broken", sentence: sentence ?? "" };
  const problem = broken ?? remembered ?? history.rowsProblem();
  return ok({
    ok: problem === undefined,
    ...chain,
    finding: problem?.finding ?? "unbroken",
    ...(problem && { problem: problem.sentence }),
    mark: held === null ? null : { epoch: held.epoch, seq: held.seq, head: held.head, at: new Date(held.at).toISOString() },
  });
}

export async function signCheckpoint(
  { bunkerId, history }: BunkerContext,
  instance: Pick<InstanceRpc, "signCheckpoint">,
): Promise<Result<CheckpointView>> {
  const { problem } = await history.compare();
  const mark = history.mark();
  const event = problem === undefined ? await instance.signCheckpoint(bunkerId, mark) : null;
  if (event === null) return refuse("conflict", `the instance remembers another history: ${problem?.sentence ?? "a newer one"}`);
  const { epoch, seq, head } = mark;
  return ok({ epoch, seq, head, at: new Date(event.created_at * 1000).toISOString(), instance: event.pubkey, event });
}
