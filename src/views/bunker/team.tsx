// `/b/<id>/team`: who belongs to the bunker and as what, what waits, and the invitation of somebody else.

import type { MemberChangeView, MembersView, MemberView, NominationView } from "../../../durable-objects/bunker-rpc.ts";
import { ROLES, type Role } from "../../people/principal.ts";
import { Field, Notice, PageForm, type FieldError } from "../forms.tsx";
import { momentInWords } from "../../notify/templates/moment.ts";
import { NominationNotice } from "../nomination.tsx";
import { Icon } from "../parts/icons.tsx";
import { Pill } from "../parts/pill.tsx";
import { Table, type Column } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { mailCameBack } from "./attention.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

export interface TeamPageData {
  readonly frame: BunkerPageFrame;
  readonly team: MembersView;
  readonly nominations: readonly NominationView[];
  readonly hasPasskey: boolean;
  /** Whose latest mail did not arrive. */
  readonly unreached: readonly { readonly email: string; readonly reason: string | null }[];
  readonly done?: string | undefined;
  readonly typed?: { readonly email: string; readonly role: Role };
  readonly errors?: readonly FieldError[];
}

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  owner: "everything",
  admin: "apps and policies",
  approver: "votes",
  viewer: "reads",
};

interface Row {
  readonly email: string;
  readonly role: string;
  readonly hasPasskey: boolean;
  readonly seen: string | null;
  /** Null for owners of the instance, who have no row here. */
  readonly member: MemberView | null;
}

export function TeamPage(page: TeamPageData) {
  const { frame, team, done, errors = [] } = page;
  const { role } = frame.bunker;
  const rows = rowsOf(team);
  const others = team.items.filter(({ email }) => email !== frame.person.email).length;
  return (
    <BunkerLayout
      frame={frame}
      title="Team"
      done={done}
      errors={errors}
      aside={
        role === "owner" && (
          <a class="button" href="#invite">
            <Icon name="plus" />
            Invite
          </a>
        )
      }
    >
      <NominationNotice
        nominations={page.nominations}
        cancelPath={role === "owner" ? (id) => `/b/${frame.bunker.id}/team/nominations/${id}/cancel` : undefined}
        formToken={frame.person.formToken}
        moment={(at) => momentInWords(Date.parse(at), frame.person.zone)}
      />
      {team.warnings.map((warning) => (
        <Notice tone="ask">
          <p>{warning}</p>
        </Notice>
      ))}
      {page.unreached.map(({ email, reason }) => (
        <Notice tone="ask">
          <p>
            {mailCameBack(email, reason)} If the address is wrong, remove it and invite the right one; until then nobody there can vote by
            mail.
          </p>
        </Notice>
      ))}
      {others === 0 && rows.length === 1 && <p>Only you so far. Nobody else can approve.</p>}
      <Table caption="Members" columns={columns(page)} rows={rows} />
      {team.changes.length > 0 && <Waiting {...page} />}
      {role === "owner" && <Invite {...page} />}
      <p>
        <a href={`/b/${frame.bunker.id}/names`}>Names of keys</a>: what your team calls the people that requests are about.
      </p>
    </BunkerLayout>
  );
}

function rowsOf(team: MembersView): Row[] {
  const above = team.instanceOwners.filter((owner) => !team.items.some((member) => member.email === owner.email));
  return [
    ...above.map(({ email, hasPasskey }) => ({
      email,
      hasPasskey,
      role: "owner of this Countersign: everything",
      seen: null,
      member: null,
    })),
    ...team.items.map((member) => ({
      email: member.email,
      role: `${member.role}: ${ROLE_WORDS[member.role]}`,
      hasPasskey: member.hasPasskey,
      seen: member.lastSeenAt,
      member,
    })),
  ];
}

function columns(page: TeamPageData): Column<Row>[] {
  const { email } = page.frame.person;
  return [
    {
      title: "Email",
      heads: true,
      onTop: true,
      cell: (row) => (
        <>
          {row.email}
          {row.email === email && <span class="meta"> you</span>}
        </>
      ),
    },
    { title: "Role", cell: ({ role }) => role },
    { title: "Last seen", cell: ({ member, seen }) => (member === null ? "–" : <LastSeen at={seen} />) },
    { title: "Passkey", cell: ({ hasPasskey }) => (hasPasskey ? "yes" : "no") },
    { title: "Change", cell: ({ member }) => member !== null && <Actions member={member} page={page} /> },
  ];
}

function LastSeen({ at }: { at: string | null }) {
  return at === null ? <Pill status="waiting">Invited, not here yet</Pill> : <Time at={at} />;
}

function Actions({ member, page }: { member: MemberView; page: TeamPageData }) {
  const { bunker, person } = page.frame;
  const mayLeave = member.email === person.email && member.role !== "owner";
  if (bunker.role !== "owner" && !mayLeave) return null;
  return (
    <div class="actions tight">
      {bunker.role === "owner" && (
        <a class="button secondary small" href={`/b/${bunker.id}/team/${member.id}`} aria-label={`Change ${member.email}`}>
          Change
        </a>
      )}
      {mayLeave && (
        <a class="button secondary small" href={`/b/${bunker.id}/team/${member.id}`} aria-label={`Leave ${bunker.name}`}>
          Leave
        </a>
      )}
    </div>
  );
}

function Invite({ frame, hasPasskey, typed, errors = [] }: TeamPageData) {
  return (
    <section class="card" id="invite">
      <h2>Invite somebody</h2>
      <p class="hint">They need only a mail address. From this moment on they count: as approver, their vote is asked for.</p>
      <PageForm action={`/b/${frame.bunker.id}/team`} formToken={frame.person.formToken}>
        <div class="fields">
          <Field id="email" label="Their email" value={typed?.email} errors={errors} type="email" autocomplete="off" />
          <RoleField selected={typed?.role ?? "approver"} />
        </div>
        <DelayHint hasPasskey={hasPasskey} />
        <button>Invite to {frame.bunker.name}</button>
      </PageForm>
    </section>
  );
}

function RoleField({ selected }: { selected: Role }) {
  return (
    <div class="field">
      <label for="role">Role</label>
      <select id="role" name="role">
        {ROLES.map((each) => (
          <option value={each} selected={each === selected}>
            {each}: {ROLE_WORDS[each]}
          </option>
        ))}
      </select>
    </div>
  );
}

export function DelayHint({ hasPasskey }: { hasPasskey: boolean }) {
  const words = hasPasskey
    ? "Changes of the team ask for your passkey."
    : "You have no passkey, so changes of the team wait 24 hours. All owners are told by mail, and any of them can cancel.";
  return <p class="hint">{words}</p>;
}

function Waiting({ frame, team }: TeamPageData) {
  const { bunker, person } = frame;
  return (
    <section>
      <h2>Waits until it happens</h2>
      <ul class="rows">
        {team.changes.map((change) => (
          <li>
            <div class="what">
              <p>
                {changeWords(change)}: <Time at={change.effectiveAt} />, unless an owner cancels.
              </p>
              <p class="meta">{change.askedBy} asked for it without a passkey.</p>
            </div>
            {bunker.role === "owner" && (
              <PageForm action={`/b/${bunker.id}/team/changes/${change.id}/cancel`} formToken={person.formToken}>
                <button class="secondary" aria-label={`Cancel the change of ${change.email}`}>
                  Cancel
                </button>
              </PageForm>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function changeWords({ kind, email, role }: MemberChangeView): string {
  return kind === "remove" ? `${email} leaves` : `${email} becomes ${role ?? ""}`;
}

export interface MemberPageData {
  readonly frame: BunkerPageFrame;
  readonly member: MemberView;
  readonly hasPasskey: boolean;
  readonly errors?: readonly FieldError[];
}

/** One member: another role, or out. */
export function MemberPage({ frame, member, hasPasskey, errors = [] }: MemberPageData) {
  const { bunker, person } = frame;
  const isSelf = member.email === person.email;
  const action = `/b/${bunker.id}/team/${member.id}`;
  const back = { href: `/b/${bunker.id}/team`, label: "Team" };
  return (
    <BunkerLayout frame={frame} title={member.email} back={back} narrow errors={errors}>
      {bunker.role === "owner" && (
        <section class="card">
          <PageForm action={action} formToken={person.formToken}>
            <RoleField selected={member.role} />
            <DelayHint hasPasskey={hasPasskey} />
            <button>Change the role of {member.email}</button>
          </PageForm>
        </section>
      )}
      <section class="confirm">
        <h2>{isSelf ? `Leave ${bunker.name}` : `Remove ${member.email}`}</h2>
        <p>
          {isSelf ? "You" : "They"} can no longer see {bunker.name}. Votes that {isSelf ? "you" : "they"} gave on what is not decided yet do
          not count any more.
        </p>
        <PageForm action={`${action}/remove`} formToken={person.formToken}>
          <button class="danger">{isSelf ? `Leave ${bunker.name}` : `Remove ${member.email}`}</button>
        </PageForm>
      </section>
    </BunkerLayout>
  );
}
