// Taking the key out: by an owner with a passkey, or a day after all owners were told; with a second owner where four eyes is on. It leaves
// as an age file to the recipient that was named, stands in the activity, and every owner hears of it.

import { ok, refuse, type Result } from "../../src/result.ts";
import { KeyServiceError } from "../../src/sealing/providers/provider.ts";
import type { TakenOut, TakeOut } from "../bunker-rpc.ts";
import type { InstanceOwner } from "../people-rpc.ts";
import { ageFile, isAgeRecipient } from "./age-file.ts";
import type { Asker } from "./asker.ts";
import { backupBytes } from "./backup.ts";
import type { BunkerContext } from "./context.ts";
import { actView, holdAct, isFourEyes, ownersOf, takeConfirmed, tellOwners } from "./four-eyes.ts";
import { isLocked } from "./bunker-row.ts";
import { newId } from "./store.ts";

const DAY_MS = 86_400_000;

export async function takeOut(context: BunkerContext, asker: Asker, { what, recipient }: TakeOut): Promise<Result<TakenOut>> {
  const { store } = context;
  if (!isAgeRecipient(recipient)) return refuse("invalid", "recipient: expected an age recipient, age1 and 58 characters");
  if (!store.bunker.read().exportable) return refuse("conflict", "this bunker was made so that its key never leaves it");
  const owners = await context.people.instanceOwners();
  const may = whenMay(context, asker);
  if (!may.ok) return may;
  if (may.value === "later") return wait(context, asker, owners ?? []);
  if (isFourEyes(context) && !hasConfirmation(context, asker)) return hold(context, asker, owners);
  try {
    await store.keys.openUserKey();
  } catch (error) {
    if (error instanceof KeyServiceError) return refuse("unavailable", "the key service does not answer now, try again");
    throw error;
  }
  const taken = store.transaction((): Result<Uint8Array> => {
    // Everything that rests on state is asked once more: others did not wait.
    const still = whenMay(context, asker);
    if (!still.ok) return still;
    if (still.value === "later") return refuse("conflict", "this was cancelled meanwhile");
    if (isFourEyes(context) && takeConfirmed(context, asker, "key.export") === undefined) {
      return refuse("conflict", "this was cancelled meanwhile");
    }
    const now = Date.now();
    return store.keys.useUserKey(now, (key) => {
      const early = bytesOf(context, what, key, now);
      if (!early.ok) return early;
      early.value.fill(0);
      store.exportWaits.remove(asker.label);
      const method = what === "key" ? "key.export" : "key.backup";
      record(context, asker, method, "allow", `${asker.name} took the key out, ${AS[what]}.`, recipient);
      // Once more: the head that a backup names is the entry of its own making.
      return bytesOf(context, what, key, now);
    });
  });
  // A locked bunker keeps no opened key.
  if (isLocked(store.bunker.read())) store.keys.closeUserKey();
  if (!taken.ok) return taken;
  try {
    const file = await ageFile(taken.value, recipient);
    await tell(context, asker, "exported", Date.now(), owners ?? []);
    return ok({ done: "file", file });
  } finally {
    taken.value.fill(0);
  }
}

function bytesOf(context: BunkerContext, what: TakeOut["what"], key: Uint8Array, now: number): Result<Uint8Array> {
  return what === "key" ? ok(key.slice()) : backupBytes(context, key, now);
}

/** Any owner, whoever asked. */
export function cancelExports(context: BunkerContext, asker: Asker): Result<null> {
  const { store } = context;
  return store.transaction((): Result<null> => {
    const waits = store.exportWaits.list(Date.now());
    if (waits.length === 0) return refuse("not-found", "no export of the key is waiting");
    for (const { askedBy } of waits) store.exportWaits.remove(askedBy);
    record(context, asker, "key.cancel", "deny", "The export of the key was cancelled before it happened.");
    return ok(null);
  });
}

const AS = { key: "as a key under a passphrase", backup: "with everything else, as a backup" } as const;

/** Whether the asker may have it now, or a day after the owners were told. */
function whenMay({ store }: BunkerContext, asker: Asker): Result<"now" | "later"> {
  const atOnce = asker.can("keys:export");
  if (atOnce.ok) return ok("now");
  const { principal } = asker;
  if (principal.kind !== "person" || (principal.hasPasskey && principal.steppedUpBy !== "mail")) return atOnce;
  const announced = asker.can("keys:announce");
  if (!announced.ok) return announced;
  const now = Date.now();
  const own = store.exportWaits.list(now).find(({ askedBy }) => askedBy === asker.label);
  if (own === undefined || own.effectiveAt > now) return ok("later");
  // The day is over: whoever reads the mail confirms once more that it is them.
  const confirmed = asker.can("keys:later");
  return confirmed.ok ? ok("now") : confirmed;
}

async function wait(context: BunkerContext, asker: Asker, owners: readonly InstanceOwner[]): Promise<Result<TakenOut>> {
  const { store } = context;
  const before = store.exportWaits.list(Date.now()).find(({ askedBy }) => askedBy === asker.label);
  if (before !== undefined) return ok({ done: "later", effectiveAt: new Date(before.effectiveAt).toISOString() });
  const askedAt = Date.now();
  const effectiveAt = askedAt + DAY_MS;
  // The mail first: what nobody was told of must not exist.
  if (!(await tell(context, asker, "export", effectiveAt, owners))) {
    return refuse("unavailable", "the owners could not be told by mail, and without that nobody could cancel: add a passkey first");
  }
  return store.transaction((): Result<TakenOut> => {
    const allowed = asker.can("keys:announce");
    if (!allowed.ok) return allowed;
    store.exportWaits.put({ askedBy: asker.label, askedByName: asker.name, askedAt, effectiveAt, endsAt: effectiveAt + DAY_MS });
    const when = new Date(effectiveAt).toISOString();
    record(
      context,
      asker,
      "key.announce",
      "ask",
      `${asker.name} asks to take the key out. It can happen from ${when} on; any owner can cancel it.`,
    );
    return ok({ done: "later", effectiveAt: when });
  });
}

async function hold(context: BunkerContext, asker: Asker, owners: readonly InstanceOwner[] | undefined): Promise<Result<TakenOut>> {
  const { name } = context.store.bunker.read();
  const held = context.store.transaction(() =>
    holdAct(context, asker, { kind: "key.export", input: {}, what: `The key of ${name} is taken out.` }),
  );
  if (!held.ok) return held;
  await tellOwners(context, held.value, owners);
  return ok({ done: "held", act: actView(held.value) });
}

function hasConfirmation({ store }: BunkerContext, asker: Asker): boolean {
  const now = Date.now();
  return store.pendingActs
    .list()
    .some((act) => act.kind === "key.export" && act.confirmedBy !== null && act.askedBy === asker.label && act.expiresAt > now);
}

function tell(
  context: BunkerContext,
  asker: Asker,
  kind: "export" | "exported",
  effectiveAt: number,
  owners: readonly InstanceOwner[],
): Promise<boolean> {
  const accounts = ownersOf(context, owners).map(({ accountId }) => accountId);
  if (accounts.length === 0) return Promise.resolve(false);
  return context.people.tellOwners(accounts, {
    kind,
    id: newId(),
    bunkerId: context.bunkerId,
    bunkerName: context.store.bunker.read().name,
    byLabel: asker.name,
    at: Date.now(),
    effectiveAt,
    publicUrl: context.publicUrl(),
  });
}

function record(
  context: BunkerContext,
  asker: Asker,
  method: string,
  effect: "allow" | "ask" | "deny",
  explanation: string,
  recipient?: string,
) {
  const facts = recipient === undefined ? {} : { recipient };
  context.store.activity.append({ actor: asker.label, method, connection: null, effect, rules: [], explanation, facts }, Date.now());
}
