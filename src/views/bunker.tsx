// `/b/<id>`: one bunker's name and state, the lock, and its team with the changes that wait.

import type { ActView, BunkerView, MemberChangeView, MembersView, MemberView } from "../../durable-objects/bunker-rpc.ts";
import { FourEyes, WaitingActs } from "./four-eyes.tsx";
import { ROLES, type Role } from "../people/principal.ts";
import { Notice, PageForm } from "./forms.tsx";
import { Layout } from "./layout.tsx";

export interface BunkerPageData {
  readonly bunker: BunkerView;
  readonly team: MembersView;
  readonly acts: readonly ActView[];
  readonly email: string;
  /** What whoever looks may do here. */
  readonly role: Role;
  readonly hasPasskey: boolean;
  readonly formToken: string;
  /** A point in time in words. */
  readonly moment: (at: string) => string;
  /** What has just happened, in one sentence. */
  readonly done?: string | undefined;
}

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  owner: "everything",
  admin: "apps and policies",
  approver: "votes",
  viewer: "reads",
};

export function BunkerPage(page: BunkerPageData) {
  const { bunker, email, formToken, done } = page;
  return (
    <Layout title={`${bunker.name} · Countersign`} person={{ email, formToken }}>
      <h1>{bunker.name}</h1>
      {done !== undefined && (
        <Notice tone="yes">
          <p role="status">{done}</p>
        </Notice>
      )}
      <LockState {...page} />
      <p class="meta">
        Signs as <code>{bunker.npub}</code>
      </p>
      <WaitingActs {...page} />
      <Team {...page} />
      <FourEyes {...page} />
    </Layout>
  );
}

function LockState({ bunker, role, formToken }: BunkerPageData) {
  const { id, name, locked } = bunker;
  if (!locked) {
    if (role === "viewer") return <p>{name} is not locked: its apps can ask it to sign.</p>;
    return (
      <PageForm action={`/b/${id}/lock`} formToken={formToken}>
        <p>{name} is not locked: its apps can ask it to sign. Locking stops all of them at once; only an owner can unlock.</p>
        <button class="danger">Lock {name}</button>
      </PageForm>
    );
  }
  return (
    <Notice tone="off" title={`${name} is locked`}>
      <p>It signs nothing. An owner can unlock it.</p>
      {role === "owner" && (
        <PageForm action={`/b/${id}/unlock`} formToken={formToken}>
          <p>This loosens protection, so it asks you to confirm that it is you.</p>
          <button class="secondary">Unlock {name}</button>
        </PageForm>
      )}
    </Notice>
  );
}

function Team(page: BunkerPageData) {
  const { bunker, team, email, role, formToken } = page;
  const above = team.instanceOwners.filter((owner) => !team.items.some((member) => member.email === owner.email));
  const people = above.length + team.items.length;
  return (
    <section>
      <h2 id="team">Team</h2>
      {people === 1 && <p>Only you so far. Nobody else can approve.</p>}
      {team.warnings.map((warning) => (
        <Notice tone="ask">
          <p>{warning}</p>
        </Notice>
      ))}
      {team.changes.length > 0 && <Waiting {...page} />}
      <ul class="rows">
        {above.map((owner) => (
          <li>
            <div class="what">
              <p>
                <b>{owner.email}</b>
              </p>
              <p class="meta">owner of this Countersign: everything; {passkeyWords(owner.hasPasskey)}</p>
            </div>
          </li>
        ))}
        {team.items.map((member) => (
          <MemberRow member={member} isSelf={member.email === email} page={page} />
        ))}
      </ul>
      {role === "owner" && (
        <PageForm action={`/b/${bunker.id}/members`} formToken={formToken}>
          <h3>Invite somebody</h3>
          <div class="field">
            <label for="email">Email</label>
            <input id="email" name="email" type="email" required autocomplete="off" />
          </div>
          <div class="field">
            <label for="role">Role</label>
            <RoleChoice id="role" chosen="viewer" />
          </div>
          <DelayHint hasPasskey={page.hasPasskey} />
          <button>Invite</button>
        </PageForm>
      )}
    </section>
  );
}

function RoleChoice({ id, chosen }: { id: string; chosen: Role }) {
  return (
    <select id={id} name="role">
      {ROLES.toReversed().map((each) => (
        <option value={each} selected={each === chosen}>
          {each}: {ROLE_WORDS[each]}
        </option>
      ))}
    </select>
  );
}

function DelayHint({ hasPasskey }: { hasPasskey: boolean }) {
  const words = hasPasskey
    ? "Changes of the team ask for your passkey."
    : "You have no passkey, so changes of the team wait 24 hours. All owners are told by mail, and any of them can cancel.";
  return <p class="hint">{words}</p>;
}

function MemberRow({ member, isSelf, page }: { member: MemberView; isSelf: boolean; page: BunkerPageData }) {
  const { bunker, role, formToken, moment } = page;
  const seen = member.lastSeenAt === null ? "invited, not here yet" : `last seen ${moment(member.lastSeenAt)}`;
  const mayLeave = isSelf && member.role !== "owner";
  return (
    <li>
      <div class="what">
        <p>
          <b>{member.email}</b>
        </p>
        <p class="meta">
          {member.role}: {ROLE_WORDS[member.role]}; {passkeyWords(member.hasPasskey)}; {seen}
        </p>
      </div>
      {role === "owner" && (
        <PageForm action={`/b/${bunker.id}/members/${member.id}/role`} formToken={formToken}>
          <label class="hidden-words" for={`role-${member.id}`}>
            Role of {member.email}
          </label>
          <RoleChoice id={`role-${member.id}`} chosen={member.role} />
          <button class="secondary" aria-label={`Change the role of ${member.email}`}>
            Change role
          </button>
        </PageForm>
      )}
      {(role === "owner" || mayLeave) && (
        <PageForm action={`/b/${bunker.id}/members/${member.id}/remove`} formToken={formToken}>
          <button class="secondary" aria-label={mayLeave ? `Leave ${bunker.name}` : `Remove ${member.email}`}>
            {mayLeave ? "Leave" : "Remove"}
          </button>
        </PageForm>
      )}
    </li>
  );
}

function Waiting({ bunker, team, role, formToken, moment }: BunkerPageData) {
  return (
    <Notice tone="ask" title="Waits until it happens">
      <ul class="rows">
        {team.changes.map((change) => (
          <li>
            <div class="what">
              <p>
                {changeWords(change)} on {moment(change.effectiveAt)}, unless an owner cancels. {change.askedBy} asked for it without a
                passkey.
              </p>
            </div>
            {role === "owner" && (
              <PageForm action={`/b/${bunker.id}/member-changes/${change.id}/cancel`} formToken={formToken}>
                <button class="secondary" aria-label={`Cancel the change of ${change.email}`}>
                  Cancel
                </button>
              </PageForm>
            )}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function changeWords({ kind, email, role }: MemberChangeView): string {
  return kind === "remove" ? `${email} leaves` : `${email} becomes ${role ?? ""}`;
}

function passkeyWords(hasPasskey: boolean): string {
  return hasPasskey ? "has a passkey" : "no passkey";
}
