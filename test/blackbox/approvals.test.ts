// People countersign, from outside: a real NIP-46 client waits, real mails arrive over SMTP, their links are followed by scanners and by
// people, and the process dies between a vote and its result.

import { createServer, type AddressInfo } from "node:net";
import { BunkerSigner, parseBunkerInput } from "nostr-tools/nip46";
import { generateSecretKey, verifyEvent, type VerifiedEvent } from "nostr-tools/pure";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startInstance, type Instance } from "../support/instance.ts";
import { startMailServer, type MailServer, type ReceivedMail } from "../support/mail-server.ts";
import { Operator } from "../support/operator.ts";

let mailServer: MailServer;
let instance: Instance;
const settings = (port: number) => ({ MAIL: "smtp", MAIL_FROM: "countersign@bunkers.example.org", SMTP_URL: `smtp://127.0.0.1:${port}` });

/** Asked while nobody took mail: what became of it is looked at once everything else is done, as a second try takes its time. */
let asleep: { operator: Operator; signer: BunkerSigner; signing: Promise<VerifiedEvent> };
const WHILE_MAIL_WAS_DOWN = "Asked while nobody took mail";

beforeAll(async () => {
  const broken = await startBrokenMailServer();
  instance = await startInstance({ env: settings(broken.port) });
  const { operator, signer } = await newsroom(1);
  asleep = { operator, signer, signing: signer.signEvent(note(WHILE_MAIL_WAS_DOWN)) };
  // Two invitations and two questions: each was tried and came to nothing.
  await broken.calls(4);
  await broken.close();
  mailServer = await startMailServer({ port: broken.port, authOptional: true, disabledCommands: ["STARTTLS", "AUTH"] });
});

afterAll(async () => {
  await instance.discard();
  await mailServer.close();
});

/** Hangs up on whoever calls, as a server does whose disk is full; closed, it is not there at all. */
async function startBrokenMailServer(): Promise<{ port: number; calls(count: number): Promise<void>; close(): Promise<void> }> {
  let calls = 0;
  const server = createServer((socket) => {
    calls += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async calls(count) {
      for (;;) {
        if (calls >= count) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

interface Approval {
  readonly id: string;
  readonly state: string;
  readonly votes: number;
}

async function newsroom(need: number): Promise<{ operator: Operator; signer: BunkerSigner }> {
  const operator = await Operator.create(instance, { name: "Daily News" });
  for (const [email, role] of [
    ["ana@example.org", "owner"],
    ["ben@example.org", "approver"],
  ]) {
    await operator.call("POST", "/members", { email, role });
  }
  const rules = [{ id: "bait", effect: "ask", kinds: [1], approvals: { need } }];
  await operator.call("PUT", "/policies/news", { name: "news", default: "deny", rules });
  const { bunkerUrl } = await operator.invite({ name: "news-bot", policy: "news" });
  const pointer = await parseBunkerInput(bunkerUrl);
  if (pointer === null) throw new Error("expected a bunker URL");
  const signer = BunkerSigner.fromBunker(generateSecretKey(), pointer);
  await signer.connect();
  return { operator, signer };
}

const note = (content: string) => ({ kind: 1, content, tags: [], created_at: Math.floor(Date.now() / 1000) });

/** The mail to somebody whose subject passes, past or to come. */
async function mailTo(to: string, test: (mail: ReceivedMail) => boolean): Promise<ReceivedMail> {
  for (let turn = 0; turn < 600; turn += 1) {
    const found = mailServer.mails.find((mail) => mail.to.includes(to) && test(mail));
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no such mail to ${to}; got ${mailServer.mails.map((mail) => `${mail.to.join()}: ${mail.parsed.subject}`).join("; ")}`);
}

const withLink = (content: string) => (mail: ReceivedMail) => (mail.parsed.text ?? "").includes(content) && linkIn(mail) !== "";

function linkIn({ parsed }: ReceivedMail): string {
  return /http:\/\/[^/\s]+(\/approve\/[A-Za-z0-9_-]{86})\s/.exec(parsed.text ?? "")?.[1] ?? "";
}

/** Opens the page of a link and presses one of its buttons, as a browser without script does. */
async function vote(path: string, choice: "approve" | "reject"): Promise<Response> {
  const page = await fetch(`${instance.url}${path}`);
  const html = await page.text();
  const fields = new URLSearchParams({ vote: choice, reason: "" });
  const form = /<form[^>]*>[\s\S]*?<\/form>/.exec(html)?.[0] ?? "";
  for (const [, name = "", value = ""] of form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)) fields.set(name, value);
  return fetch(`${instance.url}${path}`, { method: "POST", body: fields, headers: { Origin: instance.url }, redirect: "manual" });
}

const approvals = async (operator: Operator) => (await operator.call<{ items: Approval[] }>("GET", "/approvals")).items;

describe("a note that the policy flags", () => {
  it("check 4: is mailed to both editors; scanners change nothing; two approvals give the waiting client its signature", async () => {
    const { operator, signer } = await newsroom(2);
    const signing = signer.signEvent(note("Giveaway for everyone"));
    const [ana, ben] = await Promise.all(["ana@example.org", "ben@example.org"].map((to) => mailTo(to, withLink("Giveaway"))));
    if (ana === undefined || ben === undefined) throw new Error("expected two mails");
    expect(ana.parsed.subject).toMatch(/^Daily News: news-bot wants to publish a note/);
    expect(ana.parsed.subject).not.toContain("Giveaway");
    expect(linkIn(ana)).not.toBe(linkIn(ben));

    const links = [...new Set([...(ana.parsed.html ?? "").matchAll(/href="(http:\/\/[^"]+)"/g)].map(([, url]) => url ?? ""))];
    expect(links.some((url) => url.endsWith("/stop"))).toBe(true);
    for (const url of links) {
      for (let time = 0; time < 10; time += 1) {
        await (await fetch(url, { redirect: "manual" })).text();
        await fetch(url, { method: "HEAD", redirect: "manual" });
      }
    }
    expect(await approvals(operator)).toMatchObject([{ state: "pending", votes: 0 }]);
    expect(await operator.state()).toMatchObject({ locked: false });

    expect((await vote(linkIn(ana), "approve")).status).toBe(303);
    expect(await approvals(operator)).toMatchObject([{ state: "pending", votes: 1 }]);
    const used = await fetch(`${instance.url}${linkIn(ana)}`);
    expect(used.status).toBe(410);
    expect(await used.text()).not.toContain("Giveaway");
    expect((await vote(linkIn(ben), "approve")).status).toBe(303);
    const event = await signing;
    expect(verifyEvent(event)).toBe(true);
    expect(event).toMatchObject({ content: "Giveaway for everyone", pubkey: operator.userPubkey });
    await mailTo("ana@example.org", ({ parsed }) => (parsed.subject ?? "").startsWith("Approved by ana@example.org and ben@example.org"));
    await signer.close();
  });

  it("is refused by one rejection, in words for the app", async () => {
    const { signer } = await newsroom(2);
    const signing = signer.signEvent(note("Nobody wants this"));
    const refused = expect(signing).rejects.toBe("denied by policy: a person rejected it");
    await vote(linkIn(await mailTo("ben@example.org", withLink("Nobody wants"))), "reject");
    await refused;
    await signer.close();
  });

  it("is answered with 202 over HTTP, and found by the same key later", async () => {
    const { operator } = await newsroom(1);
    const connection = (await operator.call<{ items: { id: string }[] }>("GET", "/connections")).items[0]?.id;
    const ask = () =>
      operator.api.request<{ state?: string; sig?: string }>(
        "POST",
        `/bunkers/${operator.bunkerId}/sign`,
        { event: { kind: 1, content: "By HTTP", tags: [], created_at: 1_795_000_000 }, connection },
        { "Idempotency-Key": "night-job" },
      );
    expect(await ask()).toMatchObject({ status: 202, body: { state: "pending" } });
    await vote(linkIn(await mailTo("ana@example.org", withLink("By HTTP"))), "approve");
    expect(await ask()).toMatchObject({ status: 200, body: { sig: expect.stringMatching(/^[0-9a-f]{128}$/) as string } });
  });
});

describe("a request that came while the mail server was down", () => {
  it("is mailed once to everybody when it is back, its link works, and it was never lost", async () => {
    const { operator, signer, signing } = asleep;
    const isAboutIt = withLink(WHILE_MAIL_WAS_DOWN);
    const [ana] = await Promise.all(["ana@example.org", "ben@example.org"].map((to) => mailTo(to, isAboutIt)));
    expect(await approvals(operator)).toMatchObject([{ state: "pending", votes: 0 }]);
    if (ana === undefined) throw new Error("expected a mail");
    expect((await vote(linkIn(ana), "approve")).status).toBe(303);
    expect(await signing).toMatchObject({ content: WHILE_MAIL_WAS_DOWN, pubkey: operator.userPubkey });
    // Ben hears of the end; by then nothing else is on its way to either of them.
    await mailTo("ben@example.org", ({ parsed }) => (parsed.subject ?? "").startsWith("Approved by ana@example.org: Daily News"));
    expect(mailServer.mails.filter(isAboutIt).map(({ to }) => to.join())).toEqual(
      expect.arrayContaining(["ana@example.org", "ben@example.org"]),
    );
    expect(mailServer.mails.filter(isAboutIt)).toHaveLength(2);
    await signer.close();
  }, 90_000);
});

describe("a process that is killed around the last vote", () => {
  it("loses no vote and signs once", async () => {
    const { operator, signer } = await newsroom(1);
    const content = "Written before the power went";
    void signer.signEvent(note(content)).catch(() => undefined);
    const path = linkIn(await mailTo("ana@example.org", withLink(content)));
    const page = vote(path, "approve").catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await instance.kill();
    await page;
    instance = await startInstance({
      env: { ...settings(mailServer.port), SETUP_TOKEN: instance.setupToken },
      stateDir: instance.stateDir,
      port: instance.port,
    });
    const risen = operator.after(instance);
    const [approval] = await approvals(risen);
    // Cut off before the vote was on disk: the link is as good as before.
    if (approval?.state === "pending") expect((await vote(path, "approve")).status).toBe(303);
    for (let turn = 0; (await approvals(risen))[0]?.state !== "approved" && turn < 200; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const entries = await risen.call<{ items: { facts: Record<string, unknown> }[] }>("GET", "/activity?limit=500");
    expect(entries.items.filter(({ facts }) => facts["signed"] !== undefined)).toHaveLength(1);
    expect(await approvals(risen)).toMatchObject([{ state: "approved" }]);
    expect(await risen.call("GET", "/activity/verify")).toMatchObject({ ok: true });
  });
});
