// What the parts of the instance share. It exists once something was begun here, and only under the root secret that it was begun under.

import { bytesToHex } from "@noble/hashes/utils.js";
import { publicUrl, type Env } from "../../src/env.ts";
import { logError } from "../../src/log.ts";
import type { EmailAddress } from "../../src/notify/email-address.ts";
import { ok, type Result } from "../../src/result.ts";
import { keyedHash } from "../../src/sealing/derive.ts";
import type { AccountRpc } from "../account-rpc.ts";
import type { AlarmClock } from "../bunker/alarm-clock.ts";
import type { RowLedger } from "../bunker/row-ledger.ts";
import type { BunkerUpkeep } from "../bunker-rpc.ts";
import type { MemberAccountRpc } from "../people-rpc.ts";
import type { Attempts } from "./attempts.ts";
import type { BunkerIndex } from "./bunker-index.ts";
import type { HistoryMarks } from "./history-marks.ts";
import type { InstanceKeys, InstanceTable } from "./instance-row.ts";
import type { KeyServices } from "./key-services.ts";
import type { Nominations } from "./nominations.ts";
import type { NostrNames } from "./nostr-names.ts";
import type { Owners } from "./owners.ts";
import type { Sweep } from "./sweep.ts";
import type { TokenTable } from "./tokens.ts";
import type { Tombstones } from "./tombstones.ts";

export interface InstanceContext {
  readonly env: Env;
  /** Of the root secrets that are here, in the order in which they are tried. */
  readonly rootIds: readonly string[];
  readonly table: InstanceTable;
  readonly keys: InstanceKeys;
  readonly rows: RowLedger;
  readonly index: BunkerIndex;
  readonly tokens: TokenTable;
  readonly attempts: Attempts;
  readonly owners: Owners;
  readonly nominations: Nominations;
  readonly nostrNames: NostrNames;
  readonly marks: HistoryMarks;
  readonly tombstones: Tombstones;
  readonly keyServices: KeyServices;
  readonly sweep: Sweep;
  readonly alarm: AlarmClock;
  transaction<Value>(act: () => Value): Value;
  bunker(id: string): BunkerUpkeep;
  account(id: string): InstanceAccount;
}

export type InstanceAccount = AccountRpc & Pick<MemberAccountRpc, "announceNomination" | "announceOwnerRemoval">;

/** The account of an address, made when there is none. It has no rights by itself. */
export async function ensureAccount(
  context: Pick<InstanceContext, "env" | "keys" | "sweep" | "account">,
  email: EmailAddress,
): Promise<Result<{ accountId: string }>> {
  const accountId = accountIdOf(context, email);
  // Before it is made: a rotation of the root must find every account that there may be.
  context.sweep.noteAccount(accountId);
  const ensured = await context.account(accountId).ensure(email);
  return ensured.ok ? ok({ accountId }) : ensured;
}

/** The name is a keyed hash: without the pepper nobody computes which accounts there are. */
export function accountIdOf({ env, keys }: Pick<InstanceContext, "env" | "keys">, email: EmailAddress): string {
  return env.ACCOUNT.idFromName(bytesToHex(keyedHash(keys.accountNameKey, email))).toString();
}

/** Where we are found, for mails that nobody's request asks for. */
export function ownUrl({ env, table }: Pick<InstanceContext, "env" | "table">): string {
  return publicUrl(env, table.read().publicUrl, "http://localhost");
}

/** Ids of the accounts that own this instance; none when one of the rows was not written by us. */
export function ownersOf({ owners }: Pick<InstanceContext, "owners">): readonly string[] {
  try {
    return owners.list();
  } catch (error) {
    logError("instance", { where: "owners", error });
    return [];
  }
}
