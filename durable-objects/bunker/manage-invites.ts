// Making, listing and withdrawing invites. The secret exists in the answer to whoever made it and nowhere else.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { formatBunkerUrl } from "../../src/protocol/connection-uri.ts";
import { cleanName } from "../../src/notify/header-text.ts";
import { principalLabel, type Principal } from "../../src/people/principal.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import { keyedHash } from "../../src/sealing/derive.ts";
import type { CreateInvite, InviteView, MadeInvite, Page } from "../bunker-rpc.ts";
import type { InviteFate } from "../console-rpc.ts";
import type { Asker } from "./asker.ts";
import type { BunkerContext } from "./context.ts";
import { actView, beginning, FIRST_POLICY, holdAct, tellOwners } from "./four-eyes.ts";
import { isOpen, type Invite } from "./invites.ts";
import { MAX_OPEN_INVITES } from "./limits.ts";
import { connectionView } from "./connection-view.ts";
import type { PendingAct } from "./pending-acts.ts";
import { relaySet } from "./relay-set.ts";
import { randomBytes } from "./signed-history.ts";
import { newId } from "./store.ts";

const INVITE_SECRET_BYTES = 16; // 128 bits: not to be guessed, and short enough for a QR code
const PAGE = 100;

export async function createInvite(context: BunkerContext, asker: Asker, input: CreateInvite): Promise<Result<MadeInvite>> {
  const { store } = context;
  const now = Date.now();
  const wanted = store.policies.inForce(input.policy);
  if (wanted === undefined) return refuse("invalid", `policy: expected the name of a policy of this bunker, got "${input.policy}"`);
  if (store.invites.countOpen(now) >= MAX_OPEN_INVITES) {
    return refuse("conflict", `a bunker has at most ${MAX_OPEN_INVITES} open invites: withdraw some first`);
  }
  const relays = relaySet(context, input.relays);
  if (relays.length === 0) return refuse("invalid", "relays: this bunker has no outbound relays yet, set them with PUT …/relays first");
  const inviteSecret = bytesToHex(randomBytes(INVITE_SECRET_BYTES));
  let held: PendingAct | undefined;
  const made = store.transaction((): Result<{ id: string; bunkerUrl: string }> => {
    const may = beginning(context, asker, wanted);
    if (!may.ok) return may;
    const id = newId();
    const policy = may.value.isHeld ? FIRST_POLICY : input.policy;
    if (may.value.isHeld) {
      const what = `Apps that use the connect link “${cleanName(input.name)}” move from the policy ${FIRST_POLICY} to ${input.policy}.`;
      const act = holdAct(context, asker, { kind: "invite.policy", input: { inviteId: id, policy: input.policy }, what });
      if (!act.ok) return act;
      held = act.value;
    }
    const remoteSigner = store.keys.addRemoteSigner(hexToBytes(id));
    store.invites.insert({
      id,
      remoteSigner,
      name: input.name,
      secretHash: keyedHash(store.keys.inviteHashKey(), inviteSecret),
      policy,
      uses: input.uses,
      usesLeft: input.uses,
      confirm: input.confirm,
      interactive: input.interactive,
      nip04: input.nip04,
      relays: input.relays,
      relayUrls: relays,
      createdAt: now,
      createdBy: asker.label,
      expiresAt: now + input.expiresInSeconds * 1000,
      withdrawnAt: null,
    });
    record(context, asker.principal, "invite.create", `A connect link for ${input.name} was made, under the policy ${policy}.`, id, now);
    return ok({ id, bunkerUrl: formatBunkerUrl({ remoteSigner, relays, inviteSecret }) });
  });
  // From now on that key is asked for at the relays that the URL names.
  context.outbound.refresh();
  if (!made.ok) return made;
  if (held !== undefined) await tellOwners(context, held, await context.people.instanceOwners());
  return ok({ ...made.value, act: held === undefined ? null : actView(held) });
}

export function listInvites(context: BunkerContext, cursor: string): Result<Page<InviteView>> {
  const invites = context.store.invites.listOpen(Date.now(), cursor, PAGE + 1);
  const items = invites.slice(0, PAGE).map(inviteView);
  return ok({ items, next: invites.length > PAGE ? (items.at(-1)?.id ?? null) : null });
}

/** What became of a connect link, as long as its row is kept. */
export function readInvite(context: BunkerContext, id: string): Result<InviteFate> {
  const invite = context.store.invites.byId(id);
  if (invite === undefined) return refuse("not-found", "no invite has that id");
  const now = Date.now();
  const usedBy = context.store.connections.listByOrigin(id).map((connection) => connectionView(context, connection, now));
  return ok({ ...inviteView(invite), state: stateOf(invite, now), usedBy });
}

function stateOf(invite: Invite, now: number): InviteFate["state"] {
  if (isOpen(invite, now)) return "open";
  if (invite.usesLeft === 0) return "used";
  return invite.withdrawnAt === null ? "expired" : "withdrawn";
}

export function withdrawInvite(context: BunkerContext, principal: Principal, inviteId: string): Result<null> {
  const { store } = context;
  const invite = store.invites.byId(inviteId);
  if (invite === undefined || !isOpen(invite, Date.now())) return refuse("not-found", "no open invite has that id");
  store.transaction(() => {
    const now = Date.now();
    store.invites.withdraw(invite, now);
    record(context, principal, "invite.withdraw", `The connect link for ${invite.name} was withdrawn.`, invite.id, now);
  });
  context.outbound.refresh();
  return ok(null);
}

function inviteView(invite: Invite): InviteView {
  return {
    id: invite.id,
    name: invite.name,
    policy: invite.policy,
    uses: invite.uses,
    usesLeft: invite.usesLeft,
    confirm: invite.confirm,
    interactive: invite.interactive,
    nip04: invite.nip04,
    relays: invite.relays,
    remoteSignerPubkey: invite.remoteSigner,
    createdAt: new Date(invite.createdAt).toISOString(),
    expiresAt: new Date(invite.expiresAt).toISOString(),
  };
}

function record(context: BunkerContext, principal: Principal, method: string, explanation: string, invite: string, now: number): void {
  const actor = principalLabel(principal);
  context.store.activity.append({ actor, method, connection: null, effect: "allow", rules: [], explanation, facts: { invite } }, now);
}
