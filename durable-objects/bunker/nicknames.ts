// Names that members gave to public keys. People decide by them, so each row carries a MAC: whoever can write the database cannot have a
// stranger shown under a friend's name.

import type { Pubkey } from "../../src/protocol/keys.ts";
import { parsePubkey } from "../../src/protocol/keys.ts";
import { npubOf } from "../../src/protocol/npub.ts";
import { line, segmentText } from "../../src/presentation/quote.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { Page } from "../bunker-rpc.ts";
import type { NicknameView } from "../nicknames-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";
import type { RowLedger } from "./row-ledger.ts";

const TABLE = "nicknames";
/** A line of a list on a phone. */
export const MAX_NICKNAME_CHARACTERS = 40;
/** More is an address book, and each is read whole when people look at a list of follows. */
export const MAX_NICKNAMES = 1_000;

interface Nickname {
  readonly pubkey: Pubkey;
  readonly name: string;
  readonly givenAt: number;
  readonly givenBy: string;
}

export class NicknameTable {
  readonly #sql: SqlStorage;
  readonly #rows: RowLedger;

  constructor(sql: SqlStorage, rows: RowLedger) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Throws TamperedRowError when the row is not ours. */
  of(pubkey: string): Nickname | undefined {
    return this.#all("WHERE pubkey = ?", pubkey)[0];
  }

  list(): Nickname[] {
    return this.#all("ORDER BY name, pubkey");
  }

  count(): number {
    return this.#sql.exec<{ n: number }>(`SELECT COUNT(*) AS n FROM ${TABLE}`).one().n;
  }

  put({ pubkey, name, givenAt, givenBy }: Nickname): void {
    const fields = [pubkey, name, givenAt, givenBy];
    const mac = this.#rows.write(TABLE, "pubkey = ?", [pubkey], fields);
    this.#sql.exec(`INSERT OR REPLACE INTO ${TABLE} (pubkey, name, given_at, given_by, mac) VALUES (?, ?, ?, ?, ?)`, ...fields, mac);
  }

  /** False where the key had no name. */
  remove(pubkey: string): boolean {
    return this.#rows.erase(TABLE, "pubkey = ?", pubkey) > 0;
  }

  #all(rest: string, ...bindings: string[]): Nickname[] {
    return this.#sql
      .exec(`SELECT * FROM ${TABLE} ${rest}`, ...bindings)
      .toArray()
      .map((row) => {
        const [pubkey, name] = [row["pubkey"] as Pubkey, row["name"] as string];
        const [givenAt, givenBy] = [row["given_at"] as number, row["given_by"] as string];
        this.#rows.check(TABLE, [pubkey, name, givenAt, givenBy], row["mac"] as ArrayBuffer);
        return { pubkey, name, givenAt, givenBy };
      });
  }
}

export function listNicknames({ store }: BunkerContext): Result<Page<NicknameView>> {
  return ok({ items: store.nicknames.list().map(nicknameView), next: null });
}

export function giveNickname({ store }: BunkerContext, asker: Asker, typed: string, name: string): Result<NicknameView> {
  const pubkey = parsePubkey(typed);
  if (pubkey === undefined) return refuse("invalid", "pubkey: expected a public key of 64 hex digits");
  const problem = nicknameProblem(name);
  if (problem !== undefined) return refuse("invalid", `name: ${problem}`);
  return store.transaction((): Result<NicknameView> => {
    const before = store.nicknames.of(pubkey);
    if (before === undefined && store.nicknames.count() >= MAX_NICKNAMES) {
      return refuse("conflict", `at most ${MAX_NICKNAMES} keys have names here: drop some first`);
    }
    const given = { pubkey, name, givenAt: Date.now(), givenBy: asker.name };
    store.nicknames.put(given);
    const was = before === undefined ? "" : `, which was called “${before.name}”`;
    record(store, asker, "nickname.give", `The key ${npubOf(pubkey)}${was} is called “${name}” here.`, pubkey);
    return ok(nicknameView(given));
  });
}

export function dropNickname({ store }: BunkerContext, asker: Asker, pubkey: string): Result<null> {
  return store.transaction((): Result<null> => {
    const before = parsePubkey(pubkey) && store.nicknames.of(pubkey);
    if (before === undefined) return refuse("not-found", "that key has no name here");
    store.nicknames.remove(before.pubkey);
    record(store, asker, "nickname.drop", `The key ${npubOf(before.pubkey)} is not called “${before.name}” any more.`, before.pubkey);
    return ok(null);
  });
}

/** It stands beside keys in our own sentences: what could hide something, or pass for a key, is no name. */
export function nicknameProblem(name: string): string | undefined {
  const shown = line(name, MAX_NICKNAME_CHARACTERS);
  const isPlain = shown.every(({ is }) => is === "text") && shown.map(segmentText).join("") === name && name.trim() === name;
  if (name === "" || !isPlain) return `expected 1 to ${MAX_NICKNAME_CHARACTERS} characters on one line, none of them invisible`;
  return /^(?:npub1|nsec1|[0-9a-f]{16})/i.test(name) ? "expected a name, not something that looks like a key" : undefined;
}

function record(store: BunkerContext["store"], asker: Asker, method: string, explanation: string, counterparty: string): void {
  store.activity.append(
    { actor: asker.label, method, connection: null, effect: "allow", rules: [], explanation, facts: { counterparty } },
    Date.now(),
  );
}

function nicknameView({ pubkey, name, givenAt, givenBy }: Nickname): NicknameView {
  return { pubkey, npub: npubOf(pubkey), name, givenAt: new Date(givenAt).toISOString(), givenBy };
}
