// Who may do what, as a table: the setup token before and after the claim, API tokens by scope, members by role.

import { describe, expect, it } from "vitest";
import { ACTIONS, may, scopesFor, worksUnderLock, type Action } from "../../../src/people/permissions.ts";
import {
  ROLES,
  SCOPES,
  type PersonPrincipal,
  type Role,
  type Scope,
  type SetupPrincipal,
  type TokenPrincipal,
} from "../../../src/people/principal.ts";

const BUNKER = "ab".repeat(32);
const OTHER_BUNKER = "cd".repeat(32);

const setup = (claimed: boolean): SetupPrincipal => ({ kind: "machine", credential: "setup-token", claimed });
const token = (scopes: readonly Scope[], rest: Partial<TokenPrincipal> = {}): TokenPrincipal => ({
  kind: "machine",
  credential: "api-token",
  tokenId: "0123456789abcdef",
  name: "a script",
  scopes,
  bunkerId: "all",
  policies: [],
  claimed: false,
  ...rest,
});
const person = (rest: Partial<PersonPrincipal> = {}): PersonPrincipal => ({
  kind: "person",
  accountId: "ana",
  email: "ana@example.org",
  instanceOwner: false,
  instanceLocked: false,
  steppedUpUntil: 0,
  steppedUpBy: rest.steppedUpUntil === undefined ? null : "passkey",
  hasPasskey: true,
  ...rest,
});

function codeOf(...question: Parameters<typeof may>): string {
  const answer = may(...question);
  return answer.ok ? "yes" : answer.refusal.code;
}

/** What no machine does once somebody has claimed the instance. */
const PERSON_ONLY: readonly Action[] = [
  "acts:confirm",
  "bunkers:abandon",
  "bunkers:delete",
  "bunkers:restore",
  "bunkers:rewind",
  "bunkers:undelete",
  "bunkers:unlock",
  "connections:confirm",
  "connections:loosen",
  "connections:resume",
  "four-eyes:off",
  "four-eyes:on",
  "instance:unlock",
  "nicknames:write",
  "keys:announce",
  "keys:cancel",
  "keys:export",
  "keys:later",
  "members:announce",
  "members:cancel",
  "members:leave",
  "members:write",
  "owners:remove",
  "pages:listen",
  "policies:delete",
  "policies:loosen",
  "practice:send",
  "settings:loosen",
  "tokens:create",
];

describe("the setup token", () => {
  it("may do everything except vote while the instance is unclaimed", () => {
    const refused = ACTIONS.filter((action) => codeOf(setup(false), action) !== "yes");
    expect(refused).toEqual(["approvals:vote"]);
  });

  it("neither unlocks, deletes, exports, loosens, changes members nor makes tokens once it is claimed", () => {
    const refused = ACTIONS.filter((action) => codeOf(setup(true), action) === "person-required");
    expect(refused.toSorted()).toEqual([...PERSON_ONLY, "approvals:vote"].toSorted());
  });

  it("still tightens once the instance is claimed", () => {
    for (const action of ["bunkers:lock", "connections:stop", "invites:withdraw", "instance:lock", "tokens:revoke"] as const) {
      expect(codeOf(setup(true), action), action).toBe("yes");
    }
  });
});

describe("an API token", () => {
  it("with every scope votes, unlocks, deletes, exports, loosens and changes members neither before nor after the claim", () => {
    for (const claimed of [false, true]) {
      for (const action of [...PERSON_ONLY, "approvals:vote"] as const) {
        expect(codeOf(token(SCOPES, { claimed }), action), action).toBe("person-required");
      }
    }
  });

  it("without scopes may do nothing", () => {
    expect(ACTIONS.filter((action) => codeOf(token([]), action) === "yes")).toEqual([]);
  });

  it.each(SCOPES)("with the scope %s may do what names that scope and nothing else", (scope) => {
    const allowed = ACTIONS.filter((action) => codeOf(token([scope]), action) === "yes");
    expect(allowed).toEqual(ACTIONS.filter((action) => scopesFor(action).includes(scope)));
    expect(allowed.length).toBeGreaterThan(0);
  });

  it("cannot make, list or revoke tokens", () => {
    expect(codeOf(token(SCOPES), "tokens:create")).toBe("person-required");
    expect(codeOf(token(SCOPES), "tokens:read")).toBe("forbidden");
    expect(codeOf(token(SCOPES), "tokens:revoke")).toBe("forbidden");
  });

  it("for one bunker reaches no other, and nothing that concerns all", () => {
    const bound = token(SCOPES, { bunkerId: BUNKER });
    expect(codeOf(bound, "bunkers:read", { bunkerId: BUNKER })).toBe("yes");
    expect(codeOf(bound, "bunkers:read", { bunkerId: OTHER_BUNKER })).toBe("forbidden");
    expect(codeOf(bound, "sign", { bunkerId: OTHER_BUNKER })).toBe("forbidden");
    expect(codeOf(bound, "bunkers:create")).toBe("forbidden");
    expect(codeOf(bound, "instance:lock")).toBe("forbidden");
  });

  it("invites, connects and reassigns only under the policies that it names", () => {
    const named = token(SCOPES, { policies: ["bot-notes"] });
    for (const action of ["invites:create", "connections:create", "connections:reassign"] as const) {
      expect(codeOf(named, action, { bunkerId: BUNKER, policy: "bot-notes" }), action).toBe("yes");
      expect(codeOf(named, action, { bunkerId: BUNKER, policy: "full-access" }), action).toBe("forbidden");
      expect(codeOf(token(SCOPES), action, { bunkerId: BUNKER, policy: "bot-notes" }), action).toBe("forbidden");
    }
  });
});

describe("a person", () => {
  const now = 1_795_000_000_000;
  const rolesThatMay = (action: Action) =>
    ROLES.filter((role) => codeOf(person({ steppedUpUntil: now + 1 }), action, { role, now }) === "yes");

  it.each<[Action, readonly Role[]]>([
    ["bunkers:read", ["owner", "admin", "approver", "viewer"]],
    ["activity:read", ["owner", "admin", "approver", "viewer"]],
    ["bunkers:lock", ["owner", "admin", "approver"]],
    ["connections:stop", ["owner", "admin", "approver"]],
    ["approvals:vote", ["owner", "admin", "approver"]],
    ["invites:create", ["owner", "admin"]],
    ["policies:publish", ["owner", "admin"]],
    ["bunkers:unlock", ["owner"]],
    ["bunkers:delete", ["owner"]],
    ["bunkers:rewind", ["owner"]],
    ["bunkers:restore", []],
    ["policies:loosen", ["owner"]],
    ["members:write", ["owner"]],
    ["keys:export", ["owner"]],
    ["sign", []],
  ])("%s: %j", (action, roles) => {
    expect(rolesThatMay(action)).toEqual(roles);
  });

  it("who is no member is told that there is no such bunker", () => {
    expect(codeOf(person(), "bunkers:read")).toBe("not-found");
    expect(codeOf(person({ instanceOwner: true }), "bunkers:read")).toBe("not-found");
  });

  it("who owns the instance makes bunkers and locks everything; nobody else does", () => {
    for (const action of ["bunkers:create", "instance:lock", "instance:read"] as const) {
      expect(codeOf(person({ instanceOwner: true }), action)).toBe("yes");
      expect(codeOf(person(), action, { role: "owner" })).toBe("forbidden");
    }
  });

  it("needs a fresh step-up for what loosens or cannot be undone", () => {
    const stale = person({ steppedUpUntil: now });
    for (const action of ["bunkers:delete", "bunkers:unlock", "policies:loosen", "members:write", "keys:export"] as const) {
      expect(codeOf(stale, action, { role: "owner", now }), action).toBe("step-up-required");
      expect(codeOf(person({ steppedUpUntil: now + 1 }), action, { role: "owner" }), `${action} without a clock`).toBe("step-up-required");
    }
  });
});

describe("a mailed code, and a passkey that was just added on the strength of one", () => {
  const now = 1_795_000_000_000;
  const byMail = person({ steppedUpUntil: now + 1, steppedUpBy: "mail" });

  it("unlock and loosen, and change neither members nor take the key out", () => {
    for (const action of ["bunkers:unlock", "policies:loosen", "connections:resume"] as const) {
      expect(codeOf(byMail, action, { role: "owner", now }), action).toBe("yes");
    }
    for (const action of ["members:write", "keys:export", "four-eyes:off", "bunkers:rewind"] as const) {
      expect(codeOf(byMail, action, { role: "owner", now }), action).toBe("passkey-required");
    }
  });

  it("are what an account without a passkey is asked for, where they suffice; where they do not it is told so", () => {
    const without = person({ steppedUpUntil: 0, steppedUpBy: null, hasPasskey: false });
    expect(may(without, "bunkers:unlock", { role: "owner", now })).toMatchObject({
      refusal: { code: "step-up-required", message: "confirm with a mailed code, then try again" },
    });
    expect(codeOf(without, "members:write", { role: "owner", now })).toBe("passkey-required");
    expect(may(person({ steppedUpUntil: 0 }), "bunkers:unlock", { role: "owner", now })).toMatchObject({
      refusal: { code: "step-up-required", message: "confirm with your passkey, then try again" },
    });
  });
});

describe("under the lock of the whole instance", () => {
  it("people read and tighten, and are told why nothing else", () => {
    const now = 1_795_000_000_000;
    const owner = person({ steppedUpUntil: now + 1, instanceOwner: true, instanceLocked: true });
    for (const action of ACTIONS.filter((each) => each !== "sign" && each !== "owners:nominate")) {
      expect(codeOf(owner, action, { role: "owner", now }), action).toBe(worksUnderLock(action) ? "yes" : "locked");
    }
    expect(codeOf(person({ instanceLocked: true }), "bunkers:write")).toBe("not-found");
  });

  it("only reading and tightening go on, and the way out", () => {
    const stopped = ACTIONS.filter((action) => !worksUnderLock(action));
    expect(stopped).toEqual([
      "bunkers:create",
      "bunkers:write",
      "nicknames:write",
      "settings:write",
      "webhooks:write",
      "settings:loosen",
      "bunkers:delete",
      "bunkers:restore",
      "bunkers:rewind",
      "bunkers:abandon",
      "bunkers:unlock",
      "invites:create",
      "connections:create",
      "connections:confirm",
      "connections:resume",
      "connections:reassign",
      "connections:loosen",
      "policies:publish",
      "policies:delete",
      "policies:loosen",
      "approvals:vote",
      "practice:send",
      "members:write",
      "members:announce",
      "four-eyes:on",
      "four-eyes:off",
      "acts:confirm",
      "keys:export",
      "keys:announce",
      "keys:later",
      "sign",
      "tokens:create",
      "owners:nominate",
    ]);
  });
});
