// Which driver carries this deployment's mail, from its settings; or one sentence on why there is none, which every page may show.

import type { MailDriver } from "./driver.ts";
import { mailRefused, mailServiceFault } from "./driver.ts";
import { cloudflareDriver } from "./drivers/cloudflare.ts";
import type { EmailBinding } from "./drivers/cloudflare.ts";
import { logDriver } from "./drivers/log.ts";
import { RESEND_API, resendDriver } from "./drivers/resend.ts";
import type { Fetch } from "./drivers/resend.ts";
import { smtpDriver } from "./drivers/smtp.ts";
import { parseEmail } from "./email-address.ts";
import { cleanName } from "./header-text.ts";
import { isLoopbackHost } from "./loopback.ts";
import type { Sender } from "./mime.ts";
import type { OpenSocket } from "./smtp/socket.ts";
import { parseSmtpUrl } from "./smtp/url.ts";

export interface MailSettings {
  readonly MAIL?: string;
  readonly MAIL_FROM?: string;
  readonly RESEND_API_KEY?: string;
  readonly RESEND_ENDPOINT?: string;
  readonly SMTP_URL?: string;
  /** The `[[send_email]]` binding. */
  readonly EMAIL?: EmailBinding;
}

/** What drivers reach the world through. */
export interface MailPorts {
  readonly fetch: Fetch;
  readonly openSocket: OpenSocket;
  /** Prints a mail on the operator's terminal; used on localhost only. */
  readonly print: (text: string) => void;
}

export type MailSetup =
  | { readonly ok: true; readonly kind: "log" | "cloudflare" | "resend" | "smtp"; readonly driver: MailDriver }
  /** `unset`: nobody asked for mail. `wrong`: somebody did, and a setting must be put right. */
  | { readonly ok: false; readonly kind: "unset" | "wrong"; readonly reason: string };

const OWN_NAME = "Countersign";

export function mailDriver(settings: MailSettings, publicUrl: string, ports: MailPorts): MailSetup {
  const local = isLoopbackHost(new URL(publicUrl).hostname);
  const mail = settings.MAIL?.trim() ?? "";
  switch (mail === "" && local ? "log" : mail) {
    case "":
      return { ok: false, kind: "unset", reason: "No mail leaves this deployment: MAIL is not set. Set it to cloudflare, resend or smtp." };
    case "log":
      if (!local) return wrong("MAIL is log, which prints links and works on localhost only. Set it to cloudflare, resend or smtp.");
      return { ok: true, kind: "log", driver: logDriver(publicUrl, ports.print) };
    case "cloudflare":
      return withSender(settings, local, (sender) => {
        if (settings.EMAIL === undefined) return wrong("MAIL is cloudflare, but there is no [[send_email]] binding named EMAIL.");
        return { ok: true, kind: "cloudflare", driver: cloudflareDriver(settings.EMAIL, sender) };
      });
    case "resend":
      return withSender(settings, local, (sender) => resend(settings, sender, ports));
    case "smtp":
      return withSender(settings, local, (sender) => smtp(settings, sender, publicUrl, ports));
    default:
      return wrong("MAIL must be log, cloudflare, resend or smtp; it is something else.");
  }
}

/** A driver in any case: without a set-up one, each mail fails with the reason. Wrong settings may be put right while mails wait. */
export function driverOf(setup: MailSetup): MailDriver {
  if (setup.ok) return setup.driver;
  const { kind, reason } = setup;
  return { send: () => Promise.resolve(kind === "unset" ? mailRefused(reason) : mailServiceFault(reason)) };
}

function resend(settings: MailSettings, sender: Sender, ports: MailPorts): MailSetup {
  const apiKey = settings.RESEND_API_KEY?.trim() ?? "";
  if (!/^[\x21-\x7e]+$/.test(apiKey)) return wrong("MAIL is resend, but RESEND_API_KEY is missing or holds spaces.");
  const given = settings.RESEND_ENDPOINT?.trim() ?? "";
  const text = given === "" ? RESEND_API : given;
  const endpoint = URL.canParse(text) ? new URL(text) : undefined;
  const overHttps = endpoint?.protocol === "https:";
  // The API key and every link would cross a network in the clear.
  const onLoopback = endpoint?.protocol === "http:" && isLoopbackHost(endpoint.hostname);
  if (endpoint === undefined || (!overHttps && !onLoopback))
    return wrong("RESEND_ENDPOINT must be an https address; http is for localhost only.");
  return { ok: true, kind: "resend", driver: resendDriver({ apiKey, endpoint, sender }, ports.fetch) };
}

function smtp(settings: MailSettings, sender: Sender, publicUrl: string, ports: MailPorts): MailSetup {
  const given = settings.SMTP_URL?.trim() ?? "";
  if (given === "") return wrong("MAIL is smtp, but SMTP_URL is not set.");
  const parsed = parseSmtpUrl(given);
  if (!parsed.ok) return wrong(`${parsed.reason}.`);
  const ownHost = new URL(publicUrl).hostname;
  return { ok: true, kind: "smtp", driver: smtpDriver({ server: parsed.server, sender, ownHost }, ports.openSocket) };
}

function withSender(settings: MailSettings, local: boolean, build: (sender: Sender) => MailSetup): MailSetup {
  const given = settings.MAIL_FROM?.trim() ?? "";
  // On the own machine mail goes into a catcher, and whom it comes from matters to nobody.
  const sender = given === "" && local ? parseSender("countersign@localhost") : parseSender(given);
  if (sender === undefined) return wrong("MAIL_FROM must be the address that mails come from, such as countersign@example.org.");
  return build(sender);
}

/** `address` or `Name <address>`; the name is what people see in place of "Countersign". */
function parseSender(text: string): Sender | undefined {
  const named = /^(.*)<([^<>]+)>$/s.exec(text);
  const address = parseEmail(named?.[2] ?? text);
  if (address === undefined) return undefined;
  const name = (named?.[1] ?? "").trim().replace(/^"(.*)"$/s, "$1");
  return { address, name: name === "" ? OWN_NAME : cleanName(name) };
}

function wrong(reason: string): MailSetup {
  return { ok: false, kind: "wrong", reason };
}
