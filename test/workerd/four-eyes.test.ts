// Four eyes: one person asks, another owner confirms, and nothing that gives more happens before.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BunkerContext } from "../../durable-objects/bunker/context.ts";
import { askerOf } from "../../durable-objects/bunker/asker.ts";
import { takeConfirmed } from "../../durable-objects/bunker/four-eyes.ts";
import type { PendingAct } from "../../durable-objects/bunker/pending-acts.ts";
import type { Bunker } from "../../durable-objects/bunker.ts";
import type { ActView } from "../../durable-objects/bunker-rpc.ts";
import { parseBunkerUrl } from "../../src/protocol/connection-uri.ts";
import type { PersonPrincipal } from "../../src/people/principal.ts";
import { apiToken, beginInstance, CLAIMED_OPERATOR, joined, memberId, NOT_STEPPED_UP, person, rpc, WITHOUT_PASSKEY } from "./people.ts";
import { connectedClient, INVITE, newBunker, newClient, note, OPERATOR, storeOf, value, type BunkerStub } from "./support.ts";

beforeAll(beginInstance);

const refused = (code: string, message?: RegExp) => ({
  ok: false,
  refusal: { code, ...(message && { message: expect.stringMatching(message) as string }) },
});
const BY_MAIL = { steppedUpBy: "mail" } as const;

const tight = { name: "news", default: "deny", rules: [{ id: "notes", effect: "allow", kinds: [1] }] };
const looser = { ...tight, rules: [{ id: "notes", effect: "allow", kinds: [1, 7] }] };

let stub: BunkerStub;
let ana: PersonPrincipal;
let ben: PersonPrincipal;
let adam: PersonPrincipal;

beforeEach(async () => {
  stub = await newBunker();
  ana = await joined(stub, "owner", "ana@example.org");
  ben = await joined(stub, "owner", "ben@example.org");
  adam = await joined(stub, "admin", "adam@example.org");
  value(await rpc(stub).publishPolicy(OPERATOR, "news", tight));
  value(await rpc(stub).setFourEyes(ana, true));
});

async function waiting(): Promise<readonly ActView[]> {
  return value(await rpc(stub).listActs(ana)).items;
}

async function theOneThatWaits(): Promise<string> {
  const [act, ...more] = await waiting();
  if (act === undefined || more.length > 0) throw new Error(`expected one act, got ${more.length === 0 ? 0 : more.length + 1}`);
  return act.id;
}

async function methods(): Promise<string[]> {
  return value(await rpc(stub).listActivity(OPERATOR, 0, 500)).items.map(({ method }) => method);
}

async function version(): Promise<number> {
  return value(await rpc(stub).readPolicy(ana, "news")).version;
}

function changeActs(change: (act: PendingAct) => PendingAct): Promise<void> {
  return runInDurableObject(stub, (_bunker: Bunker, state) => {
    const { pendingActs } = storeOf(state);
    for (const act of pendingActs.list()) pendingActs.put(change(act));
  });
}

function mailsTo({ accountId }: PersonPrincipal): Promise<number> {
  return runInDurableObject(env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId)), (_account, state) => {
    return state.storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM mails WHERE topic = 'second-owner'").one().n;
  });
}

describe("the switch", () => {
  it("needs two owners", async () => {
    const alone = await newBunker();
    const eve = await joined(alone, "owner", "eve@example.org");
    await joined(alone, "admin", "adam@example.org");
    expect(await rpc(alone).setFourEyes(eve, true)).toMatchObject(refused("conflict", /needs two owners/));
    expect(value(await rpc(alone).setFourEyes(person({ instanceOwner: true }), true))).toBeNull();
    expect(value(await rpc(alone).describe(eve)).fourEyes).toBe(true);
  });

  it("is turned off by two as well", async () => {
    expect(value(await rpc(stub).setFourEyes(ana, false))).toMatchObject({ kind: "four-eyes.off", askedBy: "ana@example.org" });
    expect(value(await rpc(stub).describe(ana)).fourEyes).toBe(true);
    value(await rpc(stub).confirmAct(ben, await theOneThatWaits()));
    expect(value(await rpc(stub).describe(ana)).fourEyes).toBe(false);
    expect(value(await rpc(stub).publishPolicy(ana, "news", looser)).done).toBe("published");
  });

  it("is not turned off on the strength of a mailed code, on either side", async () => {
    expect(await rpc(stub).setFourEyes({ ...ana, ...BY_MAIL }, false)).toMatchObject({ ok: false });
    value(await rpc(stub).setFourEyes(ana, false));
    expect(await rpc(stub).confirmAct({ ...ben, ...BY_MAIL }, await theOneThatWaits())).toMatchObject({ ok: false });
    expect(value(await rpc(stub).describe(ana)).fourEyes).toBe(true);
  });
});

describe("settings", () => {
  it("that loosen wait for a second owner, and what tightens holds at once", async () => {
    value(await rpc(stub).changeSettings(ana, { votes: "passkey", suspendAfterDenials: 5, suspendOnNewKind: true }));
    const told = await mailsTo(ben);
    const asked = value(await rpc(stub).changeSettings(ana, { votes: "link", suspendAfterDenials: 3, suspendOnNewKind: false }));
    expect(asked).toMatchObject({
      votes: "passkey",
      suspendAfterDenials: 3,
      suspendOnNewKind: true,
      act: {
        kind: "settings.loosen",
        what: "The settings change: whoever reads the mail votes; no app is suspended for a kind it never used.",
      },
    });
    expect(await mailsTo(ben)).toBe(told + 1);
    const id = await theOneThatWaits();
    expect(await rpc(stub).confirmAct(ana, id)).toMatchObject(refused("forbidden"));
    expect(await rpc(stub).confirmAct({ ...ben, ...NOT_STEPPED_UP }, id)).toMatchObject(refused("step-up-required"));
    expect(value(await rpc(stub).readSettings(ana)).votes).toBe("passkey");
    value(await rpc(stub).confirmAct(ben, id));
    expect(value(await rpc(stub).readSettings(ana))).toMatchObject({ votes: "link", suspendAfterDenials: 3, suspendOnNewKind: false });
    expect((await methods()).slice(-4)).toEqual(["act.ask", "bunker.settings", "act.confirm", "bunker.settings"]);
  });

  it("are not loosened by a machine, nor by an admin, even as something that waits", async () => {
    value(await rpc(stub).changeSettings(ana, { votes: "passkey" }));
    expect(await rpc(stub).changeSettings(OPERATOR, { votes: "link" })).toMatchObject(refused("person-required"));
    expect(await rpc(stub).changeSettings(adam, { votes: "link" })).toMatchObject(refused("forbidden"));
    expect(await waiting()).toEqual([]);
  });
});

describe("a policy that loosens", () => {
  it("is in force once a second owner has confirmed, and both stand in the activity", async () => {
    const asked = value(await rpc(stub).publishPolicy(ana, "news", looser));
    expect(asked).toMatchObject({ done: "draft", act: { what: "The policy news is loosened by a new version." } });
    expect(await version()).toBe(1);
    value(await rpc(stub).confirmAct(ben, await theOneThatWaits()));
    expect(value(await rpc(stub).readPolicy(ana, "news"))).toMatchObject({ version: 2, document: looser });
    const entries = value(await rpc(stub).listActivity(OPERATOR, 0, 500)).items.slice(-3);
    expect(entries.map(({ method, actor }) => [method, actor])).toEqual([
      ["act.ask", `person:${ana.accountId}`],
      ["act.confirm", `person:${ben.accountId}`],
      ["policy.publish", `person:${ana.accountId}`],
    ]);
    expect(await waiting()).toEqual([]);
  });

  it("is confirmed by nobody but another owner with a step-up of their own", async () => {
    value(await rpc(stub).publishPolicy(ana, "news", looser));
    const id = await theOneThatWaits();
    expect(await rpc(stub).confirmAct(ana, id)).toMatchObject(refused("forbidden", /another owner confirms/));
    expect(await rpc(stub).confirmAct(adam, id)).toMatchObject(refused("forbidden"));
    expect(await rpc(stub).confirmAct({ ...ben, ...NOT_STEPPED_UP }, id)).toMatchObject({ ok: false });
    for (const machine of [CLAIMED_OPERATOR, apiToken(["policies:write", "lock"])]) {
      expect(await rpc(stub).confirmAct(machine, id)).toMatchObject(refused("person-required"));
    }
    expect(await version()).toBe(1);
  });

  it("asks a person without a step-up for it first", async () => {
    expect(await rpc(stub).publishPolicy({ ...ana, ...NOT_STEPPED_UP }, "news", looser)).toMatchObject({ ok: false });
    expect(await waiting()).toEqual([]);
  });

  it("as a machine's draft needs two owners, not one", async () => {
    value(await rpc(stub).publishPolicy(CLAIMED_OPERATOR, "news", looser));
    const [draft] = value(await rpc(stub).listPolicyDrafts(ana, "news")).items;
    expect(value(await rpc(stub).publishPolicyDraft(ana, "news", draft?.id ?? "")).done).toBe("draft");
    expect(await version()).toBe(1);
    value(await rpc(stub).confirmAct(ben, await theOneThatWaits()));
    expect(await version()).toBe(2);
  });

  it("asked for twice is one act", async () => {
    value(await rpc(stub).publishPolicy(ana, "news", looser));
    value(await rpc(stub).publishPolicy(ana, "news", looser));
    expect(await waiting()).toHaveLength(1);
  });

  it("is not confirmed on top of another version", async () => {
    value(await rpc(stub).publishPolicy(ana, "news", looser));
    value(await rpc(stub).publishPolicy(ben, "news", { ...tight, rules: [] }));
    expect(await rpc(stub).confirmAct(ben, await theOneThatWaits())).toMatchObject(refused("conflict", /another version/));
    expect(await version()).toBe(2);
  });

  it("that tightens needs nobody else", async () => {
    expect(value(await rpc(stub).publishPolicy(ana, "news", { ...tight, rules: [] })).done).toBe("published");
  });
});

describe("an app", () => {
  const connections = async () => value(await rpc(stub).listConnections(ana)).items;

  it("moves to a looser policy once a second owner has confirmed, to a tighter one at once", async () => {
    const client = await connectedClient(stub, { policy: "ask-everything" });
    const id = (await connections())[0]?.id ?? "";
    const asked = value(await rpc(stub).patchConnection(ana, id, { policy: "full-access" }));
    expect(asked).toMatchObject({ policy: "ask-everything", act: { kind: "connection.policy" } });
    expect(asked.act?.what).toBe("The app “test app” moves from the policy ask-everything to full-access.");
    value(await rpc(stub).confirmAct(ben, await theOneThatWaits()));
    expect((await client.request("sign_event", [note()])).error).toBeUndefined();
    expect(value(await rpc(stub).patchConnection(ana, id, { policy: "ask-everything" }))).toMatchObject({
      policy: "ask-everything",
      act: null,
    });
  });

  it("is suspended at once in the same breath in which a looser policy is asked for", async () => {
    await connectedClient(stub, { policy: "ask-everything" });
    const id = (await connections())[0]?.id ?? "";
    const asked = value(await rpc(stub).patchConnection(ana, id, { policy: "full-access", state: "suspended" }));
    expect(asked).toMatchObject({ policy: "ask-everything", state: "suspended", act: { kind: "connection.policy" } });
  });

  it("is not moved once its connection has ended", async () => {
    await connectedClient(stub, { policy: "ask-everything" });
    const id = (await connections())[0]?.id ?? "";
    value(await rpc(stub).patchConnection(ana, id, { policy: "full-access" }));
    value(await rpc(stub).patchConnection(ana, id, { state: "revoked" }));
    expect(await rpc(stub).confirmAct(ben, await theOneThatWaits())).toMatchObject(refused("conflict", /has ended/));
  });

  it("begins under ask-everything, by link, by code and by token: one person cannot invite one past it", async () => {
    const script = apiToken(["invites:write", "connections:write", "sign"], { policies: ["full-access", "bot-notes"] });
    for (const who of [CLAIMED_OPERATOR, script]) {
      expect(await rpc(stub).createInvite(who, { ...INVITE, policy: "bot-notes" })).toMatchObject(refused("conflict", /four eyes/));
      const uri = `nostrconnect://${"0".repeat(63)}1?relay=wss%3A%2F%2Frelay.example.org&secret=abcdefgh`;
      expect(await rpc(stub).nostrConnect(who, { uri, policy: "bot-notes" })).toMatchObject(refused("conflict", /four eyes/));
    }
    expect((await rpc(stub).createInvite(ana, { ...INVITE, policy: "ask-everything" })).ok).toBe(true);
    await rpc(stub).signOverHttp(script, { event: JSON.parse(note()) as unknown });
    expect((await connections()).map(({ policy }) => policy)).toEqual(["ask-everything"]);
  });
});

describe("an app that is let in under a looser policy", () => {
  const URI = `nostrconnect://${"0".repeat(63)}1?relay=wss%3A%2F%2Frelay.example.org&secret=abcdefgh`;
  const connections = async () => value(await rpc(stub).listConnections(ana)).items;
  const wish = { name: "news-bot", default: "ask", rules: [{ id: "likes", effect: "allow", kinds: [7] }] };

  it("by its code begins under ask-everything and moves once a second owner has confirmed", async () => {
    expect(await rpc(stub).nostrConnect({ ...ana, ...NOT_STEPPED_UP }, { uri: URI, policy: "bot-notes" })).toMatchObject(
      refused("step-up-required"),
    );
    const { policy, act } = value(await rpc(stub).nostrConnect(ana, { uri: URI, policy: "bot-notes", name: "news-bot" }));
    expect([policy, act?.what]).toEqual(["ask-everything", "The app “news-bot” moves from the policy ask-everything to bot-notes."]);
    expect(value(await rpc(stub).attention(ana))).toMatchObject([{ kind: "act-waits", askedBy: "ana@example.org" }]);
    expect(await rpc(stub).confirmAct(ana, await theOneThatWaits())).toMatchObject(refused("forbidden"));
    value(await rpc(stub).confirmAct(ben, await theOneThatWaits()));
    expect((await connections()).map((app) => app.policy)).toEqual(["bot-notes"]);
  });

  it("by a link begins so too, and link and app move once a second owner has confirmed", async () => {
    const { bunkerUrl, act } = value(await rpc(stub).createInvite(ana, { ...INVITE, name: "news-bot", policy: "bot-notes", uses: 3 }));
    expect(act?.what).toBe("Apps that use the connect link “news-bot” move from the policy ask-everything to bot-notes.");
    const connect = async () => {
      const { remoteSigner = "", inviteSecret = "" } = parseBunkerUrl(bunkerUrl) ?? {};
      await (await newClient(stub, remoteSigner)).connect(inviteSecret);
    };
    await connect();
    await connect();
    const [moved] = await connections();
    expect((await connections()).map((app) => app.policy)).toEqual(["ask-everything", "ask-everything"]);
    // Whoever moves one elsewhere has chosen for it.
    value(await rpc(stub).publishPolicy(ana, "nothing", { name: "nothing", default: "deny", rules: [] }));
    value(await rpc(stub).patchConnection(ana, moved?.id ?? "", { policy: "nothing" }));
    value(await rpc(stub).confirmAct(ben, await theOneThatWaits()));
    await connect();
    expect((await connections()).map((app) => app.policy).toSorted()).toEqual(["bot-notes", "bot-notes", "nothing"]);
  });

  it("by a link that ended unused is nothing that could still be confirmed", async () => {
    const { id } = value(await rpc(stub).createInvite(ana, { ...INVITE, policy: "bot-notes" }));
    value(await rpc(stub).withdrawInvite(ana, id));
    expect(await rpc(stub).confirmAct(ben, await theOneThatWaits())).toMatchObject(refused("conflict", /has ended/));
  });

  it("has the policy that was proposed for it with its connection, or there is none", async () => {
    const inForce = async () =>
      value(await rpc(stub).listPolicies(ana))
        .items.filter(({ preset }) => !preset)
        .map(({ name }) => name);
    const bad = { uri: URI.replace("relay.example.org", "10.0.0.1"), policy: "news-bot", proposal: wish };
    expect(await rpc(stub).nostrConnect(ana, bad)).toMatchObject(refused("invalid", /relay/));
    expect(await rpc(stub).nostrConnect({ ...ana, ...NOT_STEPPED_UP }, { ...bad, uri: URI })).toMatchObject(refused("step-up-required"));
    value(await rpc(stub).lock(ana));
    expect(await rpc(stub).nostrConnect(ana, { ...bad, uri: URI })).toMatchObject(refused("locked"));
    value(await rpc(stub).unlock(ana));
    expect(await inForce()).toEqual(["news"]);
    expect(await rpc(stub).nostrConnect(ana, { ...bad, uri: URI, policy: "news" })).toMatchObject(
      refused("conflict", /published here before/),
    );
    expect(value(await rpc(stub).nostrConnect(ana, { ...bad, uri: URI }))).toMatchObject({ policy: "ask-everything", act: {} });
    expect(await inForce()).toEqual(["news", "news-bot"]);
  });
});

describe("the team", () => {
  const members = async () => value(await rpc(stub).listMembers(ana)).items.map(({ email, role }) => `${email} ${role}`);

  it("gets nobody who votes, edits or owns by one person's choice", async () => {
    for (const role of ["owner", "admin", "approver"] as const) {
      const email = `eve-${role}@example.org`;
      expect(value(await rpc(stub).addMember(ana, { email, role })).done).toBe("asked");
      expect((await members()).join()).not.toContain(email);
      value(await rpc(stub).confirmAct(ben, await theOneThatWaits()));
      expect(await members()).toContain(`${email} ${role}`);
    }
    const vera = value(await rpc(stub).addMember(ana, { email: "vera@example.org", role: "viewer" }));
    expect(vera.done).toBe("now");
    expect(value(await rpc(stub).changeMember(ana, await memberId(stub, "vera@example.org"), { role: "approver" })).done).toBe("asked");
  });

  it("loses no owner by one person's choice, and never falls below two of them", async () => {
    const id = await memberId(stub, ben.email);
    expect(await rpc(stub).removeMember(ana, id)).toMatchObject(refused("conflict", /four eyes needs two owners/));
    expect(await rpc(stub).changeMember(ana, id, { role: "viewer" })).toMatchObject(refused("conflict", /four eyes needs two owners/));
    const cleo = await joinedAnyway("cleo@example.org");
    expect(value(await rpc(stub).removeMember(ana, id)).done).toBe("asked");
    expect(await members()).toContain("ben@example.org owner");
    value(await rpc(stub).confirmAct(cleo, await theOneThatWaits()));
    expect(await members()).not.toContain("ben@example.org owner");
  });

  it("is changed by an owner without a passkey through another owner's, and by no mailed code", async () => {
    const eve = { email: "eve@example.org", role: "approver" } as const;
    expect(value(await rpc(stub).addMember({ ...ana, ...WITHOUT_PASSKEY }, eve)).done).toBe("asked");
    const id = await theOneThatWaits();
    expect(await rpc(stub).confirmAct({ ...ben, ...BY_MAIL }, id)).toMatchObject({ ok: false });
    value(await rpc(stub).confirmAct(ben, id));
    expect(await members()).toContain("eve@example.org approver");
  });

  /** A third owner, as if they had been there before. */
  async function joinedAnyway(email: string): Promise<PersonPrincipal> {
    const added = value(await rpc(stub).addMember(ana, { email, role: "owner" }));
    if (added.done !== "asked") throw new Error("expected it to wait");
    value(await rpc(stub).confirmAct(ben, added.act.id));
    const { accountId } = value(await env.INSTANCE.get(env.INSTANCE.idFromName("instance")).ensureAccount(email as never));
    return person({ accountId, email });
  }
});

describe("what waits", () => {
  beforeEach(async () => {
    value(await rpc(stub).setFourEyes(ana, false));
  });

  it("is told to every owner by mail, once", async () => {
    const before = [await mailsTo(ana), await mailsTo(ben)];
    value(await rpc(stub).setFourEyes(ana, false));
    expect([await mailsTo(ana), await mailsTo(ben)]).toEqual(before);
    value(await rpc(stub).publishPolicy(ana, "news", looser));
    expect([await mailsTo(ana), await mailsTo(ben)]).toEqual(before.map((mails) => mails + 1));
  });

  it("is cancelled by whoever asked, by any owner, and by a machine that may stop things", async () => {
    const id = await theOneThatWaits();
    expect(await rpc(stub).cancelAct(adam, id)).toMatchObject(refused("forbidden"));
    expect(await rpc(stub).cancelAct(person(), id)).toMatchObject(refused("not-found"));
    expect(await rpc(stub).cancelAct(apiToken(["bunkers:write"]), id)).toMatchObject(refused("forbidden"));
    for (const who of [ana, { ...ben, ...NOT_STEPPED_UP }, apiToken(["lock"])]) {
      value(await rpc(stub).setFourEyes(ana, false));
      value(await rpc(stub).cancelAct(who, await theOneThatWaits()));
      expect(await waiting()).toEqual([]);
    }
    expect((await methods()).filter((method) => method === "act.cancel")).toHaveLength(3);
  });

  it("ends by itself after three days", async () => {
    const id = await theOneThatWaits();
    await changeActs((act) => ({ ...act, expiresAt: Date.now() - 1 }));
    expect(await rpc(stub).confirmAct(ben, id)).toMatchObject(refused("not-found"));
    await runDurableObjectAlarm(stub);
    expect(await waiting()).toEqual([]);
    expect((await methods()).at(-1)).toBe("act.expire");
  });

  it("is worth nothing once whoever asked may not do it any more", async () => {
    const id = await theOneThatWaits();
    await runInDurableObject(stub, (_bunker: Bunker, state) => {
      const { members } = storeOf(state);
      const row = members.byEmail(ana.email);
      if (row !== undefined) members.put({ ...row, role: "admin" });
    });
    expect(await rpc(stub).confirmAct(ben, id)).toMatchObject(refused("conflict", /may not do it any more/));
  });

  it("that somebody wrote into the database is confirmed by nobody, and locks the bunker", async () => {
    const id = await theOneThatWaits();
    await runInDurableObject(stub, (_bunker: Bunker, state) => {
      state.storage.sql.exec("UPDATE pending_acts SET asked_by = ?", `person:${"e".repeat(64)}`);
    });
    expect(await rpc(stub).confirmAct(ana, id)).toMatchObject(refused("locked"));
  });
});

describe("an export that a second owner confirmed", () => {
  const exporting = (asker: PersonPrincipal): PendingAct => ({
    id: "e".repeat(32),
    kind: "key.export",
    input: {},
    what: "The key leaves.",
    askedAt: Date.now(),
    askedBy: `person:${asker.accountId}`,
    askedByEmail: asker.email,
    expiresAt: Date.now() + 60_000,
    confirmedBy: null,
  });

  function take(who: PersonPrincipal): Promise<boolean> {
    return runInDurableObject(stub, (_bunker: Bunker, state) => {
      const store = storeOf(state);
      const context = { store } as BunkerContext;
      return takeConfirmed(context, askerOf(store, state.id.toString(), who), "key.export") !== undefined;
    });
  }

  it("is open to whoever asked, to nobody else, and once", async () => {
    await runInDurableObject(stub, (_bunker: Bunker, state) => storeOf(state).pendingActs.put(exporting(ana)));
    expect(await take(ana)).toBe(false);
    value(await rpc(stub).confirmAct(ben, "e".repeat(32)));
    expect(await rpc(stub).confirmAct(ben, "e".repeat(32))).toMatchObject(refused("conflict", /confirmed already/));
    expect(await waiting()).toMatchObject([{ kind: "key.export", confirmed: true }]);
    expect(await take(ben)).toBe(false);
    expect(await take(ana)).toBe(true);
    expect(await take(ana)).toBe(false);
  });

  it("is over a day later", async () => {
    await runInDurableObject(stub, (_bunker: Bunker, state) => storeOf(state).pendingActs.put(exporting(ana)));
    value(await rpc(stub).confirmAct(ben, "e".repeat(32)));
    await changeActs((act) => ({ ...act, expiresAt: Date.now() - 1 }));
    expect(await take(ana)).toBe(false);
  });
});
