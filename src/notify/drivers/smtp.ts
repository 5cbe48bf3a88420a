// Mail submitted to an SMTP server. It says what went wrong in our words and the server's number: a server's own text may quote the mail.

import type { MailDriver, MailFailure, MailOutcome } from "../driver.ts";
import { mailDelayed, mailRefused, mailServiceFault } from "../driver.ts";
import { renderMime } from "../mime.ts";
import type { Sender } from "../mime.ts";
import { SmtpRefusal, SmtpTimeout } from "../smtp/conversation.ts";
import type { Stage } from "../smtp/conversation.ts";
import { SmtpFailure, SmtpUnfit, submit, TIMEOUTS } from "../smtp/dialogue.ts";
import type { Submission, Timeouts } from "../smtp/dialogue.ts";
import type { OpenSocket } from "../smtp/socket.ts";
import type { SmtpServer } from "../smtp/url.ts";

export interface SmtpSettings {
  readonly server: SmtpServer;
  readonly sender: Sender;
  /** Host of the public URL, which EHLO says. */
  readonly ownHost: string;
  readonly timeouts?: Timeouts;
}

export function smtpDriver(settings: SmtpSettings, open: OpenSocket): MailDriver {
  const { server, sender, timeouts = TIMEOUTS } = settings;
  const ownName = heloName(settings.ownHost);

  async function attempt(submission: Submission, mayUpgrade: boolean): Promise<MailOutcome> {
    try {
      await submit(server, submission, { open, ownName, timeouts, mayUpgrade });
      return { ok: true };
    } catch (error) {
      if (!(error instanceof SmtpFailure)) throw error;
      // Mail catchers on the own machine offer STARTTLS with a certificate that nobody signed; there plain is as good.
      if (error.stage === "tls" && server.tls === "if-offered" && mayUpgrade) return attempt(submission, false);
      return describe(error);
    }
  }

  return {
    async send(mail) {
      let data: string;
      try {
        data = renderMime(mail, sender);
      } catch {
        return mailRefused("the mail holds something that cannot stand in a header");
      }
      return attempt({ from: sender.address, to: mail.to, data }, true);
    },
  };
}

/** RFC 5321 §4.1.3: a name, or an address in brackets. */
function heloName(host: string): string {
  const name = host.replace(/^\[|\]$/g, "");
  if (/^[0-9.]+$/.test(name)) return `[${name}]`;
  if (name.includes(":")) return `[IPv6:${name}]`;
  return /^[a-z0-9.-]+$/.test(name) ? name : "localhost";
}

const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  connect: "the connection",
  hello: "our greeting",
  starttls: "STARTTLS",
  tls: "our greeting under TLS",
  login: "the user name and password of SMTP_URL",
  sender: "the sender, MAIL_FROM",
  recipient: "the recipient",
  content: "a mail",
  message: "this mail",
};

/** RFC 3463, the codes that people meet. */
const ENHANCED_WORDS: Readonly<Record<string, string>> = {
  "1.1": "no such mailbox",
  "1.2": "no such domain",
  "1.10": "the domain takes no mail",
  "2.1": "mailbox disabled",
  "2.2": "mailbox full",
  "3.4": "too big",
  "7.1": "not allowed",
  "7.8": "wrong credentials",
  "7.26": "not authenticated",
};

const MAIL_STAGES: readonly Stage[] = ["sender", "recipient", "content", "message"];
/** RFC 4954 §6: the server wants a login first. Our settings are wrong, not the mail. */
const LOGIN_WANTED = 530;
/** RFC 5321 §3.8: the server is closing down, whatever was asked. */
const CLOSING = 421;

function describe({ stage, cause }: SmtpFailure): MailFailure {
  const concernsMail = MAIL_STAGES.includes(stage);
  if (cause instanceof SmtpRefusal) {
    const reason = `the mail server refused ${STAGE_WORDS[stage]} (${numbers(cause)})`;
    if (!concernsMail || cause.code === CLOSING || cause.code === LOGIN_WANTED) return mailServiceFault(reason);
    return cause.code >= 500 ? mailRefused(reason) : mailDelayed(reason);
  }
  if (cause instanceof SmtpUnfit) return concernsMail ? mailRefused(cause.message) : mailServiceFault(cause.message);
  if (cause instanceof SmtpTimeout) {
    const reason = `the mail server did not answer in time at ${STAGE_WORDS[stage]}`;
    return concernsMail ? mailDelayed(reason) : mailServiceFault(reason);
  }
  if (concernsMail) return mailDelayed(`the connection to the mail server broke at ${STAGE_WORDS[stage]}`);
  if (stage === "tls") return mailServiceFault("TLS with the mail server failed: its certificate must be valid for the host in SMTP_URL");
  return mailServiceFault(
    stage === "connect" ? "the mail server cannot be reached" : `the connection to the mail server broke at ${STAGE_WORDS[stage]}`,
  );
}

function numbers({ code, enhanced }: SmtpRefusal): string {
  const words = enhanced === undefined ? undefined : ENHANCED_WORDS[enhanced.slice(2)];
  return `${code}${enhanced === undefined ? "" : ` ${enhanced}`}${words === undefined ? "" : `: ${words}`}`;
}
