// Who acts. The Worker verifies a credential once and hands the result on; a Durable Object decides what that principal may do.

export const ROLES = ["owner", "admin", "approver", "viewer"] as const;
export type Role = (typeof ROLES)[number];

/** What an API token may do; a closed list. */
export const SCOPES = [
  "bunkers:read",
  "bunkers:write",
  "invites:write",
  "connections:write",
  "policies:read",
  "policies:write",
  "approvals:read",
  "approvals:reject",
  "activity:read",
  "members:read",
  "sign",
  "lock",
] as const;
export type Scope = (typeof SCOPES)[number];

/** The holder of SETUP_TOKEN: may do everything except vote until the instance is claimed; a machine like any other afterwards. */
export interface SetupPrincipal {
  readonly kind: "machine";
  readonly credential: "setup-token";
  readonly claimed: boolean;
}

export interface TokenPrincipal {
  readonly kind: "machine";
  readonly credential: "api-token";
  readonly tokenId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The one bunker that the token reaches, or "all". */
  readonly bunkerId: string;
  /** Policies under which it may invite, connect or reassign. */
  readonly policies: readonly string[];
  readonly claimed: boolean;
}

/** A browser session of an account. Its roles are read by the bunker from its own table. */
export interface PersonPrincipal {
  readonly kind: "person";
  readonly accountId: string;
  readonly email: string;
  readonly instanceOwner: boolean;
  /** Whether the whole instance is locked: people then read and tighten, and nothing else. */
  readonly instanceLocked: boolean;
  /** Until when (milliseconds) the session counts as stepped up; 0 when it does not. */
  readonly steppedUpUntil: number;
  /**
   * How it did; null when it did not. "mail" is a mailed code, or a passkey that was added on the strength of a mail within the past
   * 24 hours: whoever reads somebody's mail can have both, so neither is enough for members, custody and export.
   */
  readonly steppedUpBy: "passkey" | "claim" | "mail" | null;
  /** Whether the account has a passkey that could be asked for. */
  readonly hasPasskey: boolean;
}

export type MachinePrincipal = SetupPrincipal | TokenPrincipal;
export type Principal = MachinePrincipal | PersonPrincipal;

/** How a principal is written into the activity: an opaque, stable label. */
export function principalLabel(principal: Principal): string {
  if (principal.kind === "person") return `person:${principal.accountId}`;
  return principal.credential === "setup-token" ? "setup-token" : `token:${principal.tokenId}`;
}
