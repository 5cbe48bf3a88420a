// Trip wires: an app that is denied too often, asks for a kind that it never used, or runs into used-up limits is suspended by itself.

import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Nip46Client } from "../../support/nip46-client.ts";
import { apiToken, beginInstance, CLAIMED_OPERATOR, NOT_STEPPED_UP, person, rpc } from "../people.ts";
import { connectedClient, note, OPERATOR, value, type BunkerStub } from "../support.ts";
import { activity, ask, later, mails, pending, readMails, team } from "./support.ts";

const HOUR = 3_600_000;
const DENY = { rules: [{ id: "no", effect: "deny", kinds: [1] }] };

beforeAll(async () => {
  readMails();
  await beginInstance();
});

afterEach(() => {
  vi.useRealTimers();
});

const state = async (stub: BunkerStub) => value(await rpc(stub).listConnections(OPERATOR)).items[0]?.state;
const tripped = async (stub: BunkerStub) => value(await rpc(stub).attention(OPERATOR)).filter(({ kind }) => kind === "app-tripped");
/** As an app that is there at whatever time it is. */
const sign = (client: Nip46Client, kind: number, content = "hello") => {
  const at = Math.floor(Date.now() / 1000);
  return client.request("sign_event", [JSON.stringify({ kind, content, tags: [], created_at: at })], { at });
};

describe("denials", () => {
  it("suspends with the denial that was one too many, and tells the owners", async () => {
    const { stub, client } = await team(DENY, { ana: "owner" });
    value(await rpc(stub).changeSettings(OPERATOR, { suspendAfterDenials: 3 }));
    for (let time = 0; time < 3; time += 1) expect((await client.request("sign_event", [note()])).error).toMatch(/kind 1/);
    expect((await client.request("ping")).error).toMatch(/suspended/);
    expect(value(await rpc(stub).listConnections(OPERATOR)).items[0]).toMatchObject({ state: "suspended" });
    const told = await mails(stub);
    expect(told.map(({ to }) => to)).toEqual(["ana@example.org"]);
    expect(told[0]?.text).toContain("It was denied 3 times within a minute.");
  });

  it("forgets a minute later, and does nothing while it is off", async () => {
    const { stub, client } = await team(DENY, { ana: "owner" });
    for (let time = 0; time < 5; time += 1) await client.request("sign_event", [note()]);
    value(await rpc(stub).changeSettings(OPERATOR, { suspendAfterDenials: 3 }));
    const deny = async () => client.request("sign_event", [note()], { at: Math.floor(Date.now() / 1000) });
    await deny();
    await deny();
    later(61_000);
    await deny();
    expect(value(await rpc(stub).listConnections(OPERATOR)).items[0]).toMatchObject({ state: "active" });
  });

  it("is set by whoever may tighten, and taken away only by people", async () => {
    const { stub } = await team(DENY, { ana: "owner" });
    value(await rpc(stub).changeSettings(apiToken(["bunkers:write"]), { suspendAfterDenials: 20 }));
    for (const change of [{ suspendAfterDenials: null }, { suspendAfterDenials: 21 }]) {
      expect(await rpc(stub).changeSettings(CLAIMED_OPERATOR, change)).toMatchObject({ ok: false, refusal: { code: "person-required" } });
    }
  });
});

describe("a kind that it never used", () => {
  const ALLOW = {
    rules: [
      { id: "some", effect: "allow", kinds: [1, 6, 7, 30023] },
      { id: "asked", effect: "ask", kinds: [20] },
      { id: "no", effect: "deny", kinds: [8] },
    ],
  };

  it("is signed in the first day, and later suspends the app before anything is signed", async () => {
    const { stub, client } = await team(ALLOW, { ana: "owner" });
    value(await rpc(stub).changeSettings(OPERATOR, { suspendOnNewKind: true }));
    expect((await sign(client, 1)).result).toContain('"sig"');
    later(23 * HOUR);
    expect((await sign(client, 6)).result).toContain('"sig"');
    later(2 * HOUR);
    expect((await sign(client, 1)).result).toContain('"sig"');
    expect((await sign(client, 7)).error).toMatch(/suspended/);
    expect(await state(stub)).toBe("suspended");
    expect((await activity(stub)).slice(-2)).toMatchObject([
      {
        method: "sign_event",
        effect: "deny",
        explanation: "A trip wire: it asked to sign a reaction, which it had never done before.",
        facts: { kind: 7 },
      },
      { method: "connection.suspended", effect: "deny" },
    ]);
    expect((await mails(stub))[0]?.text).toContain("It asked to sign a reaction, which it had never done before.");
  });

  it("is its own once somebody has resumed it; another one is not", async () => {
    const { stub, client, people } = await team(ALLOW, { ana: "owner" });
    value(await rpc(stub).changeSettings(OPERATOR, { suspendOnNewKind: true }));
    later(25 * HOUR);
    await sign(client, 7);
    const { id = "" } = value(await rpc(stub).listConnections(OPERATOR)).items[0] ?? {};
    value(
      await rpc(stub).patchConnection({ ...(people["ana"] ?? person()), steppedUpUntil: Date.now() + 60_000 }, id, { state: "active" }),
    );
    expect(await tripped(stub)).toEqual([]);
    expect((await sign(client, 7)).result).toContain('"sig"');
    expect((await sign(client, 30023)).error).toMatch(/suspended/);
  });

  it("is learnt from what was allowed or asked about, set or not, and never from what was denied", async () => {
    const { stub, client } = await team(ALLOW, { ana: "owner" });
    await sign(client, 1);
    await ask(client, "sign_event", [JSON.stringify({ kind: 20, content: "", tags: [], created_at: 1 })]);
    await sign(client, 8);
    later(25 * HOUR);
    await sign(client, 7);
    value(await rpc(stub).changeSettings(OPERATOR, { suspendOnNewKind: true }));
    for (const kind of [1, 7]) expect((await sign(client, kind)).result).toContain('"sig"');
    await ask(
      client,
      "sign_event",
      [JSON.stringify({ kind: 20, content: "2", tags: [], created_at: 2 })],
      undefined,
      Math.floor(Date.now() / 1000),
    );
    expect(await state(stub)).toBe("active");
    expect((await sign(client, 8)).error).toMatch(/suspended/);
  });

  it("of one app is none of another's", async () => {
    const { stub, client } = await team(ALLOW, { ana: "owner" });
    const other = await connectedClient(stub, { name: "other", policy: "news" });
    value(await rpc(stub).changeSettings(OPERATOR, { suspendOnNewKind: true }));
    await sign(client, 7);
    later(25 * HOUR);
    expect((await sign(other, 7)).error).toMatch(/suspended/);
    expect((await sign(client, 7)).result).toContain('"sig"');
  });
});

describe("used-up limits", () => {
  const LIMITS = {
    rules: [
      { id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 1, per: "minute" }], over: "ask" },
      { id: "likes", effect: "allow", kinds: [7], budgets: [{ max: 1, per: "day" }], over: "deny" },
    ],
  };

  it("are counted once an hour each, and the one too many is neither signed nor asked about", async () => {
    const { stub, client } = await team(LIMITS, { ana: "owner" });
    value(await rpc(stub).changeSettings(OPERATOR, { suspendAfterUsedUpLimits: 3 }));
    for (const kind of [1, 7, 7, 7]) await sign(client, kind);
    await ask(client, "sign_event", [note("over")]);
    expect(await state(stub)).toBe("active");
    later(HOUR + 1_000);
    expect((await sign(client, 7, "again")).error).toMatch(/suspended/);
    expect(await state(stub)).toBe("suspended");
    expect(await pending(stub)).toEqual([]);
    expect((await tripped(stub))[0]).toMatchObject({ cause: "it ran into used-up limits 3 times within a day" });
  });

  it("are forgotten a day later, and count for nothing while the wire is off", async () => {
    const { stub, client } = await team(LIMITS, { ana: "owner" });
    for (let day = 0; day < 3; day += 1) {
      await sign(client, 7);
      await sign(client, 7);
      later(25 * HOUR);
    }
    value(await rpc(stub).changeSettings(OPERATOR, { suspendAfterUsedUpLimits: 2 }));
    await sign(client, 7);
    await sign(client, 7);
    expect(await state(stub)).toBe("active");
  });
});

it("a tripped app needs attention until somebody has seen it, and stays suspended then", async () => {
  const { stub, client, people } = await team(DENY, { ana: "owner", vera: "viewer" });
  value(await rpc(stub).changeSettings(OPERATOR, { suspendAfterDenials: 1 }));
  await sign(client, 1);
  const [item] = await tripped(stub);
  expect(item).toMatchObject({ app: { name: "news-bot", state: "suspended" }, cause: "it was denied once within a minute" });
  const { id = "" } = value(await rpc(stub).listConnections(OPERATOR)).items[0] ?? {};
  expect(await rpc(stub).acknowledgeTrip(people["vera"] ?? person(), id)).toMatchObject({ ok: false });
  value(await rpc(stub).acknowledgeTrip(people["ana"] ?? person(), id));
  expect(await tripped(stub)).toEqual([]);
  expect(await state(stub)).toBe("suspended");
});

it("wires are taken away, or loosened, by owners alone", async () => {
  const { stub, people } = await team(DENY, { ana: "owner", adam: "admin" });
  const [ana, adam] = [people["ana"] ?? person(), people["adam"] ?? person()];
  value(await rpc(stub).changeSettings(adam, { suspendOnNewKind: true, suspendAfterUsedUpLimits: 3 }));
  for (const change of [{ suspendOnNewKind: false }, { suspendAfterUsedUpLimits: 4 }, { suspendAfterUsedUpLimits: null }]) {
    expect(await rpc(stub).changeSettings(adam, change)).toMatchObject({ ok: false, refusal: { code: "forbidden" } });
    expect(await rpc(stub).changeSettings({ ...ana, ...NOT_STEPPED_UP }, change)).toMatchObject({
      ok: false,
      refusal: { code: "step-up-required" },
    });
  }
  value(await rpc(stub).changeSettings(ana, { suspendOnNewKind: false, suspendAfterUsedUpLimits: null }));
});
