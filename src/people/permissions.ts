// Who may do what: one table, asked inside every RPC. A missing line, role or scope means no.

import { ok, refuse, type Result } from "../result.ts";
import type { PersonPrincipal, Principal, Role, Scope, SetupPrincipal, TokenPrincipal } from "./principal.ts";

interface Permission {
  /** API tokens need one of these; "none": no token ever. */
  readonly scopes: readonly Scope[] | "none";
  /** Members need one of these roles; "instance" asks for an owner of the instance instead. */
  readonly roles: readonly Role[] | "instance";
  /** What no machine does on a claimed instance: it gives away more than it takes, or decides in a person's place. */
  readonly person?: true;
  /** What only people do, on an unclaimed instance too. */
  readonly vote?: true;
  /** Reaches beyond one bunker: a token that is bound to one is not enough. */
  readonly all?: true;
  /** People need a passkey used within the last minutes; "strong": and a mailed code will not do in its place. */
  readonly stepUp?: true | "strong";
  /** Still answered while the whole instance is locked: reading, and everything that tightens. */
  readonly underLock?: true;
}

const EVERY_ROLE: readonly Role[] = ["owner", "admin", "approver", "viewer"];
const EDITORS: readonly Role[] = ["owner", "admin"];
const VOTERS: readonly Role[] = ["owner", "admin", "approver"];
const OWNER: readonly Role[] = ["owner"];

const PERMISSIONS = {
  "bunkers:create": { scopes: ["bunkers:write"], roles: "instance", all: true },
  "bunkers:read": { scopes: ["bunkers:read", "bunkers:write"], roles: EVERY_ROLE, underLock: true },
  "bunkers:write": { scopes: ["bunkers:write"], roles: EDITORS },
  // People decide by them, so people give them.
  "nicknames:write": { scopes: "none", roles: EDITORS, person: true },
  "settings:write": { scopes: ["bunkers:write"], roles: EDITORS },
  "webhooks:write": { scopes: ["bunkers:write"], roles: EDITORS },
  "settings:loosen": { scopes: "none", roles: OWNER, person: true, stepUp: true },
  "bunkers:delete": { scopes: "none", roles: OWNER, person: true, stepUp: true },
  // Within the grace; it comes back locked.
  "bunkers:undelete": { scopes: "none", roles: OWNER, person: true, underLock: true },
  // A backup says who belongs to a bunker and under which policies: no machine's choice, unlike a key that is brought along.
  "bunkers:restore": { scopes: "none", roles: "instance", person: true, all: true, stepUp: "strong" },
  // In place: what the bunker became goes, what the backup says comes.
  "bunkers:rewind": { scopes: "none", roles: OWNER, person: true, stepUp: "strong" },
  // One whose seed does not open, so that it cannot say who its owners are: those of the instance answer for it.
  "bunkers:abandon": { scopes: "none", roles: "instance", person: true, stepUp: "strong" },
  "bunkers:lock": { scopes: ["lock"], roles: VOTERS, underLock: true },
  "bunkers:unlock": { scopes: "none", roles: OWNER, person: true, stepUp: true },

  "invites:create": { scopes: ["invites:write"], roles: EDITORS },
  "invites:read": { scopes: ["bunkers:read", "invites:write"], roles: EVERY_ROLE, underLock: true },
  "invites:withdraw": { scopes: ["invites:write", "lock"], roles: VOTERS, underLock: true },

  "connections:create": { scopes: ["connections:write"], roles: EDITORS },
  "connections:read": { scopes: ["bunkers:read", "connections:write", "lock"], roles: EVERY_ROLE, underLock: true },
  "connections:stop": { scopes: ["connections:write", "lock"], roles: VOTERS, underLock: true },
  "connections:confirm": { scopes: "none", roles: EDITORS, person: true },
  "connections:resume": { scopes: "none", roles: EDITORS, person: true, stepUp: true },
  "connections:reassign": { scopes: ["connections:write"], roles: EDITORS },
  "connections:loosen": { scopes: "none", roles: EDITORS, person: true, stepUp: true },

  "policies:read": { scopes: ["policies:read", "policies:write"], roles: EVERY_ROLE, underLock: true },
  "policies:publish": { scopes: ["policies:write"], roles: EDITORS },
  "policies:delete": { scopes: "none", roles: EDITORS, person: true },
  "policies:loosen": { scopes: "none", roles: OWNER, person: true, stepUp: true },

  "approvals:read": { scopes: ["approvals:read", "approvals:reject"], roles: EVERY_ROLE, underLock: true },
  "approvals:reject": { scopes: ["approvals:reject"], roles: VOTERS, underLock: true },
  "approvals:vote": { scopes: "none", roles: VOTERS, vote: true },

  // Asks the team about something that is never signed.
  "practice:send": { scopes: "none", roles: EDITORS, person: true },

  "activity:read": { scopes: ["activity:read"], roles: EVERY_ROLE, underLock: true },
  // Hearing that something has changed, for an open page.
  "pages:listen": { scopes: "none", roles: EVERY_ROLE, person: true, underLock: true },
  "members:read": { scopes: ["members:read"], roles: EVERY_ROLE, underLock: true },
  "members:write": { scopes: "none", roles: OWNER, person: true, stepUp: "strong" },
  // The same, a day later: every owner hears of it and any of them cancels.
  "members:announce": { scopes: "none", roles: OWNER, person: true },
  "members:cancel": { scopes: "none", roles: OWNER, person: true, underLock: true },
  // One's own membership, while it is not that of an owner.
  "members:leave": { scopes: "none", roles: EVERY_ROLE, person: true, underLock: true },
  // Four eyes: what one person asks for, another one confirms, who must be allowed that same act too.
  "four-eyes:on": { scopes: "none", roles: OWNER, person: true, stepUp: true },
  "four-eyes:off": { scopes: "none", roles: OWNER, person: true, stepUp: "strong" },
  "acts:confirm": { scopes: "none", roles: OWNER, person: true, stepUp: true },
  "acts:cancel": { scopes: ["lock"], roles: EDITORS, underLock: true },
  "keys:export": { scopes: "none", roles: OWNER, person: true, stepUp: "strong" },
  // Without a passkey: a day later, after all owners were told. Any of them cancels.
  "keys:announce": { scopes: "none", roles: OWNER, person: true },
  "keys:later": { scopes: "none", roles: OWNER, person: true, stepUp: true },
  "keys:cancel": { scopes: "none", roles: OWNER, person: true, underLock: true },
  sign: { scopes: ["sign"], roles: [] },

  "tokens:create": { scopes: "none", roles: "instance", person: true, stepUp: true },
  "tokens:read": { scopes: "none", roles: "instance", underLock: true },
  // Whose mail waits, and why; never its words.
  "mails:read": { scopes: "none", roles: "instance", underLock: true },
  "tokens:revoke": { scopes: "none", roles: "instance", underLock: true },
  // The operator's way out where no owner is left or none answers: it waits three days, and any owner cancels.
  "owners:nominate": { scopes: "none", roles: [] },
  "owners:cancel": { scopes: "none", roles: "instance", underLock: true },
  // Also oneself. The last one stays: nobody could undo it.
  "owners:remove": { scopes: "none", roles: "instance", person: true, stepUp: "strong", underLock: true },
  "instance:read": { scopes: ["bunkers:read", "lock"], roles: "instance", all: true, underLock: true },
  "instance:lock": { scopes: ["lock"], roles: "instance", all: true, underLock: true },
  // Not for API tokens: it goes where the settings say, and those are the operator's.
  "instance:rotate": { scopes: "none", roles: "instance", all: true, stepUp: "strong", underLock: true },
  "instance:unlock": { scopes: "none", roles: "instance", person: true, stepUp: true, underLock: true },
} as const satisfies Record<string, Permission>;

export type Action = keyof typeof PERMISSIONS;
export const ACTIONS = Object.keys(PERMISSIONS) as readonly Action[];

/** What an action is aimed at, as far as it is known. */
export interface Target {
  readonly bunkerId?: string;
  /** The policy that an invite, a connection or a reassignment would be under. */
  readonly policy?: string;
  /** The role of a person in that bunker, read from the bunker's own table. */
  readonly role?: Role;
  /** Milliseconds; without it no step-up counts. */
  readonly now?: number;
}

/** Whether this principal may do that, with the reason when not. */
export function may(principal: Principal, action: Action, target: Target = {}): Result<null> {
  const permission: Permission = PERMISSIONS[action];
  if (principal.kind === "person") return personMay(principal, permission, target);
  if (permission.vote) return refuse("person-required", "only people vote");
  return principal.credential === "setup-token" ? setupMay(principal, permission) : tokenMay(principal, permission, target);
}

/** Whether people of that role may do it at all, step-up aside. */
export function roleMay(role: Role, action: Action): boolean {
  const { roles }: Permission = PERMISSIONS[action];
  return roles !== "instance" && roles.includes(role);
}

/** Whether an action is still answered while the whole instance is locked. */
export function worksUnderLock(action: Action): boolean {
  return (PERMISSIONS[action] as Permission).underLock === true;
}

function setupMay(principal: SetupPrincipal, permission: Permission): Result<null> {
  return permission.person && principal.claimed ? personRequired() : ok(null);
}

function tokenMay(principal: TokenPrincipal, permission: Permission, target: Target): Result<null> {
  const { scopes } = permission;
  if (permission.person) return personRequired();
  if (scopes === "none") return refuse("forbidden", "no API token may do this");
  if (!scopes.some((scope) => principal.scopes.includes(scope))) {
    return refuse("forbidden", `this token lacks the scope ${scopes.map((scope) => `"${scope}"`).join(" or ")}`);
  }
  if (principal.bunkerId !== "all") {
    if (permission.all) return refuse("forbidden", "this token reaches one bunker, and this needs all of them");
    if (target.bunkerId !== undefined && target.bunkerId !== principal.bunkerId) {
      return refuse("forbidden", "this token reaches another bunker");
    }
  }
  if (target.policy !== undefined && !principal.policies.includes(target.policy)) {
    const named = principal.policies.length === 0 ? "none" : principal.policies.join(", ");
    return refuse("forbidden", `this token may use these policies: ${named}`);
  }
  return ok(null);
}

function personMay(principal: PersonPrincipal, permission: Permission, target: Target): Result<null> {
  if (permission.roles === "instance") {
    if (!principal.instanceOwner) return refuse("forbidden", "only owners of this instance may do this");
  } else if (target.role === undefined) {
    // Who is no member does not learn that the bunker exists.
    return refuse("not-found", "no bunker has that id");
  } else if (!permission.roles.includes(target.role)) {
    const needed = permission.roles.join(" or ") || "an API token";
    return refuse("forbidden", `your role here is ${target.role}; this needs ${needed}`, { is: target.role, needs: permission.roles });
  }
  // Machines are turned away at the Worker, route by route; people here, so that no page can forget it.
  if (principal.instanceLocked && permission.underLock !== true) return refuse("locked", "the whole instance is locked");
  return permission.stepUp === undefined ? ok(null) : steppedUp(principal, permission.stepUp, target.now);
}

/** What is missing has a code of its own: whoever can confirm now is led to it, whoever cannot is told why. */
function steppedUp(
  { steppedUpUntil, steppedUpBy, hasPasskey }: PersonPrincipal,
  strength: true | "strong",
  now: number | undefined,
): Result<null> {
  const isConfirmed = now !== undefined && steppedUpUntil > now;
  if (isConfirmed && (strength === true || steppedUpBy === "passkey" || steppedUpBy === "claim")) return ok(null);
  if (strength === "strong" && !hasPasskey) {
    return refuse("passkey-required", "this needs a passkey, and you have none: add one under Account, it counts in full 24 hours later");
  }
  // It was used just now, and did not suffice: confirming again would not help.
  if (isConfirmed)
    return refuse(
      "passkey-required",
      "the passkey that you used was added on the strength of a mail and counts in full 24 hours after that: use an older one, or wait",
    );
  return refuse("step-up-required", `confirm with ${hasPasskey ? "your passkey" : "a mailed code"}, then try again`);
}

function personRequired() {
  return refuse("person-required", "only a signed-in person may do this");
}

/** The scopes of which an API token needs one; none when no token may ever do it. */
export function scopesFor(action: Action): readonly Scope[] {
  const permission: Permission = PERMISSIONS[action];
  return permission.person || permission.vote || permission.scopes === "none" ? [] : permission.scopes;
}
