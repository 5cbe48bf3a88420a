// One user key and everything that may be done with it. A thin shell: it checks who asks, hands on to the parts in bunker/, and owns
// the object's sockets and its alarm.

import { DurableObject } from "cloudflare:workers";
import { deploymentSealing, type DeploymentSealing } from "../src/deployment-sealing.ts";
import type { Env } from "../src/env.ts";
import { allowsInsecureRelays } from "../src/env.ts";
import { LIVE_AGE_HEADER, LIVE_PATH, LIVE_TICKET } from "../src/live.ts";
import { logError, logInfo, logWarning } from "../src/log.ts";
import { may, type Action } from "../src/people/permissions.ts";
import type { PersonPrincipal, Principal, Role } from "../src/people/principal.ts";
import { ok, refuse, type Result } from "../src/result.ts";
import { readPractice, sendPractice } from "./bunker/approvals/practice.ts";
import { approvalByLink, stopByLink, voteByLink } from "./bunker/approvals/by-link.ts";
import { listApprovals, readApproval, rejectApproval, vote } from "./bunker/approvals/manage-approvals.ts";
import { assembleBunker, instanceOf, type Parts } from "./bunker/assemble.ts";
import { askerOf, type Asker } from "./bunker/asker.ts";
import { confirmAct } from "./bunker/confirm-act.ts";
import { conditionOf } from "./bunker/condition.ts";
import { createBunker } from "./bunker/create-bunker.ts";
import { actView, cancelAct, listActs, setFourEyes } from "./bunker/four-eyes.ts";
import { deletionView } from "./bunker/deletion.ts";
import { glance } from "./bunker/glance.ts";
import { signOverHttp } from "./bunker/http-sign.ts";
import { attention, checkChain, listBudgets, readEntry, requestCounts, searchEntries, summary } from "./bunker/insight.ts";
import type { KeyServiceNote } from "./bunker/key-service-notes.ts";
import { describeBunker, lockBunker, setInstanceLock, unlockBunker } from "./bunker/manage-bunker.ts";
import { beginDeletion, finishDeletion, undoDeletion } from "./bunker/manage-deletion.ts";
import { cancelExports, takeOut } from "./bunker/manage-export.ts";
import { signCheckpoint, verifyActivity } from "./bunker/manage-history.ts";
import { connectByCode } from "./bunker/connect-by-code.ts";
import { listConnections, patchConnection, readConnection, renameConnection } from "./bunker/manage-connections.ts";
import { createInvite, listInvites, readInvite, withdrawInvite } from "./bunker/manage-invites.ts";
import { cancelMemberChange, changeMembers, listMembers, type WantedChange } from "./bunker/manage-members.ts";
import {
  deletePolicy,
  discardPolicyDraft,
  listPolicies,
  listPolicyDrafts,
  listPolicyVersions,
  publishPolicy,
  publishPolicyDraft,
  readPolicy,
} from "./bunker/manage-policies.ts";
import { dryRunPolicy, policyPeaks, tryPolicy } from "./bunker/replay-policies.ts";
import { cancelNominationHere, hearNomination, listNominations } from "./bunker/nominations.ts";
import { setOutboundRelays } from "./bunker/manage-relays.ts";
import { peopleOf } from "./bunker/people.ts";
import { resealBunker } from "./bunker/reseal.ts";
import { isRestoredFrom, readRestorable } from "./bunker/restorable.ts";
import { restoreHere } from "./bunker/restore-here.ts";
import { restoreIntoNew } from "./bunker/restore-bunker.ts";
import { acknowledgeTrip } from "./bunker/trip-wire.ts";
import { TamperedRowError } from "./bunker/row-guard.ts";
import { MIGRATIONS } from "./bunker/schema.ts";
import { changeSettings } from "./bunker/manage-settings.ts";
import { openStore, type BunkerStore } from "./bunker/store.ts";
import { readPublishing, setPublishing } from "./bunker/publishing/publish-head.ts";
import { readWebhook, removeWebhook, setWebhook, testWebhook } from "./bunker/webhooks/webhooks.ts";
import type { ApprovalFilter, CastVote, StopWhat } from "./approvals-rpc.ts";
import { MAILS_SHOWN } from "./mail-outbox.ts";
import type { MailView } from "./mail-view.ts";
import type {
  BunkerRpc,
  BunkerCondition,
  BunkerSettings,
  BunkerUpkeep,
  BunkerView,
  ConnectByCode,
  CreateBunker,
  CreateInvite,
  DryRunCell,
  DryRunRequest,
  NominationNews,
  PatchConnection,
  ResealOrder,
  PublishHow,
  RestoreBunker,
  RestoredHere,
  SignOverHttp,
  TakeOut,
} from "./bunker-rpc.ts";
import type { ActivityCursor, ActivityFilter, InsightRpc } from "./insight-rpc.ts";
import type { PublishingRpc } from "./publishing-rpc.ts";
import type { ConsoleRpc } from "./console-rpc.ts";
import { isMigrated, migrate } from "./migrations.ts";
import { exportActivity } from "./bunker/activity-search.ts";
import { dropNickname, giveNickname, listNicknames } from "./bunker/nicknames.ts";
import type { NicknamesRpc } from "./nicknames-rpc.ts";

/** What people still do at a bunker that was deleted and can be brought back. */
const READ_ACTIONS: ReadonlySet<Action> = new Set([
  "bunkers:read",
  "activity:read",
  "members:read",
  "policies:read",
  "connections:read",
  "pages:listen",
]);

export class Bunker extends DurableObject<Env> implements BunkerRpc, ConsoleRpc, InsightRpc, PublishingRpc, NicknamesRpc, BunkerUpkeep {
  /** Undefined while this object is no bunker: never created, deleted, or without its root secret. */
  #parts: Parts | undefined;
  readonly #sealing: DeploymentSealing | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sealing = deploymentSealing(env);
    // No table is laid for an object that nobody created: asking must cost a stranger's target nothing.
    if (this.#sealing === undefined || !isMigrated(ctx.storage.sql)) return;
    migrate(ctx.storage, MIGRATIONS);
    const store = openStore(ctx, this.#sealing, (note) => this.#tellKeyService(note));
    // A hibernation keeps the sockets, and nothing is lost in it.
    if (ctx.getWebSockets().length === 0) store.outbox.distrustLast(Date.now());
    this.#parts = this.#assemble(store);
    void ctx.blockConcurrencyWhile(async () => this.#parts?.alarm.loadOrArm(Date.now()));
    if (store.inbox.rows() > 0) this.#parts.alarm.armBy(Date.now());
    this.#parts.outbound.refresh();
  }

  // Socket upgrades only: everything else comes as RPC. Not an RPC method: the stub's own fetch leads here.
  override async fetch(request: Request): Promise<Response> {
    if (this.#parts === undefined) return new Response("no such bunker", { status: 404 });
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") return new Response("expected a WebSocket", { status: 426 });
    // Requests from outside come with the path of the relay alone.
    if (new URL(request.url).pathname === LIVE_PATH) {
      const age = Number.parseInt(request.headers.get(LIVE_AGE_HEADER) ?? "", 10) || 0;
      return this.#parts.live.accept(request.headers.get(LIVE_TICKET) ?? "", Date.now(), age);
    }
    // Deleted, it is read by its people and speaks to no app.
    if (this.#parts.store.deletion.exists()) return new Response("no such bunker", { status: 404 });
    return this.#parts.relay.accept(request.headers.get("CF-Connecting-IP") ?? "unknown");
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    if (this.#parts === undefined) return socket.close(1001, "no such bunker");
    try {
      if (this.#parts.live.isLive(socket)) return this.#parts.live.message(socket, data);
      await this.#parts.relay.message(socket, data);
    } catch (error) {
      this.#noteError("webSocketMessage", error);
    }
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    if (this.#parts?.live.isLive(socket) === false) this.#parts.relay.closed(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    if (this.#parts?.live.isLive(socket) === false) this.#parts.relay.closed(socket);
  }

  override async alarm(): Promise<void> {
    await this.#parts?.alarm.fire(Date.now());
  }

  async create(principal: Principal, input: CreateBunker): Promise<Result<BunkerView>> {
    const allowed = may(principal, "bunkers:create", { bunkerId: this.ctx.id.toString() });
    if (!allowed.ok) return allowed;
    if (this.#sealing === undefined) return noRoot();
    if (this.#parts !== undefined) return refuse("conflict", "this bunker exists already");
    const created = await createBunker(this.ctx, this.#sealing, (note) => this.#tellKeyService(note), principal, input);
    if (!created.ok) return created;
    this.#parts = this.#assemble(created.value);
    await this.#parts.alarm.loadOrArm(Date.now());
    return ok(this.#describe(this.#parts));
  }

  async restore(principal: Principal, { backup, ...place }: RestoreBunker): Promise<Result<BunkerView>> {
    const allowed = may(principal, "bunkers:restore", { bunkerId: this.ctx.id.toString(), now: Date.now() });
    if (!allowed.ok) return allowed;
    if (this.#sealing === undefined) return noRoot();
    const restorable = readRestorable(backup, { allowInsecure: allowsInsecureRelays(this.env) });
    if (!restorable.ok) return restorable;
    if (this.#parts !== undefined) {
      const isSame = isRestoredFrom(this.#parts.store, restorable.value);
      return isSame ? ok(this.#describe(this.#parts)) : refuse("conflict", "this bunker exists already");
    }
    const restored = await restoreIntoNew({ ...this.#place(this.#sealing), principal, ...place }, restorable.value);
    if (!restored.ok) return restored;
    this.#parts = this.#assemble(restored.value);
    await this.#parts.alarm.loadOrArm(Date.now());
    return ok(this.#describe(this.#parts));
  }

  // Not by way of `#as`, which notes who was here: in a database that was changed from outside only roles are read before somebody is let in.
  async restoreHere(principal: Principal, backup: unknown, seenAt: string): Promise<Result<RestoredHere>> {
    const [parts, sealing] = [this.#parts, this.#sealing];
    if (sealing === undefined) return noRoot();
    if (parts === undefined) {
      const allowed = may(principal, "bunkers:rewind", { bunkerId: this.ctx.id.toString(), now: Date.now() });
      return allowed.ok ? refuse("not-found", "no bunker has that id") : allowed;
    }
    try {
      const asker = askerOf(parts.store, parts.bunkerId, principal);
      const allowed = asker.can("bunkers:rewind");
      if (!allowed.ok) return allowed;
      const restorable = readRestorable(backup, { allowInsecure: allowsInsecureRelays(this.env) });
      if (!restorable.ok) return restorable;
      const here = await restoreHere(parts, asker, restorable.value, { ...this.#place(sealing), seenAt }, instanceOf(this.env));
      if (!here.ok) return here;
      if (here.value.done === "held") return ok({ done: "held", act: actView(here.value.act) });
      const restored = this.#assemble(here.value.store);
      this.#parts = restored;
      await this.#closeFor(parts, "this bunker was restored");
      await restored.alarm.loadOrArm(Date.now());
      return ok({ done: "restored", bunker: this.#describe(restored) });
    } catch (error) {
      logError("bunker", { where: "restore", error });
      if (error instanceof TamperedRowError)
        return refuse("locked", "who owns this bunker cannot be believed here: an owner of the whole instance restores it");
      return refuse("unavailable", "the bunker could not do that now, try again");
    }
  }

  describe(principal: Principal) {
    return this.#as(principal, "bunkers:read", (parts) => ok(this.#describe(parts)));
  }

  /** Who this is, null for no bunker: for the Instance, which finishes creations that were cut off. */
  async identity(): Promise<{ name: string; userPubkey: string } | null> {
    if (this.#parts === undefined) return null;
    const { name, userPubkey } = this.#parts.store.bunker.read();
    return { name, userPubkey };
  }

  async condition(): Promise<BunkerCondition> {
    if (this.#parts !== undefined) return conditionOf(this.#parts);
    if (isMigrated(this.ctx.storage.sql)) throw new Error("expected a root secret");
    return "none";
  }

  async discardDamaged(rootIds: readonly string[]): Promise<BunkerCondition> {
    const own = this.#sealing?.roots.map(({ id }) => id) ?? [];
    if (own.join() !== rootIds.join()) throw new Error("expected the root secrets that the instance has");
    const parts = this.#parts;
    const condition = await this.condition();
    if (parts !== undefined && condition === "damaged") await this.#destroy(parts);
    return condition;
  }

  async setInstanceLock(locked: boolean): Promise<void> {
    if (this.#parts !== undefined) setInstanceLock(this.#parts, locked);
  }

  async mails(): Promise<readonly MailView[]> {
    return this.#parts?.store.mails.list({ limit: MAILS_SHOWN }) ?? [];
  }

  async reseal(order: ResealOrder): Promise<Result<null>> {
    if (this.#sealing === undefined) return noRoot();
    if (this.#parts === undefined) return isMigrated(this.ctx.storage.sql) ? noRoot() : ok(null);
    try {
      return await resealBunker({ ...this.#parts, sealing: this.#sealing }, order);
    } catch (error) {
      this.#noteError("reseal", error);
      return refuse("unavailable", "it does not hold what it should: see its activity and the log");
    }
  }

  /** The second line of the relay links: whatever became of the alarm, it is set again. */
  async keepLinks(): Promise<void> {
    if (this.#parts === undefined) return;
    const { secondLine, outbound, alarm } = this.#parts;
    outbound.refresh();
    if (!secondLine.wants) secondLine.forget();
    await alarm.recover(Date.now());
  }

  delete(principal: Principal, graceSeconds: number) {
    return this.#as(principal, "bunkers:delete", async (parts, asker) => {
      const begun = await beginDeletion(parts, asker, graceSeconds);
      if (!begun.ok) return begun;
      if (graceSeconds === 0) await finishDeletion(parts, parts.deletionWitness, Date.now());
      return ok(deletionView(begun.value));
    });
  }

  takeOut(principal: Principal, wanted: TakeOut) {
    return this.#as(principal, ["keys:export", "keys:announce"], (parts, asker) => takeOut(parts, asker, wanted));
  }

  cancelExports(principal: Principal) {
    return this.#as(principal, "keys:cancel", (parts, asker) => cancelExports(parts, asker));
  }

  undelete(principal: Principal) {
    return this.#as(principal, "bunkers:undelete", async (parts, asker) => {
      const undone = await undoDeletion(parts, asker);
      return undone.ok ? ok(this.#describe(parts)) : undone;
    });
  }

  lock(principal: Principal) {
    return this.#as(principal, "bunkers:lock", (parts, { label }) => {
      lockBunker(parts, label, "The bunker was locked; it signs nothing.");
      return ok(this.#describe(parts));
    });
  }

  unlock(principal: Principal, acceptHistory = false) {
    return this.#as(principal, "bunkers:unlock", async (parts, asker) => {
      const unlocked = await unlockBunker(parts, asker, acceptHistory);
      return unlocked.ok ? ok(this.#describe(parts)) : unlocked;
    });
  }

  setRelays(principal: Principal, relays: readonly string[]) {
    return this.#as(principal, "bunkers:write", (parts) => {
      const set = setOutboundRelays(parts, principal, relays);
      return set.ok ? ok(this.#describe(parts)) : set;
    });
  }

  readSettings(principal: Principal) {
    return this.#as(principal, "bunkers:read", ({ store }) => ok(store.bunker.read().settings));
  }

  changeSettings(principal: Principal, change: Partial<BunkerSettings>) {
    return this.#as(principal, "settings:write", (parts, asker) => changeSettings(parts, asker, change));
  }

  readPublishing(principal: Principal) {
    return this.#as(principal, "activity:read", (parts) => readPublishing(parts));
  }

  setPublishing(principal: Principal, relays: readonly string[]) {
    return this.#as(principal, "settings:write", (parts, asker) => setPublishing(parts, asker, relays));
  }

  createInvite(principal: Principal, input: CreateInvite) {
    return this.#as(principal, "invites:create", (parts, asker) => createInvite(parts, asker, input), input.policy);
  }

  listInvites(principal: Principal, cursor = "") {
    return this.#as(principal, "invites:read", (parts) => listInvites(parts, cursor));
  }

  withdrawInvite(principal: Principal, inviteId: string) {
    return this.#as(principal, "invites:withdraw", (parts) => withdrawInvite(parts, principal, inviteId));
  }

  nostrConnect(principal: Principal, input: ConnectByCode) {
    return this.#as(principal, "connections:create", (parts, asker) => connectByCode(parts, asker, input), input.policy);
  }

  listConnections(principal: Principal, cursor = "") {
    return this.#as(principal, "connections:read", (parts) => listConnections(parts, cursor));
  }

  patchConnection(principal: Principal, connectionId: string, patch: PatchConnection) {
    const actions = ["connections:stop", "connections:reassign", "connections:confirm", "connections:resume"] as const;
    return this.#as(principal, actions, (parts, asker) => patchConnection(parts, asker, connectionId, patch));
  }

  acknowledgeTrip(principal: Principal, connectionId: string) {
    return this.#as(principal, "connections:confirm", (parts, asker) => acknowledgeTrip(parts, asker, connectionId));
  }

  listPolicies(principal: Principal) {
    return this.#as(principal, "policies:read", (parts) => listPolicies(parts));
  }

  readPolicy(principal: Principal, name: string) {
    return this.#as(principal, "policies:read", (parts) => readPolicy(parts, name));
  }

  listPolicyVersions(principal: Principal, name: string) {
    return this.#as(principal, "policies:read", (parts) => listPolicyVersions(parts, name));
  }

  publishPolicy(principal: Principal, name: string, document: unknown, how: PublishHow = {}) {
    return this.#as(principal, "policies:publish", (parts, asker) => publishPolicy(parts, asker, name, document, how));
  }

  deletePolicy(principal: Principal, name: string) {
    return this.#as(principal, "policies:delete", (parts, asker) => deletePolicy(parts, asker, name));
  }

  listPolicyDrafts(principal: Principal, name: string) {
    return this.#as(principal, "policies:read", (parts) => listPolicyDrafts(parts, name));
  }

  publishPolicyDraft(principal: Principal, name: string, draftId: string) {
    return this.#as(principal, "policies:loosen", (parts, asker) => publishPolicyDraft(parts, asker, name, draftId));
  }

  discardPolicyDraft(principal: Principal, name: string, draftId: string) {
    return this.#as(principal, "policies:publish", (parts, asker) => discardPolicyDraft(parts, asker, name, draftId));
  }

  dryRunPolicy(principal: Principal, input: DryRunRequest) {
    return this.#as(principal, "policies:read", (parts) => dryRunPolicy(parts, input));
  }

  tryPolicy(principal: Principal, policy: unknown, cell: DryRunCell | null, skip: number) {
    return this.#as(principal, "policies:read", (parts, asker) => tryPolicy(parts, asker, { policy, cell, skip }));
  }

  policyPeaks(principal: Principal, policy: unknown) {
    return this.#as(principal, "policies:read", (parts) => policyPeaks(parts, policy));
  }

  listMembers(principal: Principal) {
    return this.#as(principal, "members:read", (parts) => listMembers(parts));
  }

  addMember(principal: Principal, { email, role }: { email: string; role: Role }) {
    return this.#changeMembers(principal, { kind: "add", email, role });
  }

  changeMember(principal: Principal, memberId: string, { role }: { role: Role }) {
    return this.#changeMembers(principal, { kind: "role", memberId, role });
  }

  removeMember(principal: Principal, memberId: string) {
    return this.#changeMembers(principal, { kind: "remove", memberId });
  }

  cancelMemberChange(principal: Principal, changeId: string) {
    return this.#as(principal, "members:cancel", (parts, asker) => cancelMemberChange(parts, asker, changeId));
  }

  listNominations(principal: Principal) {
    return this.#as(principal, "members:read", (parts) => listNominations(parts));
  }

  cancelNomination(principal: Principal, nominationId: string) {
    return this.#as(principal, "members:cancel", (parts, asker) => cancelNominationHere(parts, asker, nominationId));
  }

  async hearNomination(news: NominationNews): Promise<void> {
    if (this.#parts !== undefined) await hearNomination(this.#parts, news);
  }

  setFourEyes(principal: Principal, isOn: boolean) {
    return this.#as(principal, isOn ? "four-eyes:on" : "four-eyes:off", (parts, asker) => setFourEyes(parts, asker, isOn));
  }

  listActs(principal: Principal) {
    return this.#as(principal, "bunkers:read", (parts) => ok({ items: listActs(parts), next: null }));
  }

  confirmAct(principal: Principal, actId: string) {
    return this.#as(principal, "acts:confirm", (parts, asker) => confirmAct(parts, asker, actId));
  }

  cancelAct(principal: Principal, actId: string) {
    return this.#as(principal, "acts:cancel", (parts, asker) => cancelAct(parts, asker, actId));
  }

  listActivity(principal: Principal, after: number, limit: number, epoch?: number) {
    return this.#as(principal, "activity:read", ({ store }) => {
      const isFormer = epoch !== undefined && epoch !== store.keys.epoch();
      const items = isFormer ? store.activity.listFormer(epoch, after, limit) : store.activity.list(after, limit);
      const last = items.at(-1)?.seq;
      return ok({ items, next: items.length < limit || last === undefined ? null : String(last) });
    });
  }

  verifyActivity(principal: Principal) {
    return this.#as(principal, "activity:read", (parts) => verifyActivity(parts));
  }

  signCheckpoint(principal: Principal) {
    return this.#as(principal, "activity:read", (parts) => signCheckpoint(parts, instanceOf(this.env)));
  }

  glance(principal: Principal) {
    return this.#as(principal, "bunkers:read", (parts, asker) => glance(parts, asker));
  }

  sendPractice(principal: Principal) {
    return this.#as(principal, "practice:send", (parts, asker) => sendPractice(parts, asker));
  }

  readPractice(principal: Principal) {
    return this.#as(principal, "approvals:read", (parts) => ok(readPractice(parts)));
  }

  checkChain(principal: Principal) {
    return this.#as(principal, "activity:read", (parts) => checkChain(parts));
  }

  readInvite(principal: Principal, inviteId: string) {
    return this.#as(principal, "invites:read", (parts) => readInvite(parts, inviteId));
  }

  readConnection(principal: Principal, connectionId: string) {
    return this.#as(principal, "connections:read", (parts) => readConnection(parts, connectionId));
  }

  renameConnection(principal: Principal, connectionId: string, name: string) {
    return this.#as(principal, "connections:reassign", (parts) => renameConnection(parts, principal, connectionId, name));
  }

  summary(principal: Principal) {
    return this.#as(principal, "bunkers:read", (parts) => summary(parts));
  }

  attention(principal: Principal) {
    return this.#as(principal, "bunkers:read", (parts) => attention(parts));
  }

  requestCounts(principal: Principal, from: number) {
    return this.#as(principal, "activity:read", (parts) => requestCounts(parts, from));
  }

  searchActivity(principal: Principal, filter: ActivityFilter, cursor: ActivityCursor) {
    return this.#as(principal, "activity:read", (parts) => searchEntries(parts, filter, cursor));
  }

  exportActivity(principal: Principal, filter: ActivityFilter, after: number) {
    return this.#as(principal, "activity:read", (parts) => ok(exportActivity(parts.store.activity, filter, after)));
  }

  listNicknames(principal: Principal) {
    return this.#as(principal, "bunkers:read", (parts) => listNicknames(parts));
  }

  giveNickname(principal: Principal, pubkey: string, name: string) {
    return this.#as(principal, "nicknames:write", (parts, asker) => giveNickname(parts, asker, pubkey, name));
  }

  dropNickname(principal: Principal, pubkey: string) {
    return this.#as(principal, "nicknames:write", (parts, asker) => dropNickname(parts, asker, pubkey));
  }

  readActivity(principal: Principal, seq: number) {
    return this.#as(principal, "activity:read", (parts, asker) => readEntry(parts, asker, seq));
  }

  openLive(principal: Principal, sessionId: string) {
    return this.#as(principal, "pages:listen", (parts) => {
      if (principal.kind !== "person") return refuse("invalid", "expected a person with a page");
      return ok({ ticket: parts.live.ticketFor(principal, sessionId, Date.now()) });
    });
  }

  listBudgets(principal: Principal) {
    return this.#as(principal, "connections:read", (parts) => listBudgets(parts));
  }

  readWebhook(principal: Principal) {
    return this.#as(principal, "bunkers:read", (parts) => readWebhook(parts));
  }

  setWebhook(principal: Principal, url: string) {
    return this.#as(principal, "webhooks:write", (parts, asker) => setWebhook(parts, asker, url));
  }

  removeWebhook(principal: Principal) {
    return this.#as(principal, "webhooks:write", (parts, asker) => removeWebhook(parts, asker));
  }

  testWebhook(principal: Principal) {
    return this.#as(principal, "webhooks:write", (parts) => testWebhook(parts));
  }

  approvalByLink(linkSecret: string, browser: PersonPrincipal | null) {
    return this.#byLink((parts) => approvalByLink(parts, linkSecret, browser));
  }

  voteByLink(linkSecret: string, cast: CastVote, browser: PersonPrincipal | null) {
    return this.#byLink((parts) => voteByLink(parts, linkSecret, cast, browser));
  }

  stopByLink(linkSecret: string, what: StopWhat, browser: PersonPrincipal | null) {
    return this.#byLink((parts) => stopByLink(parts, linkSecret, what, browser));
  }

  approval(principal: Principal, approvalId: string) {
    return this.#as(principal, "approvals:read", (parts, asker) => readApproval(parts, asker, approvalId));
  }

  listApprovals(principal: Principal, filter: ApprovalFilter, cursor = "") {
    return this.#as(principal, "approvals:read", (parts, asker) => listApprovals(parts, asker, filter, cursor));
  }

  vote(principal: Principal, approvalId: string, cast: CastVote) {
    return this.#as(principal, "approvals:vote", (parts, asker) => vote(parts, asker, approvalId, cast));
  }

  rejectApproval(principal: Principal, approvalId: string) {
    return this.#as(principal, "approvals:reject", (parts, asker) => rejectApproval(parts, asker, approvalId));
  }

  signOverHttp(principal: Principal, input: SignOverHttp) {
    return this.#as(principal, "sign", (parts) => signOverHttp(parts, principal, input));
  }

  #changeMembers(principal: Principal, wanted: WantedChange) {
    const actions = ["members:write", "members:announce", ...(wanted.kind === "remove" ? ["members:leave" as const] : [])] as const;
    return this.#as(principal, actions, (parts, asker) => changeMembers(parts, asker, wanted));
  }

  /**
   * Every call of a principal: may they do one of these, does the bunker exist, and is the database what we wrote. A person's role is
   * what the bunker's own table says now: a session carries none.
   */
  async #as<Value>(
    principal: Principal,
    actions: Action | readonly [Action, ...Action[]],
    act: (parts: Parts, asker: Asker) => Result<Value> | Promise<Result<Value>>,
    policy?: string,
  ): Promise<Result<Value>> {
    if (this.#sealing === undefined) return noRoot();
    const parts = this.#parts;
    const wanted = typeof actions === "string" ? ([actions] as const) : actions;
    try {
      if (parts === undefined) {
        const allowed = may(principal, wanted[0], { bunkerId: this.ctx.id.toString(), now: Date.now() });
        return allowed.ok ? refuse("not-found", "no bunker has that id") : allowed;
      }
      const asker = askerOf(parts.store, parts.bunkerId, principal);
      const [first, ...others] = wanted;
      const gone = this.#goneFor(principal, wanted);
      const allowed = asker.can(first, policy);
      if (!allowed.ok && !others.some((action) => asker.can(action, policy).ok)) return allowed;
      if (gone !== undefined) return gone;
      if (principal.kind === "person") parts.store.members.noteSeen(principal, Date.now());
      return await act(parts, asker);
    } catch (error) {
      this.#noteError(wanted[0], error);
      if (error instanceof TamperedRowError) return refuse("locked", "a row was changed from outside: this bunker has locked itself");
      return refuse("unavailable", "the bunker could not do that now, try again");
    }
  }

  /** What comes by a mailed link: the link says who it is. Where no bunker is, an unknown link costs the same look at who owns the instance. */
  async #byLink<Value>(act: (parts: Parts) => Promise<Value | null>): Promise<Value | null> {
    const parts = this.#parts;
    if (parts === undefined) {
      await peopleOf(this.env).instanceOwners();
      return null;
    }
    try {
      return await act(parts);
    } catch (error) {
      this.#noteError("link", error);
      throw error;
    }
  }

  #assemble(store: BunkerStore): Parts {
    return assembleBunker(store, {
      ctx: this.ctx,
      env: this.env,
      failed: (where, error) => this.#noteError(where, error),
      lockItself: (reason) => this.#lockItself(reason),
      destroy: (parts) => this.#destroy(parts),
    });
  }

  /** What is refused because the bunker was deleted: for machines it is gone, people may still read. */
  #goneFor(principal: Principal, actions: readonly Action[]): Result<never> | undefined {
    if (actions.some((action) => action === "bunkers:delete" || action === "bunkers:undelete")) return undefined;
    const deletion = this.#parts?.store.deletion.find();
    if (deletion === undefined) return undefined;
    const until = new Date(deletion.effectiveAt).toISOString();
    if (principal.kind === "machine") return refuse("not-found", `this bunker was deleted; until ${until} it can be brought back`);
    if (actions.some((action) => READ_ACTIONS.has(action))) return undefined;
    return refuse("conflict", `this bunker was deleted: an owner can bring it back until ${until}`);
  }

  async #destroy(parts: Parts): Promise<void> {
    this.#parts = undefined;
    await this.#closeFor(parts, "this bunker was deleted");
    await this.ctx.storage.deleteAll();
  }

  /** These parts are of the past: no socket, no link, no alarm of theirs stays. */
  async #closeFor({ relay, live, outbound, alarm }: Parts, reason: string): Promise<void> {
    relay.closeAll(reason);
    live.closeAll(reason);
    outbound.close();
    await alarm.end();
  }

  #place(sealing: DeploymentSealing) {
    return { ctx: this.ctx, sealing, tell: (note: KeyServiceNote) => this.#tellKeyService(note), people: peopleOf(this.env) };
  }

  #describe(parts: Parts): BunkerView {
    return describeBunker(parts, this.ctx.storage.sql.databaseSize);
  }

  // The log for whoever watches it, the instance for /healthz. A record that is broken is no fault of the service.
  #tellKeyService({ provider, problem }: KeyServiceNote): void {
    const bunkerId = this.ctx.id.toString();
    if (problem === null) logInfo("key service works again", { provider, bunkerId });
    else logWarning("key service failed", { provider, bunkerId, kind: problem.kind, message: problem.message });
    if (problem?.kind === "corrupt") return;
    const told = instanceOf(this.env).noteKeyService(provider, problem?.message ?? null);
    this.ctx.waitUntil(told.catch((error: unknown) => logError("bunker", { where: "key service", error })));
  }

  // Somebody else wrote to the database: nothing in it can be trusted to grant, so nothing is granted until an owner looks.
  #noteError(where: string, error: unknown): void {
    logError("bunker", { where, error });
    void this.#parts?.alarm.reload();
    if (error instanceof TamperedRowError) this.#lockItself(error.message);
  }

  #lockItself(reason: string): void {
    if (this.#parts === undefined) return;
    try {
      lockBunker(this.#parts, "countersign", `The bunker locked itself: ${reason}.`);
    } catch (second) {
      // The row that holds the lock is itself not ours: nothing can be read from it, so nothing is served.
      logError("bunker", { where: "self-lock", error: second });
    }
  }
}

function noRoot() {
  return refuse("unavailable", "the root secret of this instance is missing or wrong: see /healthz");
}
