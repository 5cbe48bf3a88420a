// A trip wire: an app that is denied too often within a minute is suspended by itself.

import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { apiToken, beginInstance, CLAIMED_OPERATOR, person, rpc } from "../people.ts";
import { note, OPERATOR, value } from "../support.ts";
import { inStore, later, mails, readMails, team } from "./support.ts";

const DENY = { rules: [{ id: "no", effect: "deny", kinds: [1] }] };

beforeAll(async () => {
  readMails();
  await beginInstance();
});

afterEach(() => {
  vi.useRealTimers();
});

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

it("is not taken away by one person alone where four eyes are on", async () => {
  const { stub, people } = await team(DENY, { ana: "owner", olga: "owner" });
  const ana = people["ana"] ?? person();
  value(await rpc(stub).changeSettings(ana, { suspendAfterDenials: 5, votes: "passkey" }));
  await inStore(stub, (store) => store.bunker.setFourEyes(true));
  for (const change of [{ suspendAfterDenials: null }, { votes: "link" as const }]) {
    expect(await rpc(stub).changeSettings(ana, change)).toMatchObject({ ok: false, refusal: { code: "conflict" } });
  }
  value(await rpc(stub).changeSettings(ana, { suspendAfterDenials: 4 }));
});

it("is set by whoever may tighten, and taken away only by people", async () => {
  const { stub } = await team(DENY, { ana: "owner" });
  value(await rpc(stub).changeSettings(apiToken(["bunkers:write"]), { suspendAfterDenials: 20 }));
  for (const change of [{ suspendAfterDenials: null }, { suspendAfterDenials: 21 }]) {
    expect(await rpc(stub).changeSettings(CLAIMED_OPERATOR, change)).toMatchObject({ ok: false, refusal: { code: "person-required" } });
  }
});
