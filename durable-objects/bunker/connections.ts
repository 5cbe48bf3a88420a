// Connections: one app each, bound to one policy. A revoked one never comes back; a new invite makes a new one.

import type { ClientMetadata } from "../../src/protocol/connection-uri.ts";
import type { Encryption } from "../../src/protocol/envelope.ts";
import type { ClientPubkey, RemoteSignerPubkey } from "../../src/protocol/keys.ts";
import type { ConnectionState, RelayChoice } from "../bunker-rpc.ts";
import type { MacField } from "./row-guard.ts";
import type { RowLedger } from "./row-ledger.ts";

/** A `connect` that waits for a member's confirmation, so that its "ack" can be sent later. */
export interface WaitingConnect {
  readonly requestId: string;
  readonly encryption: Encryption;
  /** Milliseconds; afterwards the app is told no. */
  readonly until: number;
}

export interface Connection {
  readonly id: string;
  readonly remoteSigner: RemoteSignerPubkey;
  readonly client: ClientPubkey;
  /** The invite's id, or a keyed hash of the nostrconnect:// code, so that the same code makes no second connection. */
  readonly inviteId: string | null;
  readonly name: string;
  readonly policy: string;
  readonly state: Exclude<ConnectionState, "expired">;
  readonly nip04: boolean;
  readonly interactive: boolean;
  readonly relays: RelayChoice;
  /** Relays where the client still looks for us though we have others in mind: those of its code, or of an older set of ours. */
  readonly clientRelays: readonly string[];
  /** When switch_relays told it to move; milliseconds. */
  readonly switchedAt: number | null;
  readonly metadata: ClientMetadata | null;
  readonly requestedPermissions: readonly string[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly lastUsedAt: number;
  readonly expiresAt: number | null;
  readonly idleExpiresInSeconds: number;
  readonly waitingConnect: WaitingConnect | null;
}

/** Where other connections name their invite: what approvals/practice.ts asks people about, and no app stands behind. */
export const PRACTICE_ORIGIN = "practice";

export function isPractice({ inviteId }: Pick<Connection, "inviteId">): boolean {
  return inviteId === PRACTICE_ORIGIN;
}

// An hour off is nothing against ninety days, and saves a row written for every request.
const LAST_USE_PRECISION_MS = 3_600_000;

export class ConnectionTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Inserts, or replaces the row of the same id. */
  put(connection: Connection): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO connections (id, remote_signer_pubkey, client_pubkey, invite_id, name, policy, state, nip04, interactive,
         relays, client_relays, switched_at, metadata, requested_permissions, created_at, created_by, last_used_at, expires_at,
         idle_expires_in, waiting_connect, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      connection.id,
      connection.remoteSigner,
      connection.client,
      connection.inviteId,
      connection.name,
      connection.policy,
      connection.state,
      connection.nip04 ? 1 : 0,
      connection.interactive ? 1 : 0,
      connection.relays,
      JSON.stringify(connection.clientRelays),
      connection.switchedAt,
      connection.metadata === null ? null : JSON.stringify(connection.metadata),
      JSON.stringify(connection.requestedPermissions),
      connection.createdAt,
      connection.createdBy,
      connection.lastUsedAt,
      connection.expiresAt,
      connection.idleExpiresInSeconds,
      connection.waitingConnect === null ? null : JSON.stringify(connection.waitingConnect),
      this.#rows.write("connections", "id = ?", [connection.id], macFields(connection)),
    );
  }

  byId(id: string): Connection | undefined {
    return this.#one("SELECT * FROM connections WHERE id = ?", id);
  }

  byKeys(remoteSigner: RemoteSignerPubkey, client: ClientPubkey): Connection | undefined {
    return this.#one("SELECT * FROM connections WHERE remote_signer_pubkey = ? AND client_pubkey = ?", remoteSigner, client);
  }

  /** Whether there is such a row that was not revoked: only good for choosing a rate limit, nothing is granted on it. */
  exists(remoteSigner: string, client: string): boolean {
    const query = "SELECT 1 FROM connections WHERE remote_signer_pubkey = ? AND client_pubkey = ? AND state <> 'revoked'";
    return this.#sql.exec(query, remoteSigner, client).toArray().length > 0;
  }

  /** The connection made from that nostrconnect:// code, if there is one. */
  byOrigin(origin: string): Connection | undefined {
    return this.#one("SELECT * FROM connections WHERE invite_id = ?", origin);
  }

  /** Every connection that came of one invite. */
  listByOrigin(origin: string): Connection[] {
    return this.#sql
      .exec("SELECT * FROM connections WHERE invite_id = ? ORDER BY created_at, id", origin)
      .toArray()
      .map((row) => this.#checked(row));
  }

  list(after: string, limit: number): Connection[] {
    return this.#sql
      .exec("SELECT * FROM connections WHERE id > ? ORDER BY id LIMIT ?", after, limit)
      .toArray()
      .map((row) => this.#checked(row));
  }

  /** Connections that are reached over relays other than the embedded one, as far as they have not ended. */
  listOutbound(): Connection[] {
    return this.#sql
      .exec("SELECT * FROM connections WHERE state <> 'revoked' AND (relays <> 'embedded' OR client_relays <> '[]')")
      .toArray()
      .map((row) => this.#checked(row));
  }

  /** Ids of the connections bound to that policy, whatever their state. */
  idsUnder(policy: string): string[] {
    return this.#sql
      .exec<{ id: string }>("SELECT id FROM connections WHERE policy = ?", policy)
      .toArray()
      .map((row) => row.id);
  }

  /** Connections under any policy that have not been revoked. */
  listBound(): Connection[] {
    return this.#sql
      .exec("SELECT * FROM connections WHERE state <> 'revoked' ORDER BY name, id")
      .toArray()
      .map((row) => this.#checked(row));
  }

  /** The policies that some connection is under that has not been revoked. */
  policiesInUse(): string[] {
    return this.#sql
      .exec<{ policy: string }>("SELECT DISTINCT policy FROM connections WHERE state <> 'revoked' ORDER BY policy")
      .toArray()
      .map((row) => row.policy);
  }

  /** Those last used first. */
  listActive(limit: number): Connection[] {
    return this.#sql
      .exec("SELECT * FROM connections WHERE state = 'active' ORDER BY last_used_at DESC, id LIMIT ?", limit)
      .toArray()
      .map((row) => this.#checked(row));
  }

  /** Ids of rows that say that they were revoked, ours or not: whoever believes them only ever refuses more. */
  revokedUnchecked(): Set<string> {
    const rows = this.#sql.exec<{ id: string }>("SELECT id FROM connections WHERE state = 'revoked'").toArray();
    return new Set(rows.map(({ id }) => id));
  }

  listWaiting(): Connection[] {
    return this.#sql
      .exec("SELECT * FROM connections WHERE waiting_connect IS NOT NULL")
      .toArray()
      .map((row) => this.#checked(row));
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM connections").one().n;
  }

  countActive(): number {
    return this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM connections WHERE state = 'active'").one().n;
  }

  touch(connection: Connection, now: number): void {
    if (now - connection.lastUsedAt >= LAST_USE_PRECISION_MS) this.put({ ...connection, lastUsedAt: now });
  }

  #one(query: string, ...bindings: string[]): Connection | undefined {
    const row = this.#sql.exec(query, ...bindings).toArray()[0];
    return row === undefined ? undefined : this.#checked(row);
  }

  #checked(row: Record<string, SqlStorageValue>): Connection {
    const text = (name: string) => row[name] as string;
    const connection: Connection = {
      id: text("id"),
      remoteSigner: row["remote_signer_pubkey"] as RemoteSignerPubkey,
      client: row["client_pubkey"] as ClientPubkey,
      inviteId: row["invite_id"] as string | null,
      name: text("name"),
      policy: text("policy"),
      state: row["state"] as Connection["state"],
      nip04: row["nip04"] === 1,
      interactive: row["interactive"] === 1,
      relays: row["relays"] as RelayChoice,
      clientRelays: JSON.parse(text("client_relays")) as string[],
      switchedAt: row["switched_at"] as number | null,
      metadata: row["metadata"] === null ? null : (JSON.parse(text("metadata")) as ClientMetadata),
      requestedPermissions: JSON.parse(text("requested_permissions")) as string[],
      createdAt: row["created_at"] as number,
      createdBy: text("created_by"),
      lastUsedAt: row["last_used_at"] as number,
      expiresAt: row["expires_at"] as number | null,
      idleExpiresInSeconds: row["idle_expires_in"] as number,
      waitingConnect: row["waiting_connect"] === null ? null : (JSON.parse(text("waiting_connect")) as WaitingConnect),
    };
    this.#rows.check("connections", macFields(connection), row["mac"] as ArrayBuffer);
    return connection;
  }
}

/** The state at `now` (milliseconds): an active or suspended connection that outlived its time is expired. */
export function stateAt(connection: Connection, now: number): ConnectionState {
  if (connection.state === "revoked") return "revoked";
  if (connection.expiresAt !== null && connection.expiresAt <= now) return "expired";
  if (connection.lastUsedAt + connection.idleExpiresInSeconds * 1000 <= now) return "expired";
  return connection.state;
}

function macFields(connection: Connection): MacField[] {
  return [
    connection.id,
    connection.remoteSigner,
    connection.client,
    connection.inviteId,
    // Whoever confirms, approves or revokes goes by the name.
    connection.name,
    connection.policy,
    connection.state,
    connection.nip04 ? 1 : 0,
    connection.interactive ? 1 : 0,
    connection.relays,
    JSON.stringify(connection.clientRelays),
    connection.createdBy,
    connection.lastUsedAt,
    connection.expiresAt,
    connection.idleExpiresInSeconds,
    connection.waitingConnect === null ? null : JSON.stringify(connection.waitingConnect),
  ];
}
