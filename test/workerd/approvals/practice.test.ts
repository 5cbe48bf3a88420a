// A practice request goes the whole way, mail and votes included, and nothing is ever signed.

import { beforeAll, describe, expect, it } from "vitest";
import { beginInstance, rpc } from "../people.ts";
import { OPERATOR, value } from "../support.ts";
import { activity, approvals, inStore, mails, readMails, team, voteBy } from "./support.ts";

beforeAll(async () => {
  await beginInstance();
  readMails();
});

const TEAM = { ana: "owner", ben: "approver" } as const;

describe("a practice request", () => {
  it("is mailed to everybody who may vote, and says what it is", async () => {
    const { stub, people } = await team({}, TEAM);
    const sent = value(await rpc(stub).sendPractice(people["ana"] as never));
    expect(sent.state).toBe("waiting");
    const all = await mails(stub);
    expect(all.map(({ to }) => to)).toEqual(["ana@example.org", "ben@example.org"]);
    for (const { text } of all) expect(text).toContain("Practice: nothing will be signed");
  });

  it("ends with its votes, and nothing is signed, charged or known to any app", async () => {
    const { stub, people } = await team({}, TEAM);
    value(await rpc(stub).sendPractice(people["ana"] as never));
    const [, ben] = await mails(stub);
    expect(await voteBy(stub, ben?.secret, "approve")).toMatchObject({ counted: true, decided: true });
    const [approval] = await approvals(stub);
    expect(approval).toMatchObject({ state: "approved", outcome: { signed: null, by: ["ben@example.org"] } });
    const told = await mails(stub);
    for (const { text } of told) expect(text).toContain("Approved by ben@example.org. This was practice: nothing was signed.");
    expect(told.length).toBeGreaterThan(0);
    const entries = await activity(stub);
    expect(entries.some(({ facts }) => "signed" in facts)).toBe(false);
    expect(entries.at(-1)).toMatchObject({ effect: "deny", explanation: "Practice: approved by ben@example.org. Nothing was signed." });
    const rows = await inStore(stub, (store) => ({ outbox: store.outbox.rows(), baseline: store.history.latest(1) }));
    expect(rows.baseline).toBeUndefined();
    expect(value(await rpc(stub).readPractice(OPERATOR))).toEqual({ state: "over", approvalId: null });
  });

  it("is no app: no list shows its connection, and that connection is revoked from the beginning", async () => {
    const { stub, people } = await team({}, TEAM);
    value(await rpc(stub).sendPractice(people["ana"] as never));
    const { items } = value(await rpc(stub).listConnections(OPERATOR));
    expect(items.map(({ name }) => name)).toEqual(["news-bot"]);
    expect(await inStore(stub, (store) => store.connections.byOrigin("practice")?.state)).toBe("revoked");
  });

  it("waits once: sending it again asks about the newer one alone", async () => {
    const { stub, people } = await team({}, TEAM);
    value(await rpc(stub).sendPractice(people["ana"] as never));
    value(await rpc(stub).sendPractice(people["ana"] as never));
    const all = await approvals(stub);
    expect(all.filter(({ state }) => state === "pending")).toHaveLength(1);
  });

  it("is sent by owners and admins alone", async () => {
    const { stub, people } = await team({}, TEAM);
    expect(await rpc(stub).sendPractice(people["ben"] as never)).toMatchObject({ ok: false, refusal: { code: "forbidden" } });
  });
});
