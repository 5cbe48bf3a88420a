// Invites: the records behind bunker:// URLs. A use is taken in the transaction that makes the connection, or not at all.

import type { RemoteSignerPubkey } from "../../src/protocol/keys.ts";
import type { RelayChoice } from "../bunker-rpc.ts";
import { CLOSED_INVITE_SECONDS } from "./limits.ts";
import type { MacField } from "./row-guard.ts";
import type { RowLedger } from "./row-ledger.ts";

export interface Invite {
  /** 32 hex digits: the random 128-bit id that the remote-signer key derives from. */
  readonly id: string;
  readonly remoteSigner: RemoteSignerPubkey;
  /** Given by a member; becomes the connection's name. */
  readonly name: string;
  readonly secretHash: Uint8Array;
  readonly policy: string;
  readonly uses: number;
  readonly usesLeft: number;
  readonly confirm: boolean;
  readonly interactive: boolean;
  readonly nip04: boolean;
  readonly relays: RelayChoice;
  /** The relays that the URL names: where its app will look for us until it is told otherwise. */
  readonly relayUrls: readonly string[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly withdrawnAt: number | null;
}

export class InviteTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  insert(invite: Invite): void {
    this.#sql.exec(
      `INSERT INTO invites (id, remote_signer_pubkey, name, secret_hash, policy, uses, uses_left, confirm, interactive, nip04, relays,
         relay_urls, created_at, created_by, expires_at, withdrawn_at, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      invite.id,
      invite.remoteSigner,
      invite.name,
      invite.secretHash,
      invite.policy,
      invite.uses,
      invite.usesLeft,
      invite.confirm ? 1 : 0,
      invite.interactive ? 1 : 0,
      invite.nip04 ? 1 : 0,
      invite.relays,
      JSON.stringify(invite.relayUrls),
      invite.createdAt,
      invite.createdBy,
      invite.expiresAt,
      invite.withdrawnAt,
      this.#rows.write("invites", "id = ?", [invite.id], macFields(invite)),
    );
  }

  byId(id: string): Invite | undefined {
    return this.#one("SELECT * FROM invites WHERE id = ?", id);
  }

  byRemoteSigner(remoteSigner: RemoteSignerPubkey): Invite | undefined {
    return this.#one("SELECT * FROM invites WHERE remote_signer_pubkey = ?", remoteSigner);
  }

  /** Invites that can still be redeemed, by id after `after`. */
  listOpen(now: number, after: string, limit: number): Invite[] {
    return this.#sql
      .exec(
        `SELECT * FROM invites WHERE id > ? AND uses_left > 0 AND withdrawn_at IS NULL AND expires_at > ? ORDER BY id LIMIT ?`,
        after,
        now,
        limit,
      )
      .toArray()
      .map((row) => this.#checked(row));
  }

  /** Open invites whose URL names relays other than the embedded one. */
  listOpenOutbound(now: number): Invite[] {
    return this.#sql
      .exec("SELECT * FROM invites WHERE relays <> 'embedded' AND uses_left > 0 AND withdrawn_at IS NULL AND expires_at > ?", now)
      .toArray()
      .map((row) => this.#checked(row));
  }

  countOpen(now: number): number {
    const query = "SELECT COUNT(*) AS n FROM invites WHERE uses_left > 0 AND withdrawn_at IS NULL AND expires_at > ?";
    return this.#sql.exec<{ n: number }>(query, now).one().n;
  }

  takeUse(invite: Invite): void {
    this.#update({ ...invite, usesLeft: invite.usesLeft - 1 });
  }

  withdraw(invite: Invite, now: number): void {
    this.#update({ ...invite, withdrawnAt: now });
  }

  /** Apps that use it from now on begin under that policy. */
  setPolicy(invite: Invite, policy: string): void {
    this.#update({ ...invite, policy });
  }

  /** Forgets invites that have been closed for long. Answers how many. */
  prune(now: number): number {
    return this.#rows.erase("invites", "expires_at < ?", now - CLOSED_INVITE_SECONDS * 1000);
  }

  #update(invite: Invite): void {
    this.#sql.exec(
      "UPDATE invites SET policy = ?, uses_left = ?, withdrawn_at = ?, mac = ? WHERE id = ?",
      invite.policy,
      invite.usesLeft,
      invite.withdrawnAt,
      this.#rows.write("invites", "id = ?", [invite.id], macFields(invite)),
      invite.id,
    );
  }

  #one(query: string, binding: string): Invite | undefined {
    const row = this.#sql.exec(query, binding).toArray()[0];
    return row === undefined ? undefined : this.#checked(row);
  }

  #checked(row: Record<string, SqlStorageValue>): Invite {
    const invite: Invite = {
      id: row["id"] as string,
      remoteSigner: row["remote_signer_pubkey"] as RemoteSignerPubkey,
      name: row["name"] as string,
      secretHash: new Uint8Array(row["secret_hash"] as ArrayBuffer),
      policy: row["policy"] as string,
      uses: row["uses"] as number,
      usesLeft: row["uses_left"] as number,
      confirm: row["confirm"] === 1,
      interactive: row["interactive"] === 1,
      nip04: row["nip04"] === 1,
      relays: row["relays"] as RelayChoice,
      relayUrls: JSON.parse(row["relay_urls"] as string) as string[],
      createdAt: row["created_at"] as number,
      createdBy: row["created_by"] as string,
      expiresAt: row["expires_at"] as number,
      withdrawnAt: row["withdrawn_at"] as number | null,
    };
    this.#rows.check("invites", macFields(invite), row["mac"] as ArrayBuffer);
    return invite;
  }
}

/** True while the invite can be redeemed at `now` (milliseconds). */
export function isOpen(invite: Invite, now: number): boolean {
  return invite.withdrawnAt === null && invite.usesLeft > 0 && invite.expiresAt > now;
}

function macFields(invite: Invite): MacField[] {
  return [
    invite.id,
    invite.remoteSigner,
    invite.name,
    invite.secretHash,
    invite.policy,
    invite.uses,
    invite.usesLeft,
    invite.confirm ? 1 : 0,
    invite.interactive ? 1 : 0,
    invite.nip04 ? 1 : 0,
    invite.relays,
    JSON.stringify(invite.relayUrls),
    invite.createdBy,
    invite.expiresAt,
    invite.withdrawnAt,
  ];
}
