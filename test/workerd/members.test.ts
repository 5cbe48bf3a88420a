// Members of a bunker: what a person may do there is what its own table says at that moment, and nothing else.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import type { Role } from "../../src/people/principal.ts";
import { apiToken, beginInstance, CLAIMED_OPERATOR, joined, memberId, NOT_STEPPED_UP, person, WITHOUT_PASSKEY } from "./people.ts";
import { newBunker, OPERATOR, storeOf, value, type BunkerStub } from "./support.ts";

beforeAll(beginInstance);

const DAY_MS = 86_400_000;
const NOT_FOUND = { ok: false, refusal: { code: "not-found", message: "no bunker has that id" } };
const refused = (code: string, message?: RegExp) => ({
  ok: false,
  refusal: { code, ...(message && { message: expect.stringMatching(message) as string }) },
});

async function methods(stub: BunkerStub): Promise<string[]> {
  return value(await stub.listActivity(OPERATOR, 0, 500)).items.map(({ method }) => method);
}

/** Moves what waits to a moment ago, as if the day were over. */
async function waitOver(stub: BunkerStub): Promise<void> {
  await runInDurableObject(stub, (_bunker: Bunker, state) => {
    const { memberChanges } = storeOf(state);
    for (const change of memberChanges.list()) memberChanges.put({ ...change, effectiveAt: Date.now() - 1 });
  });
  await runDurableObjectAlarm(stub);
}

describe("a person", () => {
  it("who is no member is told that there is no such bunker, whatever they ask", async () => {
    const stub = await newBunker();
    const stranger = person();
    expect(await stub.describe(stranger)).toEqual(NOT_FOUND);
    expect(await stub.lock(stranger)).toEqual(NOT_FOUND);
    expect(await stub.addMember(stranger, { email: "eve@example.org", role: "owner" })).toEqual(NOT_FOUND);
    expect(await stub.listMembers(stranger)).toEqual(NOT_FOUND);
  });

  it("may do what the role says: a viewer reads, an approver also stops, an admin edits, an owner does everything", async () => {
    const stub = await newBunker();
    const invite = {
      name: "app",
      policy: "bot-notes",
      expiresInSeconds: 60,
      uses: 1,
      confirm: false,
      interactive: false,
      nip04: false,
      relays: "embedded",
    } as const;
    const can = async (role: Role) => {
      const who = await joined(stub, role, `${role}@example.org`);
      return {
        reads: (await stub.describe(who)).ok,
        locks: (await stub.lock(who)).ok,
        edits: (await stub.createInvite(who, invite)).ok,
        unlocks: (await stub.unlock(who)).ok,
      };
    };
    const nothing = { reads: false, locks: false, edits: false, unlocks: false };
    expect(await can("viewer")).toEqual({ ...nothing, reads: true });
    expect(await can("approver")).toEqual({ ...nothing, reads: true, locks: true });
    value(await stub.unlock(OPERATOR));
    expect(await can("admin")).toEqual({ ...nothing, reads: true, locks: true, edits: true });
    expect(await can("owner")).toEqual({ reads: true, locks: true, edits: true, unlocks: true });
  });

  it("is out the moment that they are removed, in a session that goes on", async () => {
    const stub = await newBunker();
    await joined(stub, "owner", "ana@example.org");
    const ben = await joined(stub, "admin", "ben@example.org");
    expect((await stub.describe(ben)).ok).toBe(true);
    value(await stub.removeMember(OPERATOR, await memberId(stub, "ben@example.org")));
    expect(await stub.describe(ben)).toEqual(NOT_FOUND);
    expect(await stub.listActivity(ben, 0, 1)).toEqual(NOT_FOUND);
  });

  it("has the new role at once, not the one of the session's beginning", async () => {
    const stub = await newBunker();
    const ben = await joined(stub, "admin", "ben@example.org");
    value(await stub.changeMember(OPERATOR, await memberId(stub, ben.email), { role: "viewer" }));
    expect(await stub.lock(ben)).toMatchObject(refused("forbidden", /your role here is viewer/));
  });

  it("who owns the instance owns every bunker without a row in it", async () => {
    const stub = await newBunker();
    const ana = person({ instanceOwner: true });
    value(await stub.lock(ana));
    value(await stub.unlock(ana));
    expect(await stub.unlock({ ...ana, ...NOT_STEPPED_UP })).toMatchObject(refused("step-up-required"));
  });
});

describe("a new member", () => {
  it("is invited until they come, then active, in the one spelling of their address", async () => {
    const stub = await newBunker();
    const added = value(await stub.addMember(OPERATOR, { email: " Ben@EXAMPLE.org ", role: "approver" }));
    expect(added).toMatchObject({
      done: "now",
      member: { email: "ben@example.org", role: "approver", state: "invited" },
      invitation: "queued",
    });
    const ben = await joined(stub, "viewer", "other@example.org");
    await stub.describe(ben);
    const { items } = value(await stub.listMembers(OPERATOR));
    expect(items.map(({ email, state }) => [email, state])).toEqual([
      ["ben@example.org", "invited"],
      ["other@example.org", "active"],
    ]);
    expect(await methods(stub)).toEqual(["bunker.create", "member.add", "member.add"]);
  });

  it("is added once, and needs an address", async () => {
    const stub = await newBunker();
    await joined(stub, "viewer", "ben@example.org");
    expect(await stub.addMember(OPERATOR, { email: "BEN@example.org", role: "owner" })).toMatchObject(
      refused("conflict", /is a member already/),
    );
    for (const email of ["ben", "ben@", "ben@example.org\r\nBcc: eve@example.org"]) {
      expect(await stub.addMember(OPERATOR, { email, role: "viewer" })).toMatchObject(refused("invalid", /^email: /));
    }
  });

  it("is never added by a machine once the instance is claimed", async () => {
    const stub = await newBunker();
    const input = { email: "eve@example.org", role: "owner" } as const;
    expect(await stub.addMember(CLAIMED_OPERATOR, input)).toMatchObject(refused("person-required"));
    expect(await stub.addMember(apiToken(["members:read", "bunkers:write"]), input)).toMatchObject(refused("person-required"));
    expect(value(await stub.listMembers(OPERATOR)).items).toEqual([]);
  });
});

describe("the last owner", () => {
  it("neither leaves nor becomes less, until somebody else is owner", async () => {
    const stub = await newBunker();
    const ana = await joined(stub, "owner", "ana@example.org");
    const ben = await joined(stub, "admin", "ben@example.org");
    const anaId = await memberId(stub, ana.email);
    expect(await stub.removeMember(ana, anaId)).toMatchObject(refused("conflict", /make somebody else owner first/));
    expect(await stub.changeMember(ana, anaId, { role: "viewer" })).toMatchObject(refused("conflict", /make somebody else owner first/));
    value(await stub.changeMember(ana, await memberId(stub, ben.email), { role: "owner" }));
    expect((await stub.removeMember(ana, anaId)).ok).toBe(true);
    expect(await stub.describe(ana)).toEqual(NOT_FOUND);
  });

  it("may go where an owner of the instance stays", async () => {
    const stub = await newBunker();
    await joined(stub, "owner", "ben@example.org");
    expect((await stub.removeMember(person({ instanceOwner: true }), await memberId(stub, "ben@example.org"))).ok).toBe(true);
  });
});

describe("leaving", () => {
  it("is everybody's own affair, except an owner's", async () => {
    const stub = await newBunker();
    await joined(stub, "owner", "ana@example.org");
    const eve = await joined(stub, "viewer", "eve@example.org", WITHOUT_PASSKEY);
    const ben = await joined(stub, "approver", "ben@example.org", WITHOUT_PASSKEY);
    expect(await stub.removeMember(eve, await memberId(stub, ben.email))).toMatchObject(refused("forbidden"));
    expect((await stub.removeMember(eve, await memberId(stub, eve.email))).ok).toBe(true);
    expect(await stub.describe(eve)).toEqual(NOT_FOUND);
  });
});

describe("a row that was not written by the bunker", () => {
  it("grants nothing and locks the bunker", async () => {
    const stub = await newBunker();
    const eve = await joined(stub, "viewer", "eve@example.org");
    await runInDurableObject(stub, (_bunker: Bunker, state) => state.storage.sql.exec("UPDATE members SET role = 'owner'").rowsWritten);
    expect(await stub.unlock(eve)).toMatchObject(refused("locked"));
    expect(value(await stub.describe(OPERATOR)).locked).toBe(true);
  });
});

describe("an owner without a passkey", () => {
  const input = { email: "eve@example.org", role: "owner" } as const;
  const setup = async () => {
    const stub = await newBunker();
    const ana = await joined(stub, "owner", "ana@example.org");
    const thief = await joined(stub, "owner", "ben@example.org", WITHOUT_PASSKEY);
    return { stub, ana, thief };
  };

  it("changes members a day later: nothing has happened before, and the list says what waits", async () => {
    const { stub, thief } = await setup();
    const asked = value(await stub.addMember(thief, input));
    if (asked.done !== "later") throw new Error("expected it to wait");
    expect(Date.parse(asked.change.effectiveAt) - Date.parse(asked.change.askedAt)).toBe(DAY_MS);
    const { items, changes } = value(await stub.listMembers(thief));
    expect(items.map(({ email }) => email)).not.toContain("eve@example.org");
    expect(changes).toMatchObject([{ kind: "add", email: "eve@example.org", role: "owner", askedBy: "ben@example.org" }]);
    await runDurableObjectAlarm(stub);
    expect(value(await stub.listMembers(thief)).items).toHaveLength(2);
    await waitOver(stub);
    expect(value(await stub.listMembers(thief)).items.map(({ email }) => email)).toContain("eve@example.org");
    expect(value(await stub.listMembers(thief)).changes).toEqual([]);
  });

  it("is held up by a mailed code as much as by none, and so is a passkey that was just added", async () => {
    const { stub, thief } = await setup();
    const byCode = { ...thief, steppedUpUntil: Date.now() + 60_000, steppedUpBy: "mail" } as const;
    expect(value(await stub.addMember(byCode, input)).done).toBe("later");
    const byNewPasskey = { ...byCode, hasPasskey: true };
    expect(value(await stub.addMember(byNewPasskey, { ...input, email: "mallory@example.org" })).done).toBe("later");
  });

  it("adds members at once in the browser that claimed", async () => {
    const { stub, thief } = await setup();
    const claimer = { ...thief, steppedUpUntil: Date.now() + 60_000, steppedUpBy: "claim" } as const;
    expect(value(await stub.addMember(claimer, input)).done).toBe("now");
  });

  it("is stopped by any other owner, who needs nothing for it", async () => {
    const { stub, ana, thief } = await setup();
    const removal = value(await stub.removeMember(thief, await memberId(stub, ana.email)));
    if (removal.done !== "later") throw new Error("expected it to wait");
    const viewer = await joined(stub, "viewer", "vera@example.org");
    expect(await stub.cancelMemberChange(viewer, removal.change.id)).toMatchObject(refused("forbidden"));
    value(await stub.cancelMemberChange({ ...ana, ...NOT_STEPPED_UP }, removal.change.id));
    await waitOver(stub);
    expect((await stub.describe(ana)).ok).toBe(true);
    expect(await stub.cancelMemberChange(ana, removal.change.id)).toMatchObject(refused("not-found"));
  });

  it("holds nobody up who may change members now", async () => {
    const { stub, ana, thief } = await setup();
    const id = await memberId(stub, thief.email);
    expect(value(await stub.changeMember(thief, id, { role: "admin" })).done).toBe("later");
    expect(await stub.changeMember(thief, id, { role: "viewer" })).toMatchObject(refused("conflict", /waiting already/));
    expect(value(await stub.removeMember(ana, id)).done).toBe("now");
    expect(value(await stub.listMembers(ana)).changes).toEqual([]);
  });

  it("cannot flood the others with mail", async () => {
    const { stub, thief } = await setup();
    const ask = (n: number) => stub.addMember(thief, { email: `eve${n}@example.org`, role: "viewer" });
    for (let n = 0; n < 10; n += 1) value(await ask(n));
    expect(await ask(10)).toMatchObject(refused("conflict", /at most 10 changes/));
  });

  it("takes nothing with them: what an owner asked for ends when they are no owner any more", async () => {
    const { stub, ana, thief } = await setup();
    value(await stub.addMember(thief, input));
    value(await stub.removeMember(ana, await memberId(stub, thief.email)));
    expect(value(await stub.listMembers(ana)).changes).toEqual([]);
  });

  it("gets nothing a day later as a member of less", async () => {
    const { stub, thief } = await setup();
    value(await stub.addMember(thief, input));
    // Beside the RPC, which would have dropped the change at once: the day's end looks for itself.
    await runInDurableObject(stub, (_bunker: Bunker, state) => {
      const { members } = storeOf(state);
      const row = members.byEmail(thief.email);
      if (row !== undefined) members.put({ ...row, role: "admin" });
    });
    await waitOver(stub);
    expect(value(await stub.listMembers(OPERATOR)).items.map(({ email }) => email)).not.toContain(input.email);
    expect((await methods(stub)).at(-1)).toBe("member.cancel");
  });

  it("gets no change past the last owner, also not a day later", async () => {
    const { stub, ana, thief } = await setup();
    expect(value(await stub.removeMember(thief, await memberId(stub, thief.email))).done).toBe("later");
    value(await stub.removeMember(OPERATOR, await memberId(stub, ana.email)));
    await waitOver(stub);
    expect((await stub.describe(thief)).ok).toBe(true);
    expect((await methods(stub)).at(-1)).toBe("member.cancel");
  });

  it("with a passkey that was not used just now is asked for it, not put off", async () => {
    const { stub, ana } = await setup();
    expect(await stub.addMember({ ...ana, ...NOT_STEPPED_UP }, input)).toMatchObject(refused("step-up-required"));
  });
});
