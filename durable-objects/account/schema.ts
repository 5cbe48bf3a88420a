// The tables of an account. SCHEMA.md shows an example row of each and says how long it lives.

import { MAIL_OUTBOX_MIGRATION } from "../mail-outbox.ts";

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE account (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    email TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    sealed_seed BLOB NOT NULL,
    public_url TEXT,
    theme TEXT CHECK (theme IN ('light', 'dark')),
    zone TEXT,
    request_mails TEXT NOT NULL DEFAULT 'each' CHECK (request_mails IN ('each', 'digest', 'none')),
    first_steps TEXT NOT NULL DEFAULT 'shown' CHECK (first_steps IN ('shown', 'hidden'))
  );

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    secret_hash BLOB NOT NULL,
    browser TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    stepped_up_until INTEGER NOT NULL,
    stepped_up_by TEXT CHECK (stepped_up_by IN ('passkey', 'claim', 'mail')),
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE sign_ins (
    id TEXT PRIMARY KEY,
    link_hash BLOB NOT NULL,
    code_hash BLOB NOT NULL,
    browser_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE step_up_codes (
    session_id TEXT PRIMARY KEY,
    code_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,
    public_key BLOB NOT NULL,
    name TEXT NOT NULL,
    transports TEXT NOT NULL,
    counter INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    trusted_from INTEGER NOT NULL,
    last_used_at INTEGER,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE nostr_keys (
    pubkey TEXT PRIMARY KEY,
    added_at INTEGER NOT NULL,
    last_used_at INTEGER,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE ceremonies (
    challenge TEXT PRIMARY KEY,
    session_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('register', 'step-up', 'used')),
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE bunkers (
    bunker_id TEXT PRIMARY KEY,
    noted_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  MAIL_OUTBOX_MIGRATION,
];
