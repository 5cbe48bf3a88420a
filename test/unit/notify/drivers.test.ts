// The drivers that are not SMTP, and the choice between them all.

import { createServer } from "node:http";
import type { IncomingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { EmailBinding } from "../../../src/notify/drivers/cloudflare.ts";
import { driverOf, mailDriver } from "../../../src/notify/mail-driver.ts";
import type { MailSettings, MailSetup } from "../../../src/notify/mail-driver.ts";
import type { MailOutcome } from "../../../src/notify/driver.ts";
import { aMail, LINK } from "./support.ts";

const LOCAL = "http://localhost:8787";
const DEPLOYED = "https://bunkers.example.org";
const MAIL_FROM = "countersign@example.org";
const API_KEY = "re_test_0123456789";

const printed: string[] = [];
const servers: Server[] = [];
afterEach(() => {
  printed.length = 0;
  for (const server of servers.splice(0)) server.closeAllConnections();
});

function setUp(settings: MailSettings, publicUrl = DEPLOYED): MailSetup {
  return mailDriver(settings, publicUrl, {
    fetch: (url, init) => fetch(url, init),
    openSocket: () => {
      throw new Error("expected no connection");
    },
    print: (text) => printed.push(text),
  });
}

const send = (setup: MailSetup, mail = aMail()): Promise<MailOutcome> => driverOf(setup).send(mail);

describe("which driver", () => {
  it.each([
    ["log", { MAIL: "log" }, LOCAL],
    ["log", {}, LOCAL],
    ["log", { MAIL: "" }, "http://127.0.0.1:8787"],
    ["cloudflare", { MAIL: "cloudflare", MAIL_FROM, EMAIL: { send: () => Promise.resolve() } }, DEPLOYED],
    ["resend", { MAIL: "resend", MAIL_FROM, RESEND_API_KEY: API_KEY }, DEPLOYED],
    ["smtp", { MAIL: "smtp", MAIL_FROM, SMTP_URL: "smtp://u:p@mail.example.org:587" }, DEPLOYED],
    ["smtp", { MAIL: "smtp", MAIL_FROM: "Acme <a@example.org>", SMTP_URL: "smtps://mail.example.org" }, DEPLOYED],
    ["smtp", { MAIL: "smtp", SMTP_URL: "smtp://localhost:1025" }, LOCAL],
  ] as const)("%s for %j at %s", (kind, settings, publicUrl) => {
    expect(setUp(settings, publicUrl)).toMatchObject({ ok: true, kind });
  });

  it.each([
    ["MAIL is not set", "unset", {}, DEPLOYED],
    ["MAIL is log", "wrong", { MAIL: "log" }, DEPLOYED],
    ["MAIL is log", "wrong", { MAIL: "log" }, "https://localhost.example.org"],
    ["MAIL must be", "wrong", { MAIL: "SMTP" }, DEPLOYED],
    ["MAIL_FROM", "wrong", { MAIL: "smtp", SMTP_URL: "smtps://mail.example.org" }, DEPLOYED],
    ["MAIL_FROM", "wrong", { MAIL: "smtp", MAIL_FROM: "a@b.example\r\nBcc: x@y.example", SMTP_URL: "smtps://mail.example.org" }, DEPLOYED],
    ["binding", "wrong", { MAIL: "cloudflare", MAIL_FROM }, DEPLOYED],
    ["RESEND_API_KEY", "wrong", { MAIL: "resend", MAIL_FROM }, DEPLOYED],
    ["RESEND_API_KEY", "wrong", { MAIL: "resend", MAIL_FROM, RESEND_API_KEY: "re_a\r\nx: y" }, DEPLOYED],
    [
      "RESEND_ENDPOINT",
      "wrong",
      { MAIL: "resend", MAIL_FROM, RESEND_API_KEY: API_KEY, RESEND_ENDPOINT: "http://mail.example.org" },
      DEPLOYED,
    ],
    ["RESEND_ENDPOINT", "wrong", { MAIL: "resend", MAIL_FROM, RESEND_API_KEY: API_KEY, RESEND_ENDPOINT: "nonsense" }, DEPLOYED],
    ["SMTP_URL is not set", "wrong", { MAIL: "smtp", MAIL_FROM }, DEPLOYED],
    ["must look like", "wrong", { MAIL: "smtp", MAIL_FROM, SMTP_URL: "mail.example.org:587" }, DEPLOYED],
    ["must look like", "wrong", { MAIL: "smtp", MAIL_FROM, SMTP_URL: "https://u:hunter2@mail.example.org" }, DEPLOYED],
    ["port 25", "wrong", { MAIL: "smtp", MAIL_FROM, SMTP_URL: "smtp://u:hunter2@mail.example.org:25" }, DEPLOYED],
    ["both a user and a password", "wrong", { MAIL: "smtp", MAIL_FROM, SMTP_URL: "smtp://hunter2@mail.example.org" }, DEPLOYED],
    ["both a user and a password", "wrong", { MAIL: "smtp", MAIL_FROM, SMTP_URL: "smtp://u:hunter2%00x@mail.example.org" }, DEPLOYED],
    ["both a user and a password", "wrong", { MAIL: "smtp", MAIL_FROM, SMTP_URL: "smtp://u:hunter2%0d%0aX@mail.example.org" }, DEPLOYED],
    ["must end after", "wrong", { MAIL: "smtp", MAIL_FROM, SMTP_URL: "smtp://u:p@mail.example.org/hunter2" }, DEPLOYED],
  ] as const)("none, saying %j (%s), for %j", (sentence, kind, settings, publicUrl) => {
    const setup = setUp(settings, publicUrl);
    expect(setup).toMatchObject({ ok: false, kind, reason: expect.stringContaining(sentence) });
    expect(JSON.stringify(setup)).not.toMatch(/hunter2|re_a/);
  });

  it("without one every mail fails with the reason: for good when nobody asked for mail, for now when a setting is wrong", async () => {
    expect(await send(setUp({}))).toMatchObject({ ok: false, retry: false, reason: expect.stringContaining("MAIL is not set") });
    expect(await send(setUp({ MAIL: "smtp" }))).toMatchObject({ ok: false, retry: true, everyMail: true });
  });
});

describe("log", () => {
  it("prints the whole text with its links, and nothing goes out", async () => {
    expect(await send(setUp({}, LOCAL))).toEqual({ ok: true });
    expect(printed).toEqual([`Mail to maria@example.org: Daily News is locked · A7F3\n  Read this:\n  ${LINK}`]);
  });
});

describe("cloudflare", () => {
  const withBinding = (EMAIL: EmailBinding) => setUp({ MAIL: "cloudflare", MAIL_FROM, EMAIL });

  it("hands the mail to the binding, with the headers that Cloudflare lets us set", async () => {
    const sent: unknown[] = [];
    const setup = withBinding({ send: (mail) => Promise.resolve(sent.push(mail)) });
    const mail = aMail({ about: "Daily News", references: ["<a@bunkers.example.org>"] });
    expect(await send(setup, mail)).toEqual({ ok: true });
    expect(sent).toEqual([
      {
        to: "maria@example.org",
        from: { name: "Countersign · Daily News", email: MAIL_FROM },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        headers: { "Auto-Submitted": "auto-generated", "In-Reply-To": "<a@bunkers.example.org>", References: "<a@bunkers.example.org>" },
      },
    ]);
  });

  it.each([
    ["E_RECIPIENT_SUPPRESSED", { retry: false }],
    ["E_RECIPIENT_NOT_ALLOWED", { retry: false }],
    ["E_VALIDATION_ERROR", { retry: false }],
    ["E_CONTENT_TOO_LARGE", { retry: false }],
    ["E_HEADER_VALUE_TOO_LONG", { retry: false }],
    ["E_HEADERS_TOO_MANY", { retry: false }],
    ["E_DELIVERY_FAILED", { retry: true }],
    ["E_INTERNAL_SERVER_ERROR", { retry: true, everyMail: true }],
    ["E_RATE_LIMIT_EXCEEDED", { retry: true, everyMail: true }],
    ["E_SENDER_NOT_VERIFIED", { retry: true, everyMail: true }],
    ["E_SOMETHING_NEW", { retry: true, everyMail: true }],
  ])("%s", async (code, expected) => {
    const outcome = await send(withBinding({ send: () => Promise.reject(Object.assign(new Error(`no: ${LINK}`), { code })) }));
    expect(outcome).toMatchObject({ ok: false, ...expected, reason: expect.stringContaining(code) });
    expect(JSON.stringify(outcome)).not.toContain("approve");
  });

  it("an error without a code, or with one that is more than a code, is a fault of the service", async () => {
    for (const error of [new Error(LINK), Object.assign(new Error(LINK), { code: LINK }), LINK, null]) {
      const outcome = await send(withBinding({ send: () => Promise.reject(error) }));
      expect(outcome).toEqual({ ok: false, retry: true, everyMail: true, reason: "Cloudflare's mail service failed (no code)" });
    }
  });
});

interface Recorded {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** Resend's API as far as a driver sees it: keeps what it was asked and answers with a status. */
async function recordingServer(status: () => number, answer = "{}", headers: Record<string, string> = {}) {
  const recorded: Recorded[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      recorded.push({ method: request.method, url: request.url, headers: request.headers, body: JSON.parse(body) });
      response.writeHead(status(), { "content-type": "application/json", ...headers }).end(answer);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, recorded };
}

const resend = (endpoint: string) => setUp({ MAIL: "resend", MAIL_FROM, RESEND_API_KEY: API_KEY, RESEND_ENDPOINT: endpoint });

describe("resend", () => {
  it("posts the mail with its key, once per Message-ID", async () => {
    const { url, recorded } = await recordingServer(() => 200, '{"id":"1"}');
    const mail = aMail({ about: 'News "daily"', references: ["<a@bunkers.example.org>"] });
    const setup = resend(url);
    expect(await send(setup, mail)).toEqual({ ok: true });
    expect(await send(setup, mail)).toEqual({ ok: true });
    expect(recorded).toHaveLength(2);
    const [first, second] = recorded;
    expect(first).toMatchObject({ method: "POST", url: "/emails" });
    expect(first?.headers).toMatchObject({
      authorization: `Bearer ${API_KEY}`,
      "content-type": "application/json",
      "idempotency-key": "0123456789abcdef@bunkers.example.org",
    });
    expect(second?.headers["idempotency-key"]).toBe(first?.headers["idempotency-key"]);
    expect(second?.body).toEqual(first?.body);
    expect(first?.body).toEqual({
      from: `"Countersign · News \\"daily\\"" <${MAIL_FROM}>`,
      to: ["maria@example.org"],
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      headers: {
        "Message-ID": mail.messageId,
        "Auto-Submitted": "auto-generated",
        "In-Reply-To": "<a@bunkers.example.org>",
        References: "<a@bunkers.example.org>",
      },
    });
  });

  it.each(["/", "/base", "/base/", "/base/emails"])("is asked below an endpoint of %s", async (path) => {
    const { url, recorded } = await recordingServer(() => 200);
    await send(resend(`${url}${path}`));
    expect(recorded[0]?.url).toBe(path === "/" ? "/emails" : "/base/emails");
  });

  it.each([
    [422, { retry: false }],
    [400, { retry: false }],
    [401, { retry: true, everyMail: true }],
    [403, { retry: true, everyMail: true }],
    [429, { retry: true, everyMail: true }],
    [500, { retry: true, everyMail: true }],
    [301, { retry: true, everyMail: true }],
  ])("status %s", async (status, expected) => {
    const { url } = await recordingServer(() => status, JSON.stringify({ message: `bad link ${LINK}` }), {
      location: "https://evil.example/",
    });
    const outcome = await send(resend(url));
    expect(outcome).toMatchObject({ ok: false, ...expected, reason: expect.stringContaining(String(status)) });
    expect(JSON.stringify(outcome)).not.toMatch(/approve|re_test/);
  });

  it("follows no redirect: the key and the links stay here", async () => {
    const elsewhere = await recordingServer(() => 200);
    const { url } = await recordingServer(() => 307, "{}", { location: `${elsewhere.url}/emails` });
    expect(await send(resend(url))).toMatchObject({ ok: false, retry: true });
    expect(elsewhere.recorded).toEqual([]);
  });

  it("that is away is tried again", async () => {
    expect(await send(resend("http://127.0.0.1:1"))).toMatchObject({
      ok: false,
      retry: true,
      everyMail: true,
      reason: "Resend cannot be reached",
    });
  });
});
