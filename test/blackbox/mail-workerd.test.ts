// Mail out of the real runtime: its sockets, its TLS, its storage and its mail binding, into a real SMTP server.

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newMail, parseEmail } from "../../src/notify/message.ts";
import type { Mail, MailWords } from "../../src/notify/message.ts";
import { invitationMail } from "../../src/notify/templates/invitation.ts";
import { signInMail } from "../../src/notify/templates/sign-in.ts";
import { freePort } from "../../src/tools/ports.ts";
import { PASSWORD, smtpError, startMailServer, USER } from "../support/mail-server.ts";
import type { MailServer, MailServerOptions } from "../support/mail-server.ts";
import { startMailWorker } from "../support/mail-worker.ts";
import type { MailWorker } from "../support/mail-worker.ts";
import { honest, injected, startScriptedServer } from "../support/scripted-mail-server.ts";
import { newTestCa } from "../support/test-ca.ts";

const NOW = Date.UTC(2026, 10, 23, 11, 30);
const SECOND = 1_000;
const MAIL_FROM = "Countersign <countersign@bunkers.example.org>";
const LOGIN = `${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}`;
const LINK = "https://bunkers.example.org/sign-in/Zk3-secretpart";

/** An address of this machine that is not the loopback's: there TLS must be. */
const OUTSIDE =
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === "IPv4" && !one.internal)?.address ?? "127.0.0.2";

const ca = newTestCa();
const certificate = ca.issue([OUTSIDE, "localhost"]);
let worker: MailWorker;
let objects = 0;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  worker = await startMailWorker({ publicUrl: "http://localhost:8787", trust: ca.cert });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});
afterAll(() => worker.discard());

async function mailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer({ ...certificate, ...options });
  open.push(server);
  return server;
}

const smtp = (url: string) => ({ MAIL: "smtp", MAIL_FROM, SMTP_URL: url });
const newObject = () => `object-${(objects += 1)}`;

function mailOf(words: MailWords, unique: string): Mail {
  const to = parseEmail("maria@example.org");
  if (to === undefined) throw new Error("expected an address");
  return newMail(words, { to, messageId: `<${unique}@bunkers.example.org>`, writtenAt: NOW });
}

function signIn(unique: string): Mail {
  const email = parseEmail("maria@example.org");
  if (email === undefined) throw new Error("expected an address");
  const times = { sentAt: NOW, expiresAt: NOW + 900 * SECOND };
  const words = signInMail({ email, host: "bunkers.example.org", link: LINK, code: "48217730", ...times, reference: "A7F3" });
  return mailOf(words, unique);
}

/** One mail through the Worker: what the outbox says afterwards. */
async function sendOne(settings: Parameters<MailWorker["run"]>[2], mail = signIn(newObject())) {
  const object = newObject();
  await worker.enqueue(object, NOW, [mail]);
  const [row] = await worker.run(object, NOW, settings);
  return row;
}

describe("SMTP out of workerd", () => {
  it("delivers on the loopback in plain, both parts whole", async () => {
    const server = await mailServer({ disabledCommands: ["STARTTLS"] });
    expect(await sendOne(smtp(`smtp://127.0.0.1:${server.port}`))).toMatchObject({ state: "sent", attempts: 1, to: "maria@example.org" });
    const [mail] = server.mails;
    expect(mail).toMatchObject({ from: "countersign@bunkers.example.org", to: ["maria@example.org"], secure: false });
    expect(mail?.parsed.subject).toBe("Sign in to Countersign at bunkers.example.org · A7F3");
    for (const part of [mail?.parsed.text, mail?.parsed.html]) {
      expect(part).toContain(LINK);
      expect(part).toContain("48217730");
    }
  });

  it("delivers through STARTTLS under a certificate that it checks, logging in only there", async () => {
    const server = await mailServer();
    expect(await sendOne(smtp(`smtp://${LOGIN}@${OUTSIDE}:${server.port}`))).toMatchObject({ state: "sent" });
    expect(server.mails).toMatchObject([{ secure: true, user: USER }]);
    expect(server.logins).toEqual([{ user: USER, password: PASSWORD, secure: true }]);
  });

  it("delivers through TLS from the first byte", async () => {
    const server = await mailServer({ secure: true });
    expect(await sendOne(smtp(`smtps://${LOGIN}@${OUTSIDE}:${server.port}`))).toMatchObject({ state: "sent" });
    expect(server.mails).toMatchObject([{ secure: true, user: USER }]);
  });

  it("tells a server that strips STARTTLS nothing but hello", async () => {
    const server = await startScriptedServer((line) => honest(line, ["AUTH PLAIN LOGIN"]), certificate, { address: "0.0.0.0" });
    open.push(server);
    const row = await sendOne(smtp(`smtp://${LOGIN}@${OUTSIDE}:${server.port}`));
    expect(row).toMatchObject({ state: "queued", reason: expect.stringContaining("STARTTLS") });
    expect(server.plain).toEqual(["EHLO localhost"]);
  });

  it("does not take what is put behind the answer to STARTTLS for something that came through TLS", async () => {
    const server = await startScriptedServer(injected, certificate, { address: "0.0.0.0" });
    open.push(server);
    const row = await sendOne(smtp(`smtp://${OUTSIDE}:${server.port}`));
    expect(row).toMatchObject({ state: "failed", reason: expect.stringContaining("550 5.1.1") });
    expect(server.plain).toEqual(["EHLO localhost", "STARTTLS"]);
  });

  it("ends where the certificate is of another name or of nobody, without a word of ours", async () => {
    for (const wrong of [ca.issue(["other.example.org"]), newTestCa().issue([OUTSIDE])]) {
      const server = await mailServer(wrong);
      const row = await sendOne(smtp(`smtp://${LOGIN}@${OUTSIDE}:${server.port}`));
      expect(row).toMatchObject({ state: "queued", reason: expect.stringContaining("certificate") });
      expect(server.logins).toEqual([]);
      const direct = await mailServer({ ...wrong, secure: true });
      expect(await sendOne(smtp(`smtps://${LOGIN}@${OUTSIDE}:${direct.port}`))).toMatchObject({ state: "queued" });
      expect(direct.logins).toEqual([]);
    }
  });

  it("falls back to plain on the loopback only, where a mail catcher's certificate is nobody's", async () => {
    const server = await mailServer(newTestCa().issue(["localhost"]));
    expect(await sendOne(smtp(`smtp://localhost:${server.port}`))).toMatchObject({ state: "sent" });
    expect(server.mails).toMatchObject([{ secure: false }]);
  });

  it("keeps names with line ends and markup inside one line of text", async () => {
    const server = await mailServer({ disabledCommands: ["STARTTLS"] });
    const evil = "Ana\r\nBcc: thief@example.org\r\n\r\n<b>.\r\n";
    const words = invitationMail({
      inviter: evil,
      bunker: evil,
      role: "approver",
      host: "bunkers.example.org",
      link: LINK,
      reference: "A7F3",
    });
    expect(await sendOne(smtp(`smtp://127.0.0.1:${server.port}`), mailOf(words, "evil"))).toMatchObject({ state: "sent" });
    const [mail] = server.mails;
    expect(mail?.to).toEqual(["maria@example.org"]);
    expect(mail?.parsed.bcc).toBeUndefined();
    expect(mail?.parsed.html).not.toContain("<b>");
  });

  it("a recipient that does not exist fails at once; one that is refused for now waits", async () => {
    const final = await mailServer({ onRcptTo: (_to, _session, done) => done(smtpError(550, "5.1.1 no such user")) });
    expect(await sendOne(smtp(`smtp://127.0.0.1:${final.port}`))).toMatchObject({ state: "failed", nextTryAt: null });
    const busy = await mailServer({ onRcptTo: (_to, _session, done) => done(smtpError(450, "4.2.1 try later")) });
    expect(await sendOne(smtp(`smtp://127.0.0.1:${busy.port}`))).toMatchObject({ state: "queued", nextTryAt: NOW + 30 * SECOND });
  });
});

describe("the outbox in workerd", () => {
  it("waits while the server is down and delivers each mail once when it is back", async () => {
    const port = await freePort();
    const object = newObject();
    const settings = smtp(`smtp://127.0.0.1:${port}`);
    await worker.enqueue(object, NOW, [signIn("down-a"), signIn("down-b")]);
    for (const row of await worker.run(object, NOW, settings))
      expect(row).toMatchObject({ state: "queued", reason: expect.stringContaining("reached") });
    const server = await mailServer({ port, disabledCommands: ["STARTTLS"] });
    await worker.run(object, NOW + 29 * SECOND, settings);
    expect(server.connections()).toBe(0);
    for (const row of await worker.run(object, NOW + 30 * SECOND, settings)) expect(row).toMatchObject({ state: "sent" });
    await worker.run(object, NOW + 3600 * SECOND, settings);
    expect(server.mails).toHaveLength(2);
    const ids = server.mails.map(({ parsed }) => parsed.messageId);
    expect(new Set(ids)).toEqual(new Set(["<down-a@bunkers.example.org>", "<down-b@bunkers.example.org>"]));
  });

  it("sends again, as the same mail, what a power cut caught between the server's yes and our note of it", async () => {
    const object = newObject();
    const arrived = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const server = await mailServer({
      disabledCommands: ["STARTTLS"],
      beforeAccept: async () => {
        arrived.resolve();
        await released.promise;
      },
    });
    const settings = smtp(`smtp://127.0.0.1:${server.port}`);
    await worker.enqueue(object, NOW, [signIn("cut")]);
    const cut = worker.run(object, NOW, settings).catch(() => []);
    await arrived.promise;
    await worker.kill();
    released.resolve();
    await cut;
    await worker.restart();
    const soon = await worker.run(object, NOW + 30 * SECOND, settings);
    expect(soon).toMatchObject([{ state: "queued", attempts: 1 }]);
    expect(await worker.run(object, NOW + 300 * SECOND, settings)).toMatchObject([{ state: "sent", attempts: 2 }]);
    expect(server.mails.map(({ parsed }) => parsed.messageId)).toEqual(Array(2).fill("<cut@bunkers.example.org>"));
    const [first, second] = server.mails;
    expect(second?.raw).toBe(first?.raw);
  });
});

describe("the other ways out of workerd", () => {
  it("the mail binding takes a mail, and its simulation shows both parts", async () => {
    expect(await sendOne({ MAIL: "cloudflare", MAIL_FROM })).toMatchObject({ state: "sent" });
    await expect.poll(() => worker.log(), { timeout: 10_000 }).toContain("send_email binding called");
    await expect.poll(() => /Text: (\S+)/.exec(worker.log())?.[1], { timeout: 10_000 }).toBeDefined();
    const text = /Text: (\S+)/.exec(worker.log())?.[1] ?? "";
    expect(readFileSync(text, "utf8")).toContain(LINK);
  });

  it("Resend is asked on the loopback in plain, as a development setting", async () => {
    const bodies: string[] = [];
    const api = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (chunk: string) => bodies.push(chunk));
      request.on("end", () => response.writeHead(200).end('{"id":"1"}'));
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", () => resolve()));
    open.push({ close: () => new Promise((resolve) => api.close(() => resolve())) });
    const endpoint = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    expect(await sendOne({ MAIL: "resend", MAIL_FROM, RESEND_API_KEY: "re_test", RESEND_ENDPOINT: endpoint })).toMatchObject({
      state: "sent",
    });
    expect(JSON.parse(bodies.join(""))).toMatchObject({ to: ["maria@example.org"], subject: expect.stringContaining("Sign in") });
  });

  it("the local default prints the mail with its link", async () => {
    expect(await sendOne({})).toMatchObject({ state: "sent" });
    await expect.poll(() => worker.log(), { timeout: 10_000 }).toContain(`  ${LINK}`);
  });

  it("no password, key or mail is in what was printed, except where printing is the driver", async () => {
    const before = worker.log().length;
    const server = await mailServer({ onAuth: (_auth, _session, done) => done(new Error(`no ${PASSWORD}`)) });
    await sendOne(smtp(`smtp://${LOGIN}@${OUTSIDE}:${server.port}`));
    const printed = worker.log().slice(before);
    for (const hidden of [PASSWORD, encodeURIComponent(PASSWORD), "secretpart", "48217730"]) expect(printed).not.toContain(hidden);
  });
});
