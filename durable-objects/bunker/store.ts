// All tables of one bunker behind one name, and the transaction that acts on several of them at once.

import { bytesToHex } from "@noble/hashes/utils.js";
import type { DeploymentSealing } from "../../src/deployment-sealing.ts";
import { ActivityHours } from "./activity-hours.ts";
import { ChainWatch } from "./chain-watch.ts";
import { ApprovalTable } from "./approvals/approval-table.ts";
import { HeldTable } from "./approvals/held-table.ts";
import { LinkTable } from "./approvals/link-table.ts";
import { NoticeTable } from "./approvals/notice-table.ts";
import { VoteTable } from "./approvals/vote-table.ts";
import { MailOutbox } from "../mail-outbox.ts";
import { ActivityLog } from "./activity-log.ts";
import { BunkerKeys } from "./bunker-keys.ts";
import { BunkerTable } from "./bunker-row.ts";
import { ConnectionTable } from "./connections.ts";
import { DeletionTable } from "./deletion.ts";
import { ExportWaitTable } from "./export-waits.ts";
import { IdempotencyTable } from "./idempotency.ts";
import { FamiliarTable } from "./familiar.ts";
import { Inbox } from "./inbox.ts";
import { InviteTable } from "./invites.ts";
import { KeyServiceNotes, type TellKeyService } from "./key-service-notes.ts";
import { Marks } from "./marks.ts";
import { NicknameTable } from "./nicknames.ts";
import { MemberChangeTable } from "./member-changes.ts";
import { MemberTable } from "./members.ts";
import { Outbox } from "./outbox.ts";
import { PendingActTable } from "./pending-acts.ts";
import { PolicyTable } from "./policies.ts";
import { PolicyDraftTable } from "./policy-drafts.ts";
import { RowLedger } from "./row-ledger.ts";
import { SeenEvents } from "./seen-events.ts";
import { randomBytes, SignedHistory } from "./signed-history.ts";
import { PublishingTable } from "./publishing/publishing-table.ts";
import { WebhookTable } from "./webhooks/webhook-table.ts";
import { TrippedAppTable } from "./tripped-apps.ts";
import { UsageLog } from "./usage-log.ts";

export interface BunkerStore {
  readonly keys: BunkerKeys;
  readonly keyService: KeyServiceNotes;
  readonly bunker: BunkerTable;
  /** The rows that grant, taken together. */
  readonly rows: RowLedger;
  readonly invites: InviteTable;
  readonly connections: ConnectionTable;
  readonly policies: PolicyTable;
  readonly drafts: PolicyDraftTable;
  readonly members: MemberTable;
  readonly marks: Marks;
  readonly memberChanges: MemberChangeTable;
  readonly pendingActs: PendingActTable;
  readonly deletion: DeletionTable;
  readonly exportWaits: ExportWaitTable;
  readonly activity: ActivityLog;
  readonly hours: ActivityHours;
  readonly chain: ChainWatch;
  readonly usage: UsageLog;
  readonly history: SignedHistory;
  readonly familiar: FamiliarTable;
  readonly seen: SeenEvents;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly idempotency: IdempotencyTable;
  readonly approvals: ApprovalTable;
  readonly votes: VoteTable;
  readonly links: LinkTable;
  readonly held: HeldTable;
  readonly notices: NoticeTable;
  readonly mails: MailOutbox;
  readonly webhooks: WebhookTable;
  readonly publishing: PublishingTable;
  readonly trippedApps: TrippedAppTable;
  readonly nicknames: NicknameTable;
  /** Runs `act` so that all that it writes is durable or none of it. It must not await: it could not, the type says so. */
  transaction<Value>(act: () => Value extends PromiseLike<unknown> ? never : Value): Value;
  /** Runs when the transaction that is going on is done, and not at all when it comes to nothing: what was sent cannot be taken back. */
  afterCommit(act: () => void): void;
}

/** The tables whose rows carry a MAC. */
const GRANTING_TABLES = [
  "bunker",
  "invites",
  "connections",
  "policies",
  "policy_drafts",
  "members",
  "member_changes",
  "pending_acts",
  "approvals",
  "votes",
  "approval_links",
  "webhooks",
  "head_publishing",
  "nicknames",
  "deletion",
  "export_waits",
];

export function openStore(ctx: DurableObjectState, sealing: DeploymentSealing, tell: TellKeyService): BunkerStore {
  const { sql } = ctx.storage;
  const bunkerId = ctx.id.toString();
  const bunker: BunkerTable = new BunkerTable(sql, () => rows);
  const keyService = new KeyServiceNotes(sql, tell);
  const keys = new BunkerKeys(bunkerId, sql, bunker, sealing, keyService);
  const rows = new RowLedger(sql, bunkerId, () => keys.rowMacKey(), GRANTING_TABLES);
  const activity = new ActivityLog(sql, bunkerId);
  const usage = new UsageLog(sql, () => bunker.read().restoredAt);
  return {
    keys,
    keyService,
    bunker,
    rows,
    activity,
    hours: new ActivityHours(sql, activity),
    chain: new ChainWatch(activity),
    usage,
    invites: new InviteTable(sql, rows),
    connections: new ConnectionTable(sql, rows),
    policies: new PolicyTable(sql, rows),
    drafts: new PolicyDraftTable(sql, rows),
    members: new MemberTable(sql, rows),
    marks: new Marks(sql),
    memberChanges: new MemberChangeTable(sql, rows),
    deletion: new DeletionTable(sql, rows),
    exportWaits: new ExportWaitTable(sql, rows),
    pendingActs: new PendingActTable(sql, rows),
    familiar: new FamiliarTable(sql, keys),
    history: new SignedHistory(sql, keys, usage, activity),
    seen: new SeenEvents(sql),
    inbox: new Inbox(sql, keys),
    outbox: new Outbox(sql),
    idempotency: new IdempotencyTable(sql, keys),
    approvals: new ApprovalTable(sql, rows, keys),
    votes: new VoteTable(sql, rows, keys),
    links: new LinkTable(sql, rows, keys),
    held: new HeldTable(sql),
    notices: new NoticeTable(sql),
    mails: new MailOutbox({ sql, ownerId: bunkerId, mailKey: () => keys.mailKey(), random: randomBytes }),
    webhooks: new WebhookTable(sql, rows, keys),
    publishing: new PublishingTable(sql, rows),
    trippedApps: new TrippedAppTable(sql),
    nicknames: new NicknameTable(sql, rows),
    ...transactionsOf(ctx.storage),
  };
}

function transactionsOf(storage: DurableObjectStorage): Pick<BunkerStore, "transaction" | "afterCommit"> {
  let later: (() => void)[] | undefined;
  return {
    transaction(act) {
      // One inside another is part of it.
      if (later !== undefined) return storage.transactionSync(act);
      const acts: (() => void)[] = [];
      later = acts;
      let value: ReturnType<typeof act>;
      try {
        value = storage.transactionSync(act);
      } finally {
        later = undefined;
      }
      for (const run of acts) run();
      return value;
    },
    afterCommit(act) {
      if (later === undefined) act();
      else later.push(act);
    },
  };
}

/** A fresh 128-bit id, 32 hex digits. */
export function newId(): string {
  return bytesToHex(randomBytes(16));
}
