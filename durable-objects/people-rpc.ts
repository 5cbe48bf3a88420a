// What a bunker asks of the Instance about people, as plain data: who owns the deployment, and mails that its members get. The
// Instance owns the mail outbox; a bunker knows its own members and nobody else. Times are milliseconds here.

import type { Role } from "../src/people/principal.ts";
import type { Result } from "../src/result.ts";

/** An owner of the instance, who is an owner of every bunker without a row in it. */
export interface InstanceOwner {
  readonly accountId: string;
  readonly email: string;
  readonly hasPasskey: boolean;
}

export interface MemberInvitation {
  readonly email: string;
  readonly role: Role;
  readonly bunkerId: string;
  readonly bunkerName: string;
  /** Who invites, as members know them: an address, or "the operator". */
  readonly inviterLabel: string;
}

/** A change of members that waits, told to everybody who can cancel it. */
export interface MemberAnnouncement {
  readonly to: readonly string[];
  readonly change: "add" | "role" | "remove";
  readonly email: string;
  /** Null when somebody is to be removed. */
  readonly role: Role | null;
  readonly bunkerId: string;
  readonly bunkerName: string;
  readonly byLabel: string;
  readonly announcedAt: number;
  readonly effectiveAt: number;
}

/** Called by bunkers alone, never by a route: nothing here asks for a principal. */
export interface PeopleDirectory {
  /** Empty while nobody has claimed the instance. */
  instanceOwners(): Promise<readonly InstanceOwner[]>;
  /** Queues the invitation mail; refused when no mail can be sent. It invites to sign in and grants nothing. */
  inviteMember(invitation: MemberInvitation): Promise<Result<null>>;
  /** Queues one mail to each; refused when no mail can be sent, for then nobody could cancel. */
  announceMemberChange(announcement: MemberAnnouncement): Promise<Result<null>>;
}
