// What pages are told of a bunker's days: counts that equal the entries, pages that join in both directions, names in place of ids.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bunker } from "../../durable-objects/bunker.ts";
import type { ActivityCursor, ActivityPage, HourView } from "../../durable-objects/insight-rpc.ts";
import type { MailOutcome } from "../../src/notify/driver.ts";
import { newMail, type EmailAddress } from "../../src/notify/message.ts";
import { KeyServiceError } from "../../src/sealing/providers/provider.ts";
import type { ActivityDraft } from "../../src/signer/activity.ts";
import { apiToken, beginInstance, joined, person, rpc } from "./people.ts";
import { connectedClient, invite, newBunker, newClient, note, OPERATOR, storeOf, value, type BunkerStub } from "./support.ts";

const HOUR_MS = 3_600_000;
const DRAFT: ActivityDraft = {
  actor: "app",
  method: "sign_event",
  connection: null,
  effect: "allow",
  rules: [],
  explanation: "",
  facts: {},
};

/** Entries as the request path would have written them, at times of our choice. */
function write(stub: BunkerStub, entries: readonly (Partial<ActivityDraft> & { at?: number })[]): Promise<void> {
  return runInDurableObject(stub, (_bunker: Bunker, state) => {
    const { activity, transaction } = storeOf(state);
    transaction(() => {
      for (const { at = Date.now(), ...draft } of entries) activity.append({ ...DRAFT, ...draft }, at);
    });
  });
}

/** Many entries at once, without the chain that a search does not look at; the one numbered `needle` says so. */
function fill(stub: BunkerStub, entries: number, needle: number): Promise<void> {
  return runInDurableObject(stub, (_bunker: Bunker, state) => {
    const { hash: _hash, ...entry } = storeOf(state).activity.append({ ...DRAFT, connection: "c1", explanation: "hay" }, Date.now());
    const sql = `WITH RECURSIVE n (seq) AS (SELECT 3 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?)
      INSERT INTO activity (seq, at, entry, hash) SELECT seq, ?, json_set(?, '$.seq', seq, '$.explanation', iif(seq = ?, 'needle', 'hay')), x'00' FROM n`;
    state.storage.sql.exec(sql, entries, Date.now(), JSON.stringify(entry), needle);
  });
}

function keptHours(stub: BunkerStub): Promise<number> {
  return runInDurableObject(
    stub,
    (_bunker: Bunker, state) => state.storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM activity_hours").one().n,
  );
}

const total = (hours: readonly HourView[]) => {
  const sums = { allowed: 0, asked: 0, denied: 0, stranger: 0 };
  for (const hour of hours) for (const key of ["allowed", "asked", "denied", "stranger"] as const) sums[key] += hour[key];
  return sums;
};
const seqs = ({ items }: ActivityPage) => items.map(({ seq }) => seq);

describe("counts of hours", () => {
  it("say what was asked for, by hour and effect, and leave acts of people out", async () => {
    const stub = await newBunker();
    const now = Date.now();
    const app = { connection: "c1" };
    await write(stub, [
      { ...app, at: now - 5 * HOUR_MS },
      { ...app, at: now - 5 * HOUR_MS, effect: "deny" },
      { ...app, at: now - 2 * HOUR_MS, effect: "ask" },
      { ...app, at: now - 2 * HOUR_MS, actor: "person:a0", method: "approval.approved" },
      { at: now - HOUR_MS, method: "refusals", effect: "deny", facts: { count: 40 } },
    ]);
    const hours = value(await rpc(stub).requestCounts(OPERATOR, now - 24 * HOUR_MS)).hours;
    expect(hours.map(({ allowed, asked, denied, stranger }) => [allowed, asked, denied, stranger])).toEqual([
      [1, 0, 1, 0],
      [0, 1, 0, 0],
      [0, 0, 0, 40],
    ]);
    expect(Date.parse(hours[0]?.at ?? "") % HOUR_MS).toBe(0);
    expect(value(await rpc(stub).requestCounts(OPERATOR, now - HOUR_MS)).hours).toHaveLength(1);
  });

  it("count every entry once, whether its sum was kept or is fresh", async () => {
    const stub = await newBunker();
    const now = Date.now();
    const some = (entries: number) => Array.from({ length: entries }, () => ({ connection: "c1", at: now }));
    const allowed = async () => total(value(await rpc(stub).requestCounts(OPERATOR, now - HOUR_MS)).hours).allowed;
    await write(stub, some(100));
    expect([await allowed(), await allowed(), await keptHours(stub)]).toEqual([100, 100, 0]);
    await write(stub, some(300));
    expect([await allowed(), await allowed(), await keptHours(stub)]).toEqual([400, 400, 1]);
    await write(stub, some(7));
    expect([await allowed(), await keptHours(stub)]).toEqual([407, 1]);
  });

  it("are kept by the way where many entries come together, and by the alarm, and go after a month", async () => {
    const stub = await newBunker();
    const old = Date.now() - 40 * 24 * HOUR_MS;
    await write(
      stub,
      Array.from({ length: 5_001 }, () => ({ connection: "c1", at: old })),
    );
    expect(await keptHours(stub)).toBe(1);
    // A request makes the alarm due that prunes.
    await (await connectedClient(stub)).request("ping");
    await runDurableObjectAlarm(stub);
    const kept = await runInDurableObject(stub, (_bunker: Bunker, state) =>
      state.storage.sql.exec<{ hour: number; allowed: number }>("SELECT hour, allowed FROM activity_hours").toArray(),
    );
    expect(kept.map(({ allowed }) => allowed)).toEqual([2]); // connect and ping
  });
});

describe("looking through the activity", () => {
  let stub: BunkerStub;
  const LAST = 131; // the creation, and 130 of ours
  beforeAll(async () => {
    stub = await newBunker();
    const begin = Date.now() - 130 * HOUR_MS;
    await write(
      stub,
      Array.from({ length: 130 }, (_, index) => ({
        at: begin + index * HOUR_MS,
        connection: index % 2 === 0 ? "even" : "odd",
        effect: index % 10 === 0 ? ("deny" as const) : ("allow" as const),
        explanation: `Rule number ${index} SAYS so.`,
        facts: { kind: index % 3 },
      })),
    );
  });
  const search = async (
    ...[filter, cursor = {}]: [Parameters<typeof stub.searchActivity>[1], Parameters<typeof stub.searchActivity>[2]?]
  ) => value(await rpc(stub).searchActivity(OPERATOR, filter, cursor));

  it("goes from the newest to the first and back, without gap or repetition", async () => {
    const first = await search({});
    expect([seqs(first)[0], first.items.length, first.newer]).toEqual([LAST, 50, null]);
    const second = await search({}, { before: first.older ?? 0 });
    const third = await search({}, { before: second.older ?? 0 });
    expect([...seqs(first), ...seqs(second), ...seqs(third)]).toEqual(Array.from({ length: LAST }, (_, index) => LAST - index));
    expect(third.older).toBeNull();
    const back = await search({}, { after: third.newer ?? 0 });
    expect(seqs(back)).toEqual(seqs(second));
    expect(seqs(await search({}, { after: back.newer ?? 0 }))).toEqual(seqs(first));
    expect((await search({}, { before: back.older ?? 0 })).items).toEqual(third.items);
  });

  it("keeps to app, kind, outcome, words and dates, each and together", async () => {
    const begin = Date.parse(value(await rpc(stub).listActivity(OPERATOR, 1, 1)).items[0]?.at ?? "");
    expect((await search({ app: "odd", kind: 1 })).items.every(({ kind }) => kind === 1)).toBe(true);
    expect(seqs(await search({ outcome: "denied" }))).toHaveLength(13);
    expect(seqs(await search({ text: "number 12 says" }))).toEqual([14]);
    expect(seqs(await search({ outcome: "done" }))).toEqual([1]);
    const day = { from: begin + 10 * HOUR_MS, to: begin + 20 * HOUR_MS };
    expect(seqs(await search(day))).toEqual([21, 20, 19, 18, 17, 16, 15, 14, 13, 12]);
    expect(seqs(await search({ ...day, app: "even", outcome: "allowed", kind: 0, text: "rule" }))).toEqual([20, 14]);
    expect((await search({ text: "nobody wrote this" })).items).toEqual([]);
  });

  it("has for a file exactly what the same filter finds, oldest first", async () => {
    const filter = { app: "even", outcome: "allowed" } as const;
    const found: number[] = [];
    for (let cursor: ActivityCursor | null = {}; cursor !== null;) {
      const page: ActivityPage = value(await rpc(stub).searchActivity(OPERATOR, filter, cursor));
      found.push(...seqs(page));
      cursor = page.older === null ? null : { before: page.older };
    }
    const { items, next } = value(await rpc(stub).exportActivity(OPERATOR, filter, 0));
    expect([items.map(({ seq }) => seq), next]).toEqual([found.toReversed(), null]);
    expect(items[0]).toEqual(value(await rpc(stub).listActivity(OPERATOR, (found.at(-1) ?? 0) - 1, 1)).items[0]);
  });

  it("stops after many entries that do not match, and goes on from there", async () => {
    const long = await newBunker();
    await fill(long, 20_500, 7);
    const first = value(await rpc(long).searchActivity(OPERATOR, { text: "needle" }, {}));
    expect(first.items).toEqual([]);
    expect(first.searchedTo).not.toBeNull();
    const half = value(await rpc(long).exportActivity(OPERATOR, { text: "needle" }, 10));
    expect(half).toEqual({ items: [], next: 20_010 });
    expect(value(await rpc(long).exportActivity(OPERATOR, { text: "needle" }, 20_010)).next).toBeNull();
    const second = value(await rpc(long).searchActivity(OPERATOR, { text: "needle" }, { before: first.older ?? 0 }));
    expect([seqs(second), second.searchedTo, second.older]).toEqual([[7], null, null]);
  });
});

describe("one entry", () => {
  it("has names in place of ids, and for people what was asked for", async () => {
    await beginInstance();
    const stub = await newBunker();
    const viewer = await joined(stub, "viewer", "eve@example.org");
    const client = await connectedClient(stub, { name: "news-bot" });
    await client.request("sign_event", [note("breaking news")]);
    const { items } = value(await rpc(stub).searchActivity(viewer, { kind: 1 }, {}));
    const [row] = items;
    expect(row).toMatchObject({ outcome: "allowed", actor: { kind: "app" }, app: { name: "news-bot", state: "active" } });
    const detail = value(await rpc(stub).readActivity(viewer, row?.seq ?? 0));
    expect(detail.request).toMatchObject({ method: "sign_event", event: { content: "breaking news" } });
    expect(detail.policy).toBe("full-access");
    expect(JSON.stringify(detail.presentation?.parts)).toContain("breaking news");
    const token = value(await rpc(stub).readActivity(apiToken(["activity:read"]), row?.seq ?? 0));
    expect([token.request, token.withoutRequest]).toEqual([null, "people-only"]);
    expect(JSON.stringify(token)).not.toContain("breaking news");
    expect((await rpc(stub).readActivity(viewer, 4_000)).ok).toBe(false);
  });

  it("never has the text of a message, and says why there is nothing", async () => {
    const stub = await newBunker();
    const client = await connectedClient(stub);
    await client.request("nip44_encrypt", ["77".repeat(32), "for your eyes"]);
    await client.request("sign_event", [note("x".repeat(20_000))]);
    const { items } = value(await rpc(stub).searchActivity(person({ instanceOwner: true }), {}, {}));
    const [long, message, connect] = await Promise.all(
      items.slice(0, 3).map(async ({ seq }) => value(await rpc(stub).readActivity(person({ instanceOwner: true }), seq))),
    );
    expect([long?.request, long?.withoutRequest]).toEqual([null, "not-kept"]);
    expect(JSON.stringify(message)).not.toContain("for your eyes");
    expect([connect?.request, connect?.withoutRequest]).toEqual([null, "no-request"]);
  });

  it("names members and those who are none any more", async () => {
    await beginInstance();
    const stub = await newBunker();
    const admin = await joined(stub, "admin", "ana@example.org");
    value(await rpc(stub).lock(admin));
    const actor = async () => value(await rpc(stub).searchActivity(OPERATOR, {}, {})).items[0]?.actor;
    expect(await actor()).toEqual({ kind: "person", email: "ana@example.org" });
    await write(stub, [{ actor: `person:${"ee".repeat(32)}`, method: "bunker.lock" }]);
    expect(await actor()).toEqual({ kind: "person", email: null });
  });
});

describe("whether the activity is unbroken", () => {
  it("is found out in slices, and from then on for what is new alone", async () => {
    const stub = await newBunker();
    await write(
      stub,
      Array.from({ length: 1_200 }, () => ({ connection: "c1" })),
    );
    const first = value(await rpc(stub).checkChain(OPERATOR));
    expect(first).toMatchObject({ ok: true, finding: "unbroken", entries: 500, total: 1_201 });
    await expect.poll(async () => value(await rpc(stub).checkChain(OPERATOR)).entries).toBe(1_201);
    value(await rpc(stub).lock(OPERATOR));
    expect(value(await rpc(stub).checkChain(OPERATOR))).toMatchObject({ entries: 1_202, total: 1_202 });
  });

  it("is denied with the entry that was changed", async () => {
    const stub = await newBunker();
    await write(stub, [{ explanation: "one" }, { explanation: "two" }, { explanation: "three" }]);
    await runInDurableObject(stub, (_bunker: Bunker, state) => {
      state.storage.sql.exec("UPDATE activity SET entry = json_set(entry, '$.explanation', 'four') WHERE seq = 3");
    });
    expect(value(await rpc(stub).checkChain(OPERATOR))).toMatchObject({ ok: false, finding: "broken", problem: "entry 3 was changed" });
  });
});

describe("what needs attention", () => {
  it("names a budget that is used up, an app that waits for a member's yes, and a draft", async () => {
    await beginInstance();
    const stub = await newBunker();
    const rule = { id: "notes", effect: "allow", kinds: [1], budgets: [{ max: 1, per: "hour" }], over: "deny" };
    value(await rpc(stub).publishPolicy(OPERATOR, "news", { name: "news", default: "deny", rules: [rule] }));
    const client = await connectedClient(stub, { name: "news-bot", policy: "news" });
    expect(value(await rpc(stub).attention(OPERATOR))).toEqual([]);
    await client.request("sign_event", [note()]);
    const [item] = value(await rpc(stub).attention(OPERATOR));
    expect(item).toMatchObject({
      kind: "budget-used-up",
      app: { name: "news-bot" },
      budget: { rule: "notes", max: 1, per: "hour", left: 0 },
    });
    expect(value(await rpc(stub).listBudgets(OPERATOR))).toMatchObject([{ app: { name: "news-bot" }, budgets: [{ used: 1, left: 0 }] }]);

    const { remoteSigner, inviteSecret } = await invite(stub, { name: "shy-bot", confirm: true });
    const shy = await newClient(stub, remoteSigner);
    await shy.publish(shy.wrap("connect", [remoteSigner, inviteSecret]).event);
    const looser = { name: "news", default: "deny", rules: [{ ...rule, budgets: [{ max: 2, per: "hour" }] }] };
    value(await rpc(stub).publishPolicy(apiToken(["policies:write"]), "news", looser));
    const items = value(await rpc(stub).attention(OPERATOR));
    expect(items.map(({ kind }) => kind)).toEqual(["budget-used-up", "app-waits", "draft-waits"]);
    expect(items).toMatchObject([{}, { app: { name: "shy-bot", state: "waiting" } }, { policy: "news", drafts: 1 }]);
  });
});

describe("mail that did not arrive", () => {
  it("needs attention until a later one to the same member does", async () => {
    await beginInstance();
    const stub = await newBunker();
    await joined(stub, "approver", "ben@example.org");
    const send = (to: string, unique: string, outcome: MailOutcome, now: number) =>
      runInDurableObject(stub, async (_bunker: Bunker, state) => {
        const { mails } = storeOf(state);
        const words = { subject: "a request", text: "a request", html: "<p>a request</p>" };
        mails.enqueue(newMail(words, { to: to as EmailAddress, messageId: `<${unique}@example.org>`, writtenAt: now }), {
          topic: "test",
          now,
        });
        await mails.runDue(now, { send: async () => outcome });
      });
    const now = Date.now();
    const gone = { ok: false, retry: false, reason: "no such address" } as const;
    await send("ben@example.org", "1", { ok: true }, now);
    await send("ben@example.org", "2", gone, now + 1);
    // Whoever is no member is nobody's concern here.
    await send("eve@example.org", "3", gone, now + 2);
    const failed = [{ kind: "mail-failed", email: "ben@example.org", reason: "no such address" }];
    expect(value(await rpc(stub).attention(OPERATOR))).toMatchObject(failed);
    await send("ben@example.org", "4", { ok: true }, now + 3);
    expect(value(await rpc(stub).attention(OPERATOR))).toEqual([]);
  });
});

describe("a key service that does not answer", () => {
  it("needs attention until it does", async () => {
    const stub = await newBunker();
    await runInDurableObject(stub, (_bunker: Bunker, state) => {
      storeOf(state).keyService.failed("aws-kms", new KeyServiceError("unavailable", "it took longer than 5 s"), Date.now());
    });
    const [item] = value(await rpc(stub).attention(OPERATOR));
    expect(item).toMatchObject({ kind: "key-service-down", message: "it took longer than 5 s" });
    await runInDurableObject(stub, (_bunker: Bunker, state) => storeOf(state).keyService.worked("aws-kms"));
    expect(value(await rpc(stub).attention(OPERATOR))).toEqual([]);
  });
});

describe("the summary for Home", () => {
  it("says state, apps, last use and counts", async () => {
    await beginInstance();
    const stub = await newBunker();
    expect(value(await rpc(stub).summary(OPERATOR))).toMatchObject({
      locked: false,
      apps: 0,
      lastRequestAt: null,
      hours: [],
      attention: [],
    });
    const client = await connectedClient(stub);
    await client.request("sign_event", [note()]);
    const used = value(await rpc(stub).summary(OPERATOR));
    expect(used).toMatchObject({ apps: 1, lastRequestAt: expect.any(String) as string });
    expect(total(used.hours)).toEqual({ allowed: 2, asked: 0, denied: 0, stranger: 0 });
    value(await rpc(stub).lock(OPERATOR));
    expect(value(await rpc(stub).summary(OPERATOR))).toMatchObject({ locked: true, lastRequestAt: used.lastRequestAt });
  });
});
