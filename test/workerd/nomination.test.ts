// A nominated owner: three days, told to everybody, cancelled by any owner, in every activity; and the way back where no owner is left.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { InstanceRpc } from "../../durable-objects/instance-rpc.ts";
import type { EmailAddress } from "../../src/notify/email-address.ts";
import { claimCode } from "../../src/people/claim-code.ts";
import type { PersonPrincipal } from "../../src/people/principal.ts";
import { forgetInstanceState } from "../../src/routes/instance-state.ts";
import { apiToken, CLAIMED_OPERATOR, joined, NOT_STEPPED_UP, person, rpc } from "./people.ts";
import { inInstance } from "./instance-rows.ts";
import { api, newBunker } from "./routes/support.ts";
import { OPERATOR, value, type BunkerStub } from "./support.ts";

const DAYS_3_MS = 72 * 3_600_000;
const HOST = "http://localhost:8787";
const stub = () => env.INSTANCE.get(env.INSTANCE.idFromName("instance"));
const instance = () => stub() as unknown as InstanceRpc;

let bunker: BunkerStub;
let ben: PersonPrincipal;
let vera: PersonPrincipal;
let made = 0;

beforeAll(async () => {
  bunker = env.BUNKER.get(env.BUNKER.idFromString(await newBunker("Daily News")));
  ben = await joined(bunker, "owner", "ben@example.org", NOT_STEPPED_UP);
  vera = await joined(bunker, "viewer", "vera@example.org");
  expect(await instance().nominateOwner(OPERATOR, "eve@example.org")).toMatchObject({ ok: false, refusal: { code: "conflict" } });
  const email = "ana@example.org" as EmailAddress;
  const claim = { claimCode: claimCode(env.SETUP_TOKEN ?? ""), email, browser: "Firefox", network: "192.0.2.1", seenAt: HOST };
  value(await instance().claim(claim));
  forgetInstanceState(env);
});
beforeEach(() => {
  made += 1;
});
afterEach(async () => {
  vi.useRealTimers();
  const [waiting] = value(await instance().listNominations(CLAIMED_OPERATOR)).items;
  if (waiting !== undefined) value(await instance().cancelNomination(CLAIMED_OPERATOR, waiting.id));
});

const nominee = () => `nominee${made}@example.org`;
async function nominated(): Promise<string> {
  const { id } = value(await instance().nominateOwner(CLAIMED_OPERATOR, nominee()));
  await runDurableObjectAlarm(stub());
  return id;
}
async function owners(): Promise<(string | undefined)[]> {
  const { owners: ids } = await instance().state();
  return Promise.all(ids.map(async (id) => (await env.ACCOUNT.get(env.ACCOUNT.idFromString(id)).profile())?.email));
}
async function entries(): Promise<string[]> {
  return value(await rpc(bunker).listActivity(OPERATOR, 0, 500)).items.map(({ method }) => method);
}
function mailsAbout(accountId: string): Promise<number> {
  return runInDurableObject(env.ACCOUNT.get(env.ACCOUNT.idFromString(accountId)), (_account, state) => {
    return state.storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM mails WHERE topic = 'nomination'").one().n;
  });
}
async function after(milliseconds: number): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + milliseconds });
  await runDurableObjectAlarm(stub());
}

describe("a nominated owner", () => {
  it("owns everything after three days and not a moment before, and every bunker's activity says so", async () => {
    await nominated();
    await after(DAYS_3_MS - 60_000);
    expect(await owners()).toEqual(["ana@example.org"]);
    await after(61_000);
    expect(await owners()).toEqual(["ana@example.org", nominee()]);
    expect((await entries()).slice(-2)).toEqual(["owner.nominate", "owner.add"]);
    await inInstance(stub(), ({ owners: rows }) => rows.remove(rows.list().at(-1) ?? ""));
  });

  it("is told by mail to every member and every owner of the instance, once each", async () => {
    const [ana = ""] = (await instance().state()).owners;
    const people = [ana, ben.accountId, vera.accountId];
    const before = await Promise.all(people.map(mailsAbout));
    await nominated();
    await runDurableObjectAlarm(stub());
    expect(await Promise.all(people.map(mailsAbout))).toEqual(before.map((mails) => mails + 1));
  });

  it("is cancelled by any owner of any bunker, without any step-up, and by nobody less", async () => {
    const id = await nominated();
    for (const who of [vera, person(), apiToken(["lock", "members:read"])])
      expect((await rpc(bunker).cancelNomination(who, id)).ok).toBe(false);
    expect(value(await rpc(bunker).listNominations(vera))).toMatchObject([{ id, email: nominee() }]);
    value(await rpc(bunker).cancelNomination(ben, id));
    await runDurableObjectAlarm(stub());
    await after(DAYS_3_MS + 1);
    expect(await owners()).toEqual(["ana@example.org"]);
    expect((await entries()).at(-1)).toBe("owner.nomination-cancel");
  });

  it("is cancelled by an owner of the instance too, and once", async () => {
    const id = await nominated();
    const ana = person({ instanceOwner: true, ...NOT_STEPPED_UP });
    value(await instance().cancelNomination(ana, id));
    expect(await instance().cancelNomination(ana, id)).toMatchObject({ ok: false, refusal: { code: "not-found" } });
  });

  it("is named by the setup token alone, one at a time", async () => {
    for (const who of [person({ instanceOwner: true }), apiToken(["bunkers:write", "lock", "members:read"])]) {
      expect((await instance().nominateOwner(who, nominee())).ok).toBe(false);
    }
    expect((await api("/instance/nominations", { body: { email: nominee() } })).status).toBe(202);
    expect((await api("/instance/nominations", { body: { email: "second@example.org" } })).status).toBe(409);
    expect((await api("/instance/nominations", { body: { email: "x\r\nBcc: eve@example.org" } })).status).toBe(422);
  });

  it("is refused where nobody could be told", async () => {
    const refused = await runInDurableObject(stub(), (object) => {
      const { env: settings } = object as unknown as { env: Record<string, unknown> };
      const before = settings["MAIL"];
      settings["MAIL"] = "resend";
      return (object as unknown as InstanceRpc).nominateOwner(CLAIMED_OPERATOR, nominee()).finally(() => (settings["MAIL"] = before));
    });
    expect(refused).toMatchObject({ ok: false, refusal: { code: "unavailable" } });
  });

  it("that somebody wrote into the database owns nothing", async () => {
    await nominated();
    await runInDurableObject(stub(), (_object, state) => {
      state.storage.sql.exec("UPDATE nominations SET email = 'eve@example.org', effective_at = 1");
    });
    await runDurableObjectAlarm(stub());
    expect(await owners()).toEqual(["ana@example.org"]);
    await inInstance(stub(), ({ nominations }) => nominations.forget());
  });

  it("is the way back where no owner is left", async () => {
    const kept = await inInstance(stub(), ({ owners: rows }) => rows.list().filter((owner) => rows.remove(owner)));
    expect(await owners()).toEqual([]);
    await nominated();
    await after(DAYS_3_MS + 1);
    expect(await owners()).toEqual([nominee()]);
    expect(kept).toHaveLength(1);
  });
});
