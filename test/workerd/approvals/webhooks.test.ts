// A bunker's webhook: what it tells of, durable with what happened, without a word of any event, and again until somebody has taken it.

import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { beginInstance, rpc } from "../people.ts";
import { note, OPERATOR, value } from "../support.ts";
import { ask, inStore, later, mails, readMails, runAlarm, team, voteBy } from "./support.ts";

const ASK = { rules: [{ id: "notes", effect: "ask", kinds: [1] }] };
const URL_OF_RECEIVER = "https://hooks.example.org/countersign";
let status = 204;
const received: { headers: Headers; body: { event: string; approval?: string; connection?: { name: string } } }[] = [];

beforeAll(async () => {
  readMails();
  await beginInstance();
});

beforeEach(() => {
  status = 204;
  received.splice(0);
  // The receiver: everything else goes on as it does.
  const real = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
    if (url !== URL_OF_RECEIVER) return real(input, init);
    received.push({ headers: new Headers(init?.headers), body: JSON.parse(init?.body as string) as never });
    return new Response(null, { status });
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.mocked(globalThis.fetch).mockRestore();
});

async function withWebhook() {
  const made = await team(ASK, { ana: "owner" });
  const { secret } = value(await rpc(made.stub).setWebhook(OPERATOR, URL_OF_RECEIVER));
  return { ...made, secret };
}

describe("a webhook", () => {
  it("tells that something waits and how it ended, with ids and names of ours alone", async () => {
    const { stub, client, secret } = await withWebhook();
    await ask(client, "sign_event", [note("nobody's business")]);
    await ask(client, "sign_event", [note("nobody's business")]);
    const [ana] = await mails(stub);
    await voteBy(stub, ana?.secret, "reject");
    await runAlarm(stub);
    expect(received.map(({ body }) => body.event)).toEqual(["approval.pending", "approval.rejected"]);
    expect(received[0]?.body).toMatchObject({
      connection: { name: "news-bot" },
      approval: expect.stringMatching(/^[0-9a-f]{96}$/) as string,
    });
    expect(JSON.stringify(received)).not.toContain("business");
    const signed = received[0]?.headers.get("countersign-signature") ?? "";
    expect(signed).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    const stored = await inStore(stub, (_store, sql) =>
      JSON.stringify(
        sql
          .exec("SELECT * FROM webhooks")
          .toArray()
          .map((row) => Object.values(row).map(String)),
      ),
    );
    expect(stored).not.toContain(secret);
  });

  it("comes again under the same id until it is taken, and not after that", async () => {
    const { stub } = await withWebhook();
    status = 503;
    value(await rpc(stub).testWebhook(OPERATOR));
    await runAlarm(stub);
    expect(value(await rpc(stub).readWebhook(OPERATOR))?.deliveries[0]).toMatchObject({
      state: "queued",
      attempts: 1,
      reason: "the receiver answered with status 503",
    });
    status = 200;
    later(31_000);
    await runAlarm(stub);
    later(3_600_000);
    await runAlarm(stub);
    expect(received).toHaveLength(2);
    expect(new Set(received.map(({ headers }) => headers.get("countersign-delivery"))).size).toBe(1);
    expect(value(await rpc(stub).readWebhook(OPERATOR))?.deliveries[0]).toMatchObject({ state: "sent", reason: null });
  });

  it("is given up after a day, and shown so", async () => {
    const { stub } = await withWebhook();
    status = 500;
    value(await rpc(stub).testWebhook(OPERATOR));
    await runAlarm(stub);
    later(25 * 3_600_000);
    await runAlarm(stub);
    expect(value(await rpc(stub).readWebhook(OPERATOR))?.deliveries[0]).toMatchObject({ state: "failed" });
  });

  it("is refused for addresses inside, and sends nothing once it is removed", async () => {
    const { stub, client } = await withWebhook();
    for (const url of ["http://hooks.example.org/", "https://127.0.0.1/", "https://metadata.internal/"]) {
      expect(await rpc(stub).setWebhook(OPERATOR, url)).toMatchObject({ ok: false, refusal: { code: "invalid" } });
    }
    value(await rpc(stub).removeWebhook(OPERATOR));
    await ask(client, "sign_event", [note()]);
    await runAlarm(stub);
    expect(received).toEqual([]);
    expect(await rpc(stub).testWebhook(OPERATOR)).toMatchObject({ ok: false, refusal: { code: "not-found" } });
  });
});
