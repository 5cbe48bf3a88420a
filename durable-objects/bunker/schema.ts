// The tables of a bunker. SCHEMA.md shows an example row of each and says how long it lives.

import { MAIL_OUTBOX_MIGRATION } from "../mail-outbox.ts";

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE bunker (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    name TEXT NOT NULL,
    user_pubkey TEXT NOT NULL,
    exportable INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    locked_at INTEGER,
    locked_by TEXT,
    instance_locked_at INTEGER,
    epoch INTEGER NOT NULL,
    restored_at INTEGER,
    sealed_seed BLOB NOT NULL,
    sealed_user_key TEXT NOT NULL,
    public_url TEXT NOT NULL,
    outbound_relays TEXT NOT NULL,
    four_eyes INTEGER NOT NULL DEFAULT 0,
    settings TEXT NOT NULL,
    mac BLOB NOT NULL
  );

  CREATE TABLE deletion (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    asked_at INTEGER NOT NULL,
    asked_by TEXT NOT NULL,
    asked_by_name TEXT NOT NULL,
    effective_at INTEGER NOT NULL,
    final_seq INTEGER,
    mac BLOB NOT NULL
  );

  CREATE TABLE export_waits (
    asked_by TEXT PRIMARY KEY,
    asked_by_name TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    effective_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE row_sums (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    changes INTEGER NOT NULL,
    sums TEXT NOT NULL,
    mac BLOB NOT NULL
  );

  CREATE TABLE key_service (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    failing_since INTEGER,
    last_error TEXT NOT NULL,
    last_error_at INTEGER NOT NULL
  );

  CREATE TABLE remote_signers (
    pubkey TEXT PRIMARY KEY,
    signer_id BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE invites (
    id TEXT PRIMARY KEY,
    remote_signer_pubkey TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    policy TEXT NOT NULL,
    uses INTEGER NOT NULL,
    uses_left INTEGER NOT NULL,
    confirm INTEGER NOT NULL,
    interactive INTEGER NOT NULL,
    nip04 INTEGER NOT NULL,
    relays TEXT NOT NULL,
    relay_urls TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE connections (
    id TEXT PRIMARY KEY,
    remote_signer_pubkey TEXT NOT NULL,
    client_pubkey TEXT NOT NULL,
    invite_id TEXT,
    name TEXT NOT NULL,
    policy TEXT NOT NULL,
    state TEXT NOT NULL,
    nip04 INTEGER NOT NULL,
    interactive INTEGER NOT NULL,
    relays TEXT NOT NULL,
    client_relays TEXT NOT NULL,
    switched_at INTEGER,
    metadata TEXT,
    requested_permissions TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER,
    idle_expires_in INTEGER NOT NULL,
    waiting_connect TEXT,
    mac BLOB NOT NULL,
    UNIQUE (remote_signer_pubkey, client_pubkey)
  ) WITHOUT ROWID;

  CREATE TABLE policies (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    published_by TEXT NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (name, version)
  ) WITHOUT ROWID;

  CREATE TABLE activity (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    entry TEXT NOT NULL,
    hash BLOB NOT NULL,
    likeness TEXT,
    request BLOB,
    reply TEXT
  );

  CREATE TABLE former_activity (
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    entry TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (epoch, seq)
  ) WITHOUT ROWID;

  CREATE TABLE activity_hours (
    hour INTEGER PRIMARY KEY,
    allowed INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    denied INTEGER NOT NULL,
    stranger INTEGER NOT NULL
  );

  CREATE TABLE signed_latest (
    kind INTEGER NOT NULL,
    identifier TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    sealed_template BLOB NOT NULL,
    PRIMARY KEY (kind, identifier)
  ) WITHOUT ROWID;

  CREATE TABLE familiar (
    name_hash BLOB PRIMARY KEY
  ) WITHOUT ROWID;

  CREATE TABLE tripped_apps (
    connection_id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    cause TEXT NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE charges (
    counter TEXT NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    PRIMARY KEY (counter, at, seq)
  ) WITHOUT ROWID;

  CREATE TABLE seen (
    created_at INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (created_at, event_id)
  ) WITHOUT ROWID;

  CREATE TABLE inbox (
    event_id TEXT PRIMARY KEY,
    received_at INTEGER NOT NULL,
    sealed_event BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    connection_id TEXT NOT NULL,
    client_pubkey TEXT NOT NULL,
    request_id TEXT NOT NULL,
    event TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    success INTEGER NOT NULL,
    waits_until INTEGER NOT NULL,
    offered INTEGER NOT NULL,
    relays TEXT NOT NULL,
    entry INTEGER
  );

  CREATE TABLE relay_links (
    relay TEXT PRIMARY KEY,
    health TEXT NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE idempotency (
    owner TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    answer BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (owner, key_hash)
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE members (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    has_passkey INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    last_seen_at INTEGER,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE member_changes (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('add', 'role', 'remove')),
    member_id TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    role TEXT,
    asked_at INTEGER NOT NULL,
    asked_by TEXT NOT NULL,
    asked_by_email TEXT NOT NULL,
    effective_at INTEGER NOT NULL,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE pending_acts (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    input TEXT NOT NULL,
    what TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    asked_by TEXT NOT NULL,
    asked_by_email TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    confirmed_by TEXT,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE policy_drafts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    base_version INTEGER NOT NULL,
    document TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    connection_id TEXT NOT NULL,
    state TEXT NOT NULL,
    hash TEXT NOT NULL,
    likeness TEXT,
    asked_at INTEGER NOT NULL,
    due_at INTEGER,
    document TEXT NOT NULL,
    mac BLOB NOT NULL,
    result BLOB,
    payload BLOB
  );
  CREATE INDEX approvals_by_hash ON approvals (hash);
  CREATE INDEX approvals_by_state ON approvals (state, asked_at);
  CREATE INDEX approvals_by_due ON approvals (due_at);

  CREATE TABLE votes (
    approval_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    document TEXT NOT NULL,
    reason BLOB,
    mac BLOB NOT NULL,
    PRIMARY KEY (approval_id, account_id)
  ) WITHOUT ROWID;

  CREATE TABLE approval_links (
    secret_hash TEXT PRIMARY KEY,
    approval_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    used_at INTEGER,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE approval_notices (
    approval_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    mail_id TEXT,
    single INTEGER NOT NULL,
    waits_since INTEGER,
    opened_at INTEGER,
    read_at INTEGER,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (approval_id, account_id)
  ) WITHOUT ROWID;

  CREATE TABLE webhooks (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    url TEXT NOT NULL,
    sealed_secret BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    mac BLOB NOT NULL
  );

  CREATE TABLE nicknames (
    pubkey TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    given_by TEXT NOT NULL,
    mac BLOB NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE head_publishing (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    relays TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    set_by TEXT NOT NULL,
    mac BLOB NOT NULL
  );

  CREATE TABLE published_heads (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    tried_at INTEGER NOT NULL,
    problem TEXT,
    outcomes TEXT NOT NULL,
    published TEXT
  );

  CREATE TABLE webhook_calls (
    id TEXT PRIMARY KEY,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    attempts INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    due_at INTEGER,
    settled_at INTEGER,
    reason TEXT
  ) WITHOUT ROWID;

  CREATE TABLE held_requests (
    connection_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    approval_id TEXT NOT NULL,
    encryption TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    answered_at INTEGER,
    PRIMARY KEY (connection_id, request_id)
  ) WITHOUT ROWID;
  `,
  MAIL_OUTBOX_MIGRATION,
];
