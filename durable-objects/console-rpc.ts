// What the console's own pages ask of a bunker, as plain data. Times are ISO 8601 strings at this border.

import type { Principal, Role } from "../src/people/principal.ts";
import type { Result } from "../src/result.ts";
import type { ActivityVerdict, ConnectionView, InviteView } from "./bunker-rpc.ts";

/** A bunker as the frame of every page shows it; for forty of them at once. */
export interface Glance {
  readonly id: string;
  readonly name: string;
  readonly userPubkey: string;
  /** What whoever asks may do here; null for machines. */
  readonly role: Role | null;
  /** Null unless it is locked by itself. `by`: an address, or words of ours. */
  readonly lock: { readonly at: string; readonly by: string } | null;
  readonly instanceLocked: boolean;
  readonly relayTrouble: boolean;
  /** Approvals that wait for somebody's vote. */
  readonly waiting: number;
  /** The app that asked last of those, as a member named it. */
  readonly lastAsked: { readonly app: string; readonly at: string } | null;
}

/** A connect link after it was made: its secret is not here, it was shown once. */
export interface InviteFate extends InviteView {
  readonly state: "open" | "used" | "expired" | "withdrawn";
  /** The apps that used it. */
  readonly usedBy: readonly ConnectionView[];
}

/** Whether the activity is unbroken. */
export interface ChainView {
  readonly ok: boolean;
  /** As far as was looked by now. */
  readonly entries: number;
  readonly total: number;
  /** When the first entry was made; null while there is none. */
  readonly since: string | null;
  readonly checkedAt: string;
  /** What is wrong; "unbroken" also while not everything was looked at yet. */
  readonly finding: ActivityVerdict["finding"];
  /** "entry 812 does not fit the one before". */
  readonly problem?: string;
}

/** "over": one was sent, and decided or left to run out. */
export interface PracticeView {
  readonly state: "never" | "waiting" | "over";
  readonly approvalId: string | null;
}

export interface ConsoleRpc {
  glance(principal: Principal): Promise<Result<Glance>>;
  /** Asks the team about something that is never signed. */
  sendPractice(principal: Principal): Promise<Result<PracticeView>>;
  readPractice(principal: Principal): Promise<Result<PracticeView>>;
  checkChain(principal: Principal): Promise<Result<ChainView>>;
  readInvite(principal: Principal, inviteId: string): Promise<Result<InviteFate>>;
  /** An app that a trip wire suspended stays so, and asks for nobody's attention any more. */
  acknowledgeTrip(principal: Principal, connectionId: string): Promise<Result<null>>;
  readConnection(principal: Principal, connectionId: string): Promise<Result<ConnectionView>>;
  /** What members call the app from now on. */
  renameConnection(principal: Principal, connectionId: string, name: string): Promise<Result<ConnectionView>>;
}
