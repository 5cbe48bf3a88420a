// Whether the instance's rows are those that we left there, and the operator's way on where they are not: whoever may set a secret of the
// deployment takes what stands there, by its fingerprint, and then it is claimed and locked, without tokens and nominations.

import { bytesToHex } from "@noble/hashes/utils.js";
import { logWarning } from "../../src/log.ts";
import { TamperedRowError } from "../bunker/row-guard.ts";
import type { TamperedInstance } from "../instance-rpc.ts";
import type { InstanceContext } from "./context.ts";

const FINGERPRINT_CHARACTERS = 32; // 128 bits
const BY = "operator";

type Parts = Pick<InstanceContext, "env" | "table" | "rows" | "owners" | "tokens" | "nominations" | "transaction">;

/** The own row, and the few that say who owns all of this: cheap enough for every call. */
export function ownRowProblem(parts: Parts): TamperedInstance | undefined {
  try {
    parts.table.read();
    const table = parts.rows.problem(["owners"]);
    return table === undefined ? undefined : tampered(parts, table);
  } catch (error) {
    if (error instanceof TamperedRowError) return tampered(parts, error.table);
    throw error;
  }
}

/** Everything: reads each row that is counted in the sums. */
export function rowsProblem(parts: Parts): TamperedInstance | undefined {
  const table = parts.rows.problem();
  return table === undefined ? undefined : tampered(parts, table);
}

/** Answers whether the operator has accepted exactly what stands there, and it was taken. */
export function acceptRows(parts: Parts, { table, fingerprint }: TamperedInstance, now: number): boolean {
  if (fingerprint === null || parts.env.ACCEPT_ROWS?.trim() !== fingerprint) return false;
  parts.transaction(() => {
    parts.table.accept(BY, now);
    // A token that was revoked or a nomination that was cancelled may be what was put back.
    parts.tokens.revokeAll();
    parts.nominations.forget();
    parts.owners.dropForged();
    parts.rows.accept();
  });
  logWarning("rows of the instance accepted by its operator", { table });
  return true;
}

function tampered({ table, rows }: Parts, where: string): TamperedInstance {
  const { claimedAt, lockedAt, publicUrl } = table.readUnchecked();
  return {
    table: where,
    claimed: claimedAt !== null,
    locked: lockedAt !== null,
    publicUrl,
    fingerprint: bytesToHex(rows.fingerprint(table.fingerprint())).slice(0, FINGERPRINT_CHARACTERS),
  };
}
