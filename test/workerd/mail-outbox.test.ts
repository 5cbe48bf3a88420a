// The outbox of mails on the runtime's own SQLite: what it keeps, when it tries, and what it never does.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { MAIL_OUTBOX_MIGRATION, MailOutbox, mailJob } from "../../durable-objects/mail-outbox.ts";
import type { MailOutboxParts } from "../../durable-objects/mail-outbox.ts";
import type { MailView } from "../../durable-objects/mail-view.ts";
import { AlarmClock } from "../../durable-objects/bunker/alarm-clock.ts";
import type { MailDriver, MailOutcome } from "../../src/notify/driver.ts";
import { newMail, parseEmail } from "../../src/notify/message.ts";
import type { Mail } from "../../src/notify/message.ts";

const NOW = Date.UTC(2026, 10, 23, 11, 30);
const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LINK = "https://bunkers.example.org/approve/Zk3-secretpart";
const MAIL_KEY = new Uint8Array(32).fill(7);
const LATER: MailOutcome = { ok: false, retry: true, reason: "the recipient is greylisted" };
const AWAY: MailOutcome = { ok: false, retry: true, everyMail: true, reason: "the mail server cannot be reached" };
const NEVER: MailOutcome = { ok: false, retry: false, reason: "no such mailbox" };

function aMail(unique: string, to = "maria@example.org"): Mail {
  const address = parseEmail(to);
  if (address === undefined) throw new Error("expected an address");
  const words = { subject: `Approve ${unique}`, text: `Read and decide:\n${LINK}`, html: `<a href="${LINK}">Read</a>` };
  return newMail(words, { to: address, messageId: `<${unique}@bunkers.example.org>`, writtenAt: NOW });
}

/** Remembers what it was given; answers by the mail's unique name, "ok" unless told otherwise. */
function recordingDriver(answer: (unique: string, nth: number) => MailOutcome | Promise<MailOutcome> = () => ({ ok: true })) {
  const sent: Mail[] = [];
  const driver: MailDriver = {
    async send(mail) {
      sent.push(mail);
      return answer(/^<([^@]*)/.exec(mail.messageId)?.[1] ?? "", sent.length);
    },
  };
  return { driver, sent, names: () => sent.map((mail) => mail.subject.replace("Approve ", "")) };
}

interface World {
  readonly outbox: MailOutbox;
  readonly storage: DurableObjectStorage;
  /** The same tables under another outbox: as after a restart, unless parts are changed. */
  again(changes?: Partial<MailOutboxParts>): MailOutbox;
  put(unique: string, now?: number, usefulUntil?: number): void;
  one(unique: string): MailView;
}

async function inAnObject(test: (world: World) => Promise<void>): Promise<void> {
  const stub = env.BUNKER.get(env.BUNKER.newUniqueId());
  await runInDurableObject(stub, async (_instance, state) => {
    state.storage.sql.exec(MAIL_OUTBOX_MIGRATION);
    const parts: MailOutboxParts = {
      sql: state.storage.sql,
      ownerId: state.id.toString(),
      mailKey: () => MAIL_KEY,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    };
    const outbox = new MailOutbox(parts);
    await test({
      outbox,
      storage: state.storage,
      again: (changes = {}) => new MailOutbox({ ...parts, ...changes }),
      put(unique, now = NOW, usefulUntil) {
        const taken = outbox.enqueue(aMail(unique), {
          topic: `approval:${unique}`,
          now,
          ...(usefulUntil === undefined ? {} : { usefulUntil }),
        });
        expect(taken).toBe(true);
      },
      one(unique) {
        const [view] = outbox.list({ topic: `approval:${unique}`, limit: 1 });
        if (view === undefined) throw new Error("expected a row");
        return view;
      },
    });
  });
}

/** Every byte that the tables hold, as text. */
function stored({ sql }: DurableObjectStorage): string {
  const rows = sql.exec("SELECT * FROM mails").toArray();
  const cells = rows.flatMap((row) => Object.values(row));
  return cells.map((cell) => (cell instanceof ArrayBuffer ? new TextDecoder("latin1").decode(cell) : String(cell))).join("\n");
}

describe("a mail in the outbox", () => {
  it("is due at once, is sent once as it was written, and then rests", () =>
    inAnObject(async ({ outbox, put, one }) => {
      const { driver, sent } = recordingDriver();
      put("a");
      expect(outbox.nextDue()).toBe(NOW);
      await outbox.runDue(NOW, driver);
      await outbox.runDue(NOW + HOUR, driver);
      expect(sent).toEqual([aMail("a")]);
      expect(one("a")).toMatchObject({
        state: "sent",
        attempts: 1,
        to: "maria@example.org",
        reason: null,
        nextTryAt: null,
        settledAt: NOW,
      });
    }));

  it("is not there in readable form, neither words nor address, and its words are gone once it is sent", () =>
    inAnObject(async ({ outbox, put, storage }) => {
      put("a");
      expect(stored(storage)).not.toMatch(/secretpart|Read and decide|Approve|maria|example\.org\/approve/);
      await outbox.runDue(NOW, recordingDriver().driver);
      expect(storage.sql.exec("SELECT sealed_mail FROM mails").one()["sealed_mail"]).toBeNull();
    }));

  it("loses its words also when it is given up", () =>
    inAnObject(async ({ outbox, put, storage, one }) => {
      put("a");
      await outbox.runDue(NOW, recordingDriver(() => NEVER).driver);
      expect(storage.sql.exec("SELECT sealed_mail FROM mails").one()["sealed_mail"]).toBeNull();
      expect(one("a")).toMatchObject({ state: "failed", reason: "no such mailbox", attempts: 1 });
      expect(outbox.nextDue()).toBe(NOW + 7 * DAY);
    }));

  it("is shown without its words", () =>
    inAnObject(async ({ outbox, put }) => {
      put("a");
      expect(JSON.stringify(outbox.list({ limit: 10 }))).not.toMatch(/secretpart|Approve|Read/);
    }));

  it("put in twice is one mail", () =>
    inAnObject(async ({ outbox, put }) => {
      const { driver, names } = recordingDriver();
      put("a");
      put("a", NOW + SECOND);
      await outbox.runDue(NOW + SECOND, driver);
      put("a", NOW + 2 * SECOND);
      await outbox.runDue(NOW + 2 * SECOND, driver);
      expect(names()).toEqual(["a"]);
    }));

  it("disappears from view after a week", () =>
    inAnObject(async ({ outbox, put }) => {
      put("a");
      await outbox.runDue(NOW, recordingDriver().driver);
      await outbox.runDue(NOW + 7 * DAY - 1, recordingDriver().driver);
      expect(outbox.list({ limit: 10 })).toHaveLength(1);
      await outbox.runDue(NOW + 7 * DAY, recordingDriver().driver);
      expect(outbox.list({ limit: 10 })).toEqual([]);
      expect(outbox.nextDue()).toBeUndefined();
    }));
});

describe("trying again", () => {
  it("comes after 30 seconds, then each time after twice as long, up to an hour, and ends after a day", () =>
    inAnObject(async ({ outbox, put, one }) => {
      const { driver, sent } = recordingDriver(() => LATER);
      put("a");
      const pauses: number[] = [];
      let now = NOW;
      while (one("a").state === "queued") {
        await outbox.runDue(now, driver);
        const next = one("a").nextTryAt;
        if (next === null) break;
        pauses.push((next - now) / SECOND);
        now = outbox.nextDue() ?? next;
      }
      expect(pauses.slice(0, 8)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600]);
      expect(Math.max(...pauses)).toBe(3600);
      expect(now).toBe(NOW + DAY);
      expect(one("a")).toMatchObject({ state: "failed", reason: "given up: the recipient is greylisted", settledAt: NOW + DAY });
      expect(sent.every((mail) => mail.messageId === "<a@bunkers.example.org>")).toBe(true);
    }));

  it("does not happen before its time", () =>
    inAnObject(async ({ outbox, put }) => {
      const { driver, sent } = recordingDriver((_, nth) => (nth === 1 ? LATER : { ok: true }));
      put("a");
      await outbox.runDue(NOW, driver);
      await outbox.runDue(NOW + 30 * SECOND - 1, driver);
      expect(sent).toHaveLength(1);
      await outbox.runDue(NOW + 30 * SECOND, driver);
      expect(sent).toHaveLength(2);
    }));

  it("ends when the link inside is over", () =>
    inAnObject(async ({ outbox, put, one }) => {
      const { driver, sent } = recordingDriver(() => AWAY);
      put("a", NOW, NOW + 45 * SECOND);
      await outbox.runDue(NOW, driver);
      await outbox.runDue(NOW + 30 * SECOND, driver);
      expect(outbox.nextDue()).toBe(NOW + 45 * SECOND);
      await outbox.runDue(NOW + 45 * SECOND, driver);
      expect(sent).toHaveLength(2);
      expect(one("a")).toMatchObject({ state: "failed", reason: "given up: the mail server cannot be reached" });
    }));

  it("of one mail holds up no other", () =>
    inAnObject(async ({ outbox, put }) => {
      const { driver, names } = recordingDriver((unique) => (unique.startsWith("slow") ? LATER : { ok: true }));
      for (const unique of ["slow1", "slow2", "slow3", "slow4", "b"]) put(unique);
      for (const now of [NOW, NOW, NOW]) await outbox.runDue(now, driver);
      expect(names()).toContain("b");
      expect(new Set(names()).size).toBe(names().length);
    }));

  it("asks a service that is away once, not once a mail, and prefers mails that were never tried", () =>
    inAnObject(async ({ outbox, put, one }) => {
      const down = recordingDriver(() => AWAY);
      for (const unique of ["a", "b", "c"]) put(unique);
      await outbox.runDue(NOW, down.driver);
      expect(down.names()).toEqual(["a"]);
      for (const unique of ["a", "b", "c"])
        expect(one(unique)).toMatchObject({ state: "queued", nextTryAt: NOW + 30 * SECOND, reason: AWAY.reason });
      const up = recordingDriver();
      await outbox.runDue(NOW + 30 * SECOND, up.driver);
      expect(up.names()).toEqual(["b", "c", "a"]);
    }));

  it("follows an unexpected fault of a driver, and nothing of the fault is kept", () =>
    inAnObject(async ({ outbox, put, one, storage }) => {
      put("a");
      await outbox.runDue(NOW, recordingDriver(() => Promise.reject(new Error(`could not send ${LINK}`))).driver);
      expect(one("a")).toMatchObject({ state: "queued", reason: "sending failed in an unexpected way", nextTryAt: NOW + 30 * SECOND });
      expect(stored(storage)).not.toContain("secretpart");
    }));
});

describe("when the object ends in the middle of sending", () => {
  it("the mail goes again, with the same Message-ID, and not before the first sending must be over", () =>
    inAnObject(async ({ outbox, put, again, one }) => {
      const first = recordingDriver(() => new Promise<MailOutcome>(() => undefined));
      put("a");
      void outbox.runDue(NOW, first.driver);
      await Promise.resolve();
      expect(first.names()).toEqual(["a"]);
      const restarted = again();
      const second = recordingDriver();
      await restarted.runDue(NOW + SECOND, second.driver);
      expect(second.sent).toEqual([]);
      await restarted.runDue(restarted.nextDue() ?? NOW, second.driver);
      expect(second.sent).toEqual(first.sent);
      expect(one("a")).toMatchObject({ state: "sent", attempts: 2 });
    }));

  it("a second run joins the first: one mail at a time, and none twice", () =>
    inAnObject(async ({ outbox, put }) => {
      const gate = Promise.withResolvers<MailOutcome>();
      const { driver, names } = recordingDriver(() => gate.promise);
      put("a");
      put("b");
      let secondEnded = false;
      const runs = [outbox.runDue(NOW, driver), outbox.runDue(NOW, driver).then(() => (secondEnded = true))];
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(secondEnded).toBe(false);
      expect(names()).toEqual(["a"]);
      gate.resolve({ ok: true });
      await Promise.all(runs);
      expect(names()).toEqual(["a", "b"]);
    }));
});

describe("rows that somebody else wrote", () => {
  it("a sealed mail in another row, another object or under another key opens nowhere and is never sent", () =>
    inAnObject(async ({ outbox, put, again, storage, one }) => {
      const { driver, names } = recordingDriver();
      put("a");
      put("b");
      storage.sql.exec("UPDATE mails SET sealed_mail = (SELECT sealed_mail FROM mails WHERE id LIKE '<a@%') WHERE id LIKE '<b@%'");
      await outbox.runDue(NOW, driver);
      expect(names()).toEqual(["a"]);
      expect(one("b")).toMatchObject({ state: "failed", reason: expect.stringContaining("does not open") });
      for (const [unique, changes] of [
        ["c", { ownerId: "another object" }],
        ["d", { mailKey: () => new Uint8Array(32).fill(8) }],
      ] as const) {
        put(unique);
        await again(changes).runDue(NOW, driver);
        expect(one(unique)).toMatchObject({ state: "failed" });
      }
      expect(names()).toEqual(["a"]);
    }));

  it("an address that does not open is shown as none, and the rest of the list stays", () =>
    inAnObject(async ({ outbox, put, storage }) => {
      put("a");
      put("b");
      storage.sql.exec("UPDATE mails SET sealed_to = x'00' WHERE id LIKE '<a@%'");
      expect(outbox.list({ limit: 10 }).map(({ to }) => to)).toEqual([null, "maria@example.org"]);
    }));
});

describe("as a job of the object's alarm", () => {
  it("is armed while something waits and lets the object sleep afterwards", () =>
    inAnObject(async ({ outbox, storage }) => {
      const { driver, names } = recordingDriver((_, nth) => (nth === 1 ? LATER : { ok: true }));
      const faults: unknown[] = [];
      const clock = new AlarmClock(storage, [mailJob(outbox, () => driver)], (_job, error) => faults.push(error));
      await clock.load();
      const now = Date.now();
      outbox.enqueue(aMail("a"), { topic: "sign-in", now });
      await clock.fire(now);
      expect(await storage.getAlarm()).toBe(now + 30 * SECOND);
      await clock.fire(now + 30 * SECOND);
      expect(names()).toEqual(["a", "a"]);
      expect(await storage.getAlarm()).toBe(now + 30 * SECOND + 7 * DAY);
      expect(faults).toEqual([]);
    }));
});

it("an outbox that is full takes nothing more, and says so", () =>
  inAnObject(async ({ outbox, put, storage }) => {
    put("first");
    storage.sql.exec(
      `INSERT INTO mails (id, topic, state, sealed_to, sealed_mail, queued_at, useful_until, due_at)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
       SELECT 'x' || i, 'x', 'queued', x'00', x'00', 0, 0, 0 FROM n`,
    );
    expect(outbox.enqueue(aMail("last"), { topic: "x", now: NOW })).toBe(false);
    expect(outbox.enqueue(aMail("first"), { topic: "x", now: NOW })).toBe(true);
  }));
