// What a bunker asks of the accounts of its people, as plain data. An account owns the mails to its person; a bunker knows who its
// members are. Called by bunkers alone, never by a route: nothing here asks for a principal. Times are milliseconds.

import type { Wishes } from "../src/people/preferences.ts";
import type { Role } from "../src/people/principal.ts";
import type { Result } from "../src/result.ts";

export interface Profile extends Wishes {
  readonly email: string;
  readonly hasPasskey: boolean;
}

export interface InstanceOwner extends Profile {
  readonly accountId: string;
}

export interface MemberInvitation {
  readonly role: Role;
  readonly bunkerId: string;
  readonly bunkerName: string;
  /** Who invites, as members know them: an address, or "the operator". */
  readonly inviterLabel: string;
  /** Names the occasion where the same invitation may be asked for twice: it is one mail then. */
  readonly occasion?: string;
  readonly publicUrl: string;
}

/** A change of members that waits, told to everybody who can cancel it. */
export interface MemberAnnouncement {
  /** Names the change: telling the same person twice is one mail. */
  readonly changeId: string;
  readonly member: string;
  /** Null when somebody is to be removed. */
  readonly role: Role | null;
  readonly bunkerId: string;
  readonly bunkerName: string;
  readonly byLabel: string;
  readonly announcedAt: number;
  readonly effectiveAt: number;
  readonly publicUrl: string;
}

/** An act that waits for a second owner, told to all of them. */
export interface ActAnnouncement {
  /** Names the act: telling the same person twice is one mail. */
  readonly actId: string;
  /** One sentence. */
  readonly what: string;
  readonly bunkerId: string;
  readonly bunkerName: string;
  readonly byLabel: string;
  readonly askedAt: number;
  readonly expiresAt: number;
  readonly publicUrl: string;
}

/** Something about a bunker that every owner is told by mail. */
export interface OwnerNotice {
  /**
   * "deletion": its key is destroyed at `effectiveAt`. "export": it can be taken out from then on. "exported": it was. "restored": it came
   * out of a backup that was made at `effectiveAt`.
   */
  readonly kind: "deletion" | "export" | "exported" | "restored";
  /** Names the matter: telling the same person twice is one mail. */
  readonly id: string;
  readonly bunkerId: string;
  readonly bunkerName: string;
  readonly byLabel: string;
  readonly at: number;
  readonly effectiveAt: number;
  readonly publicUrl: string;
}

/** Somebody is to own the whole instance, told to every member. */
export interface NominationAnnouncement {
  /** Telling the same person twice, from two bunkers, is one mail. */
  readonly nominationId: string;
  readonly nominee: string;
  /** The bunker whose page shows it; null for owners of the instance, who have their own. */
  readonly bunkerId: string | null;
  readonly announcedAt: number;
  readonly effectiveAt: number;
  readonly publicUrl: string;
}

/** Somebody does not own the instance any more, told to them and to those who do. */
export interface OwnerRemoval {
  readonly removed: string;
  readonly removedId: string;
  readonly by: string;
  readonly at: number;
  readonly publicUrl: string;
}

export interface MemberAccountRpc {
  /** Who this is; null where there is no account. */
  profile(): Promise<Profile | null>;
  /** Whether that browser is still signed in. */
  holdsSession(sessionId: string): Promise<boolean>;
  /** Notes the bunker and queues the invitation; refused when no mail can be sent. It invites to sign in and grants nothing. */
  inviteAsMember(invitation: MemberInvitation): Promise<Result<null>>;
  /** Refused when no mail can be sent, for then this person could not cancel. */
  announceMemberChange(announcement: MemberAnnouncement): Promise<Result<null>>;
  announceAct(announcement: ActAnnouncement): Promise<Result<null>>;
  announceNomination(announcement: NominationAnnouncement): Promise<Result<null>>;
  announceOwnerRemoval(removal: OwnerRemoval): Promise<Result<null>>;
  tellOwner(notice: OwnerNotice): Promise<Result<null>>;
}
