// The tables of the instance. SCHEMA.md shows an example row of each and says how long it lives.

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE instance (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    created_at INTEGER NOT NULL,
    sealed_pepper BLOB NOT NULL,
    root_check TEXT NOT NULL,
    next_root_check TEXT,
    order_number INTEGER NOT NULL DEFAULT 0,
    order_data_keys TEXT,
    ordered_at INTEGER,
    ordered_by TEXT,
    public_url TEXT,
    claimed_at INTEGER,
    locked_at INTEGER,
    locked_by TEXT,
    row_changes INTEGER NOT NULL DEFAULT 0,
    row_sums TEXT NOT NULL DEFAULT '{}',
    mac BLOB NOT NULL
  );

  CREATE TABLE bunkers (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('begun', 'ready')),
    name TEXT NOT NULL,
    user_pubkey TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    knows_lock INTEGER NOT NULL DEFAULT 0,
    tried_at INTEGER NOT NULL DEFAULT 0,
    ends_at INTEGER,
    former_id TEXT,
    root_id TEXT,
    sealed_order INTEGER NOT NULL DEFAULT 0,
    sweep_tried_at INTEGER NOT NULL DEFAULT 0,
    sweep_problem TEXT
  ) WITHOUT ROWID;

  CREATE TABLE tombstones (
    bunker_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    user_pubkey TEXT NOT NULL,
    provider TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER NOT NULL,
    deleted_by TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    head TEXT NOT NULL,
    head_from TEXT NOT NULL,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    root_id TEXT,
    sweep_tried_at INTEGER NOT NULL DEFAULT 0,
    sweep_problem TEXT
  ) WITHOUT ROWID;

  CREATE TABLE history_marks (
    bunker_id TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    head TEXT NOT NULL,
    changes INTEGER NOT NULL,
    rows TEXT NOT NULL,
    at INTEGER NOT NULL,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE key_services (
    provider TEXT PRIMARY KEY,
    failing_since INTEGER,
    last_error TEXT NOT NULL,
    last_error_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    scopes TEXT NOT NULL,
    bunker_id TEXT NOT NULL,
    policies TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE owners (
    account_id TEXT PRIMARY KEY,
    added_at INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE nominations (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    effective_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'cancelled', 'done')),
    ended_by TEXT,
    mac BLOB NOT NULL
  );

  CREATE TABLE nostr_names (
    pubkey TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE attempts (
    bucket TEXT NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (bucket, at, seq)
  ) WITHOUT ROWID;
  `,
  "ALTER TABLE bunkers ADD COLUMN wants_links INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE bunkers ADD COLUMN heard_news TEXT NOT NULL DEFAULT ''; ALTER TABLE bunkers ADD COLUMN news_tried_at INTEGER NOT NULL DEFAULT 0",
];
