// Owners that the holder of the setup token names, because none is left or none answers. Each waits three days; every member hears of it
// and any owner cancels. The row carries a MAC: nobody is written in.

import { bytesToHex, randomBytes } from "@noble/hashes/utils.js";
import type { EmailAddress } from "../../src/notify/email-address.ts";
import type { RowLedger } from "../bunker/row-ledger.ts";
import type { NominationNews } from "../bunker-rpc.ts";

/** A weekend and a day for every owner to read their mail. */
export const NOMINATION_DELAY_MS = 72 * 3_600_000;
const TABLE = "nominations";

export interface Nomination extends NominationNews {
  readonly email: EmailAddress;
}

export class Nominations {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** In place of the last one, whose end every bunker has heard of or will not hear of any more. */
  begin(email: EmailAddress, now: number): Nomination {
    const nomination: Nomination = {
      id: bytesToHex(randomBytes(8)),
      email,
      askedAt: now,
      effectiveAt: now + NOMINATION_DELAY_MS,
      state: "waiting",
      endedBy: null,
    };
    this.#put(nomination);
    return nomination;
  }

  end(nomination: Nomination, state: "done" | "cancelled", endedBy: string): Nomination {
    const ended: Nomination = { ...nomination, state, endedBy };
    this.#put(ended);
    return ended;
  }

  /** The last one, whatever became of it. Throws TamperedRowError when the row is not ours. */
  last(): Nomination | undefined {
    const row = this.#sql.exec("SELECT * FROM nominations").toArray()[0];
    if (row === undefined) return undefined;
    const nomination: Nomination = {
      id: String(row["id"]),
      email: String(row["email"]) as EmailAddress,
      askedAt: Number(row["asked_at"]),
      effectiveAt: Number(row["effective_at"]),
      state: row["state"] as Nomination["state"],
      endedBy: row["ended_by"] as string | null,
    };
    this.#rows.check(TABLE, fields(nomination), row["mac"] as ArrayBuffer);
    return nomination;
  }

  /** As if nobody had ever been nominated. */
  forget(): void {
    this.#rows.erase(TABLE, "TRUE");
  }

  #put(nomination: Nomination): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO nominations (only_row, id, email, asked_at, effective_at, state, ended_by, mac) VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
      ...fields(nomination),
      this.#rows.write(TABLE, "only_row = 1", [], fields(nomination)),
    );
  }
}

function fields({ id, email, askedAt, effectiveAt, state, endedBy }: Nomination) {
  return [id, email, askedAt, effectiveAt, state, endedBy] as const;
}
