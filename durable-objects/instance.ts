// One deployment: its pepper, its address, its API tokens, its lock, and which bunkers there are. Off every hot path.
// The thin shell: what each call does stands in instance/.

import { DurableObject } from "cloudflare:workers";
import type { Env } from "../src/env.ts";
import type { EmailAddress } from "../src/notify/email-address.ts";
import type { Attempt, AttemptsLeft } from "../src/people/attempts.ts";
import type { Principal } from "../src/people/principal.ts";
import { signEvent, type NostrEvent } from "../src/protocol/event.ts";
import { ok, refuse, type Result } from "../src/result.ts";
import { publishingSecretKey } from "../src/sealing/derive.ts";
import { genesisHash } from "../src/signer/activity.ts";
import { checkpointTemplate, publishedTemplate } from "../src/signer/checkpoint.ts";
import type { HistoryMark } from "../src/signer/history.ts";
import type { DataKeys, NominationNews, NominationView, Page } from "./bunker-rpc.ts";
import { Claiming } from "./instance/claiming.ts";
import { ensureAccount } from "./instance/context.ts";
import { InstanceDoor } from "./instance/door.ts";
import { abandonBunker, beginBunker, bury, knownBunker, listBunkers, listTombstones, settleBunker } from "./instance/manage-bunkers.ts";
import { emptyView, instanceView, orderSealing, setLock } from "./instance/manage-instance.ts";
import { removeOwner } from "./instance/manage-owners.ts";
import { authenticateToken, createToken, listTokens, revokeToken } from "./instance/manage-tokens.ts";
import { listMails } from "./instance/mail-queue.ts";
import { cancelNomination, listNominations, nominate } from "./instance/nominating.ts";
import { findNostrKey, nameNostrKey, nostrChallenge } from "./instance/nostr-sign-in.ts";
import { beginRestoration, beginRestorationHere } from "./instance/restoring.ts";
import { beginSignIn, isOpenPasskeyChallenge, passkeyChallenge, takeAttempt } from "./instance/signing-in.ts";
import type {
  AboutMark,
  BegunRestoration,
  ClaimInstance,
  CreateToken,
  HeldMark,
  InstanceRpc,
  InstanceState,
  InstanceView,
  KnownBunker,
  ListedBunker,
  MailQueuePage,
  RestorationSource,
  ShownNostrKey,
  TokenView,
  Tombstone,
  TombstoneView,
} from "./instance-rpc.ts";

const EMPTY: Page<never> = { items: [], next: null };
const NO_MAILS: MailQueuePage = { items: [], unreached: 0, next: null };

export class Instance extends DurableObject<Env> implements InstanceRpc {
  readonly #door: InstanceDoor;
  readonly #claiming: Claiming;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#door = new InstanceDoor(ctx, env);
    this.#claiming = new Claiming(this.#door, env);
  }

  override async alarm(): Promise<void> {
    await this.#door.context?.alarm.fire(Date.now());
  }

  async state(): Promise<InstanceState> {
    return this.#door.state();
  }

  async authenticate(tokenText: string): Promise<{ principal: Principal | null; state: InstanceState }> {
    const { context } = this.#door;
    const state = this.#door.state();
    return { principal: context === undefined ? null : authenticateToken(context, tokenText, state.claimed), state };
  }

  async beginBunker(principal: Principal, seenAt: string): Promise<Result<{ id: string; publicUrl: string }>> {
    return this.#door.as(principal, "bunkers:create", (context, actor) => beginBunker(context, actor, seenAt));
  }

  async finishBunker(id: string, made: { name: string; userPubkey: string }): Promise<void> {
    const { context } = this.#door;
    if (context === undefined) return;
    context.index.finish(id, made, Date.now());
    await context.alarm.rearm(Date.now());
  }

  async beginRestoration(principal: Principal, seenAt: string, source: RestorationSource): Promise<Result<BegunRestoration>> {
    return this.#door.as(principal, "bunkers:restore", (context, actor) => beginRestoration(context, actor, seenAt, source));
  }

  async beginRestorationHere(source: RestorationSource, seenAt: string): Promise<Result<BegunRestoration>> {
    const known = this.#door.known();
    return known.ok ? beginRestorationHere(known.value, source, seenAt) : known;
  }

  async bury(tombstone: Tombstone): Promise<void> {
    const context = this.#door.witness;
    if (context !== undefined) bury(context, tombstone);
  }

  async abandonBunker(principal: Principal, id: string): Promise<Result<TombstoneView>> {
    const begun = this.#door.as(principal, "bunkers:abandon", (context, actor) => ok({ context, actor }));
    return begun.ok ? abandonBunker(begun.value.context, begun.value.actor, id) : begun;
  }

  async knownBunker(id: string): Promise<KnownBunker | null> {
    const { context } = this.#door;
    return context === undefined ? null : knownBunker(context, id);
  }

  async listTombstones(principal: Principal, cursor: string): Promise<Result<Page<TombstoneView>>> {
    return this.#door.read(principal, "bunkers:read", (context) => listTombstones(context, principal, cursor), EMPTY);
  }

  async settleBunker(id: string): Promise<void> {
    const { context } = this.#door;
    if (context !== undefined) await settleBunker(context, id);
  }

  async noteLinks(id: string, wanted: boolean): Promise<void> {
    this.#door.context?.index.noteLinks(id, wanted);
  }

  async noteKeyService(provider: string, problem: string | null): Promise<void> {
    const { context } = this.#door;
    if (context?.keyServices.note(provider, problem, Date.now()) === true) await context.alarm.rearm(Date.now());
  }

  async bunkersWantingLinks(from: string, limit: number): Promise<string[]> {
    return this.#door.context?.index.wantingLinks(from, limit) ?? [];
  }

  async heldMark(id: string): Promise<HeldMark | "tampered" | null> {
    return this.#door.witness?.marks.find(id) ?? null;
  }

  async noteMark(id: string, mark: HistoryMark, { accepted, endsAt }: AboutMark): Promise<boolean> {
    const context = this.#door.witness;
    // A bunker that is not listed is no bunker of ours, and has nothing to fear.
    if (context === undefined || !context.index.has(id)) return true;
    context.index.noteEnd(id, endsAt);
    if (!accepted) return context.marks.note(id, mark, Date.now());
    context.marks.put(id, mark, Date.now());
    return true;
  }

  async signCheckpoint(id: string, mark: HistoryMark): Promise<NostrEvent | null> {
    const context = this.#door.witness;
    if (context === undefined || !context.index.has(id) || !context.marks.note(id, mark, Date.now())) return null;
    return signEvent(checkpointTemplate(id, mark, Date.now()), context.keys.instanceSecretKey);
  }

  async signForRelays(id: string, mark: HistoryMark): Promise<NostrEvent | null> {
    const context = this.#door.witness;
    if (context === undefined || !context.index.has(id) || !context.marks.note(id, mark, Date.now())) return null;
    return signEvent(publishedTemplate(id, mark, Date.now()), publishingSecretKey(context.keys.publishingSeed, genesisHash(id)));
  }

  async listBunkers(principal: Principal, cursor: string): Promise<Result<Page<ListedBunker>>> {
    return this.#door.read(principal, "bunkers:read", (context) => listBunkers(context, principal, cursor), EMPTY);
  }

  async createToken(principal: Principal, input: CreateToken): Promise<Result<TokenView & { token: string }>> {
    return this.#door.as(principal, "tokens:create", (context, actor) => createToken(context, input, actor));
  }

  async listTokens(principal: Principal, cursor: string): Promise<Result<Page<TokenView>>> {
    return this.#door.read(principal, "tokens:read", (context) => listTokens(context, cursor), EMPTY);
  }

  async listMails(principal: Principal, cursor: string): Promise<Result<MailQueuePage>> {
    const known = this.#door.read(principal, "mails:read", (context) => context, undefined);
    if (!known.ok) return known;
    return ok(known.value === undefined ? NO_MAILS : await listMails(known.value, this.ctx.storage.sql, cursor));
  }

  async revokeToken(principal: Principal, id: string): Promise<Result<null>> {
    return this.#door.as(principal, "tokens:revoke", (context, actor) => revokeToken(context, id, actor));
  }

  async view(principal: Principal): Promise<Result<InstanceView>> {
    return this.#door.read(principal, "instance:read", instanceView, emptyView(this.env, this.#door.state()));
  }

  async lock(principal: Principal): Promise<Result<InstanceView>> {
    return this.#door.as(principal, "instance:lock", (context, actor) => setLock(context, actor, true));
  }

  async unlock(principal: Principal): Promise<Result<InstanceView>> {
    return this.#door.as(principal, "instance:unlock", (context, actor) => setLock(context, actor, false));
  }

  async rotate(principal: Principal, dataKeys: DataKeys): Promise<Result<InstanceView>> {
    return this.#door.as(principal, "instance:rotate", (context, actor) => orderSealing(context, actor, dataKeys));
  }

  async claim(input: ClaimInstance): Promise<Result<{ accountId: string; sessionSecret: string }>> {
    return this.#claiming.claim(input);
  }

  async nominateOwner(principal: Principal, email: string): Promise<Result<NominationView>> {
    return this.#door.as(principal, "owners:nominate", (context) => nominate(context, email));
  }

  async listNominations(principal: Principal): Promise<Result<Page<NominationView>>> {
    return this.#door.read(principal, "owners:cancel", listNominations, EMPTY);
  }

  async cancelNomination(principal: Principal, id: string): Promise<Result<null>> {
    return this.#door.as(principal, "owners:cancel", (context, actor) => cancelNomination(context, id, actor));
  }

  async cancelNominationBy(id: string, by: string): Promise<Result<null>> {
    const { context } = this.#door;
    return context === undefined ? refuse("not-found", "no nomination of that id waits") : cancelNomination(context, id, by);
  }

  async lastNomination(): Promise<NominationNews | null> {
    return this.#door.witness?.nominations.last() ?? null;
  }

  async removeOwner(principal: Principal, accountId: string): Promise<Result<null>> {
    const removed = this.#door.as(principal, "owners:remove", (context) =>
      principal.kind === "person" ? removeOwner(context, principal, accountId) : refuse("conflict", "nobody owns this instance yet"),
    );
    if (!removed.ok) return removed;
    await removed.value.tell();
    return ok(null);
  }

  async ensureAccount(email: EmailAddress): Promise<Result<{ accountId: string }>> {
    const known = this.#door.known();
    return known.ok ? ensureAccount(known.value, email) : known;
  }

  async beginSignIn(email: EmailAddress, network: string): Promise<Result<{ accountId: string }>> {
    const known = this.#door.known();
    return known.ok ? beginSignIn(known.value, email, network) : known;
  }

  async takeAttempt(attempts: readonly Attempt[]): Promise<Result<AttemptsLeft>> {
    const known = this.#door.known();
    return known.ok ? takeAttempt(known.value, attempts) : known;
  }

  async newPasskeyChallenge(network: string): Promise<Result<{ challenge: string }>> {
    const known = this.#door.known();
    return known.ok ? passkeyChallenge(known.value, network) : known;
  }

  async isOpenPasskeyChallenge(challenge: string): Promise<boolean> {
    const { context } = this.#door;
    return context !== undefined && isOpenPasskeyChallenge(context, challenge);
  }

  async newNostrChallenge(browserSecret: string, network: string): Promise<Result<{ challenge: string }>> {
    const known = this.#door.known();
    return known.ok ? nostrChallenge(known.value, browserSecret, network) : known;
  }

  async findNostrKey(shown: ShownNostrKey, network: string): Promise<Result<{ accountId: string | null }>> {
    const known = this.#door.known();
    return known.ok ? findNostrKey(known.value, shown, network) : known;
  }

  async nameNostrKey(named: ShownNostrKey & { readonly accountId: string }): Promise<Result<null>> {
    const known = this.#door.known();
    return known.ok ? nameNostrKey(known.value, named) : known;
  }

  async forgetNostrKey(pubkey: string, accountId: string): Promise<void> {
    this.#door.context?.nostrNames.drop(pubkey, accountId);
  }
}
