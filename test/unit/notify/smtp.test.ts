// The SMTP driver against a real server, and against servers that do what no honest one does.

import { afterEach, describe, expect, it } from "vitest";
import { smtpDriver } from "../../../src/notify/drivers/smtp.ts";
import type { MailOutcome } from "../../../src/notify/driver.ts";
import type { Mail } from "../../../src/notify/message.ts";
import { SmtpFailure, submit } from "../../../src/notify/smtp/dialogue.ts";
import type { Timeouts } from "../../../src/notify/smtp/dialogue.ts";
import type { SmtpServer } from "../../../src/notify/smtp/url.ts";
import { PASSWORD, smtpError, startMailServer, USER } from "../../support/mail-server.ts";
import type { MailServer, MailServerOptions } from "../../support/mail-server.ts";
import { nodeMailSocket } from "../../support/node-mail-socket.ts";
import { HANG_UP, honest, injected, SILENCE, startScriptedServer } from "../../support/scripted-mail-server.ts";
import type { Script, ScriptedServer } from "../../support/scripted-mail-server.ts";
import { newTestCa } from "../../support/test-ca.ts";
import { address, aMail, LINK, SENDER } from "./support.ts";

const HOST = "mail.example.org";
const ca = newTestCa();
const certificate = ca.issue([HOST]);
const login = { user: USER, password: PASSWORD };
/** Short, because some servers here never answer. */
const QUICK: Timeouts = { connectMs: 1_000, replyMs: 1_000, messageMs: 1_000 };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function mailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer({ ...certificate, ...options });
  open.push(server);
  return server;
}

async function scripted(script: Script, greeting?: string): Promise<ScriptedServer> {
  const server = await startScriptedServer(script, certificate, greeting === undefined ? {} : { greeting });
  open.push(server);
  return server;
}

/** Sends to a server of this machine under a name that is not the loopback's, so that TLS must be. */
async function send(
  server: { readonly port: number },
  settings: Partial<SmtpServer> = {},
  mail: Mail = aMail(),
  timeouts?: Timeouts,
): Promise<MailOutcome> {
  const target: SmtpServer = { host: HOST, port: server.port, tls: "required", ...settings };
  const sockets = nodeMailSocket({ address: "127.0.0.1", trust: ca.cert });
  const driver = smtpDriver(
    { server: target, sender: SENDER, ownHost: "bunkers.example.org", ...(timeouts === undefined ? {} : { timeouts }) },
    sockets,
  );
  return driver.send(mail);
}

const plain = { host: "127.0.0.1", tls: "if-offered" } as const;

describe("a mail over SMTP", () => {
  it("arrives on the loopback in plain, with its text, HTML and headers", async () => {
    const server = await mailServer({ disabledCommands: ["STARTTLS"] });
    expect(await send(server, plain)).toEqual({ ok: true });
    const [mail] = server.mails;
    expect(mail).toMatchObject({ from: SENDER.address, to: ["maria@example.org"], secure: false });
    expect(mail?.parsed).toMatchObject({ subject: "Daily News is locked · A7F3", messageId: "<0123456789abcdef@bunkers.example.org>" });
    expect(mail?.parsed.text).toContain(LINK);
    expect(mail?.parsed.html).toContain(LINK);
  });

  it("goes through STARTTLS, checked against the host's name, and logs in only there", async () => {
    const server = await mailServer();
    expect(await send(server, { login })).toEqual({ ok: true });
    expect(server.mails).toMatchObject([{ secure: true, user: USER }]);
    expect(server.logins).toEqual([{ user: USER, password: PASSWORD, secure: true }]);
  });

  it("goes through TLS from the first byte for smtps", async () => {
    const server = await mailServer({ secure: true });
    expect(await send(server, { tls: "at-once", login })).toEqual({ ok: true });
    expect(server.mails).toMatchObject([{ secure: true, user: USER }]);
  });

  it("logs in with LOGIN where PLAIN is not offered", async () => {
    const server = await mailServer({ authMethods: ["LOGIN"] });
    expect(await send(server, { login })).toEqual({ ok: true });
    expect(server.logins).toEqual([{ user: USER, password: PASSWORD, secure: true }]);
  });

  it("keeps lines that begin with a dot, and lines of any length and alphabet", async () => {
    const server = await mailServer({ disabledCommands: ["STARTTLS"] });
    const text = `.\n..\n.hidden\n${"长い行 ".repeat(1_000)}\nend `;
    expect(await send(server, plain, aMail({ text }))).toEqual({ ok: true });
    const [mail] = server.mails;
    expect(mail?.parsed.text?.replaceAll("\r\n", "\n").trimEnd()).toBe(text.trimEnd());
    expect(Math.max(...(mail?.raw.split("\r\n") ?? []).map((line) => line.length))).toBeLessThanOrEqual(998);
    expect(mail?.raw).toMatch(/^[\t\r\n\x20-\x7e]*$/);
  });

  it("uses TLS on the loopback when the server can, and plain when its certificate is nobody's", async () => {
    const trusted = await mailServer(ca.issue(["localhost"]));
    expect(await send(trusted, { ...plain, host: "localhost" })).toEqual({ ok: true });
    expect(trusted.mails).toMatchObject([{ secure: true }]);
    const stranger = await mailServer(newTestCa().issue(["localhost"]));
    expect(await send(stranger, { ...plain, host: "localhost" })).toEqual({ ok: true });
    expect(stranger.mails).toMatchObject([{ secure: false }]);
  });
});

describe("before TLS", () => {
  it("a server that strips STARTTLS gets neither credentials nor addresses nor mail", async () => {
    const server = await scripted((line) => honest(line, ["AUTH PLAIN LOGIN"]));
    const outcome = await send(server, { login });
    expect(outcome).toMatchObject({ ok: false, retry: true, everyMail: true, reason: expect.stringContaining("STARTTLS") });
    expect(server.plain).toEqual(["EHLO bunkers.example.org"]);
  });

  it("a server that offers STARTTLS and then refuses it gets nothing either", async () => {
    const server = await scripted((line) => (line === "STARTTLS" ? "454 not now" : honest(line, ["STARTTLS", "AUTH PLAIN"])));
    expect(await send(server, { login })).toMatchObject({ ok: false, retry: true, reason: expect.stringContaining("454") });
    expect(server.plain).toEqual(["EHLO bunkers.example.org", "STARTTLS"]);
  });

  it("what is put behind the answer to STARTTLS is not taken for something that came through TLS", async () => {
    const server = await scripted(injected);
    expect(await send(server, {}, aMail(), QUICK)).toMatchObject({ ok: false, retry: false, reason: expect.stringContaining("550 5.1.1") });
    expect(server.plain).toEqual(["EHLO bunkers.example.org", "STARTTLS"]);
  });

  it("offers made in plain are forgotten: credentials go only to a server that offers a login through TLS", async () => {
    const server = await scripted((line, secure) => {
      if (line === "STARTTLS") return { answer: "220 go on", upgrade: true };
      return secure ? honest(line) : honest(line, ["STARTTLS", "AUTH PLAIN LOGIN"]);
    });
    expect(await send(server, { login })).toMatchObject({ ok: false, reason: expect.stringContaining("PLAIN, LOGIN") });
    expect(server.encrypted).toEqual(["EHLO bunkers.example.org"]);
  });

  it.each([
    ["of another name", ca.issue(["other.example.org"])],
    ["of an unknown authority", newTestCa().issue([HOST])],
  ])("a certificate %s ends it", async (_, wrong) => {
    const server = await mailServer(wrong);
    expect(await send(server, { login })).toMatchObject({
      ok: false,
      retry: true,
      everyMail: true,
      reason: expect.stringContaining("certificate"),
    });
    expect(server.logins).toEqual([]);
    expect(server.mails).toEqual([]);
  });
});

describe("what a failure says", () => {
  it("a recipient that does not exist is final", async () => {
    const server = await mailServer({ onRcptTo: (_to, _session, done) => done(smtpError(550, "5.1.1 no such user maria@example.org")) });
    const outcome = await send(server);
    expect(outcome).toEqual({ ok: false, retry: false, reason: expect.stringContaining("the recipient (550") });
    expect(JSON.stringify(outcome)).not.toContain("maria");
  });

  it("a recipient that is refused for now is tried again", async () => {
    const server = await mailServer({ onRcptTo: (_to, _session, done) => done(smtpError(451, "4.7.1 greylisted, try later")) });
    expect(await send(server)).toEqual({ ok: false, retry: true, reason: expect.stringContaining("451") });
  });

  it("a refusal of the mail itself repeats nothing of what the server wrote: it may quote a link", async () => {
    const server = await mailServer({ beforeAccept: () => Promise.reject(smtpError(554, `5.7.1 looks like spam: ${LINK}`)) });
    const outcome = await send(server);
    expect(outcome).toMatchObject({ ok: false, retry: false });
    expect(JSON.stringify(outcome)).not.toContain("approve");
  });

  it("wrong credentials are the settings' fault, and are not repeated even if the server repeats them", async () => {
    const encoded = Buffer.from(`\0${USER}\0wrong-password`).toString("base64");
    const server = await scripted((line, secure) => {
      if (line === "STARTTLS") return { answer: "220 go on", upgrade: true };
      if (line.startsWith("AUTH")) return `535 5.7.8 bad credentials: ${line} wrong-password`;
      return honest(line, secure ? ["AUTH PLAIN"] : ["STARTTLS"]);
    });
    const outcome = await send(server, { login: { user: USER, password: "wrong-password" } });
    expect(server.encrypted).toContain(`AUTH PLAIN ${encoded}`);
    expect(outcome).toMatchObject({
      ok: false,
      retry: true,
      everyMail: true,
      reason: expect.stringContaining("535 5.7.8: wrong credentials"),
    });
    expect(JSON.stringify(outcome)).not.toMatch(new RegExp(`wrong-password|${encoded}|${USER}`));
  });

  it("a server that is away, hangs up or says nothing is tried again", async () => {
    const gone = await mailServer();
    await gone.close();
    expect(await send(gone)).toMatchObject({ ok: false, retry: true, everyMail: true, reason: "the mail server cannot be reached" });
    const silent = await scripted(() => SILENCE, SILENCE);
    expect(await send(silent, {}, aMail(), QUICK)).toMatchObject({
      ok: false,
      retry: true,
      everyMail: true,
      reason: expect.stringContaining("in time"),
    });
    const rude = await scripted((line) => (line.startsWith("MAIL") ? HANG_UP : honest(line)));
    expect(await send(rude, plain)).toMatchObject({ ok: false, retry: true, reason: expect.stringContaining("broke") });
  });

  it("a server that closes down while it talks is tried again, whatever was asked", async () => {
    const server = await scripted((line) => (line.startsWith("RCPT") ? "421 4.3.2 going down" : honest(line)));
    expect(await send(server, plain)).toMatchObject({ ok: false, retry: true, everyMail: true });
  });

  it("a mail beyond the server's size is final, and is not sent", async () => {
    const server = await scripted((line) => honest(line, ["SIZE 500"]));
    expect(await send(server, plain)).toMatchObject({ ok: false, retry: false, reason: expect.stringContaining("500 bytes at most") });
    expect(server.plain.some((line) => line.startsWith("MAIL"))).toBe(false);
  });

  it("the size is told to a server that asks for it", async () => {
    const server = await scripted((line) => honest(line, ["SIZE 100000"]));
    expect(await send(server, plain)).toEqual({ ok: true });
    expect(server.plain.find((line) => line.startsWith("MAIL"))).toMatch(/^MAIL FROM:<countersign@bunkers\.example\.org> SIZE=[0-9]+$/);
  });

  it.each([
    ["has no code", "hello there"],
    ["changes its code between lines", "250-one\r\n550 two"],
    ["has a line of 5,000 bytes", `250 ${"x".repeat(5_000)}`],
    ["has 101 lines", `${"250-more\r\n".repeat(100)}250 end`],
    ["has 80,000 bytes", `${`250-${"x".repeat(1_000)}\r\n`.repeat(80)}250 end`],
    ["never ends", `250-${"x".repeat(1_000)}\r\n`.repeat(1_000)],
  ])("a reply that %s ends the dialogue", async (_, reply) => {
    const server = await scripted((line) => (line.startsWith("EHLO") ? reply : honest(line)));
    expect(await send(server, plain, aMail(), QUICK)).toMatchObject({ ok: false, retry: true });
    expect(server.plain).toEqual(["EHLO bunkers.example.org"]);
  });
});

describe("nothing that a mail holds becomes a command", () => {
  const BREAKS = ["\r\nRCPT TO:<thief@example.org>", "\nX: y", "\rX", "\0"];

  it.each(BREAKS)("a recipient with %j is refused before anything is sent", async (end) => {
    const server = await mailServer({ disabledCommands: ["STARTTLS"] });
    const to = `maria@example.org${end}` as ReturnType<typeof address>;
    expect(await send(server, plain, aMail({ to }))).toMatchObject({ ok: false, retry: false });
    expect(server.connections()).toBe(0);
  });

  it.each(BREAKS)("a subject, a bunker's name and a reference with %j are refused before anything is sent", async (end) => {
    const server = await mailServer({ disabledCommands: ["STARTTLS"] });
    for (const changes of [
      { subject: `Hi${end}` },
      { about: `News${end}` },
      { messageId: `<a@b>${end}` },
      { references: [`<a@b>${end}`] },
    ]) {
      expect(await send(server, plain, aMail(changes))).toMatchObject({ ok: false, retry: false });
    }
    expect(server.connections()).toBe(0);
  });

  it.each([
    ["a recipient that ends its path", { to: "a@b.example> NOTIFY=SUCCESS <c@d.example" }],
    ["a recipient with a line end", { to: "a@b.example\r\nRCPT TO:<c@d.example" }],
    ["a sender with a space", { from: "a @b.example" }],
    ["a lone line feed in the mail", { data: "Subject: x\r\n\r\na\n.\nb\r\n" }],
    ["a lone carriage return in the mail", { data: "Subject: x\r\n\r\na\r.\rb\r\n" }],
    ["bytes beyond ASCII in the mail", { data: "Subject: ü\r\n\r\na\r\n" }],
    ["a line of a mail beyond 998 characters", { data: `${"x".repeat(999)}\r\n` }],
    ["a mail without a last line end", { data: "Subject: x\r\n\r\na" }],
  ])("%s does not reach a server, even past everything that checks before", async (_, changes) => {
    const server = await mailServer({ disabledCommands: ["STARTTLS"] });
    const submission = { from: SENDER.address, to: "maria@example.org", data: "Subject: x\r\n\r\na\r\n", ...changes };
    const options = { open: nodeMailSocket(), ownName: "localhost", timeouts: QUICK, mayUpgrade: true };
    await expect(submit({ ...plain, port: server.port }, submission, options)).rejects.toThrow(SmtpFailure);
    expect(server.connections()).toBe(0);
  });

  it("line ends and dots in a body stay in the body", async () => {
    const server = await mailServer({ disabledCommands: ["STARTTLS"] });
    const text = "one\r\n.\r\nMAIL FROM:<thief@example.org>\r\n.\ntwo\r.\rthree\n\r\nfour";
    expect(await send(server, plain, aMail({ text }))).toEqual({ ok: true });
    expect(server.mails).toHaveLength(1);
    expect(server.mails[0]?.parsed.text).toContain("MAIL FROM:<thief@example.org>");
    expect(server.mails[0]?.parsed.text).toContain("four");
  });
});
