// A real SMTP server on a port of its own, which keeps what it was told: mails as a mail program reads them, and every login it saw.

import type { AddressInfo } from "node:net";
import PostalMime from "postal-mime";
import type { Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import type { SMTPServerOptions, SMTPServerSession } from "smtp-server";

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly parsed: Email;
  /** Whether it came through TLS. */
  readonly secure: boolean;
  readonly user: string | undefined;
}

export interface MailServer {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  readonly logins: readonly { readonly user: string; readonly password: string; readonly secure: boolean }[];
  /** How many connections were opened to it. */
  connections(): number;
  close(): Promise<void>;
}

export interface MailServerOptions extends SMTPServerOptions {
  readonly port?: number;
  /** Runs before a whole mail is accepted: its error is the server's answer, its delay the server's delay. */
  readonly beforeAccept?: (mail: ReceivedMail) => void | Promise<void>;
}

export const USER = "mailer@example.org";
export const PASSWORD = "correct horse:battery/staple?%ü";

export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { port: wantedPort = 0, beforeAccept, ...rest } = options;
  const mails: ReceivedMail[] = [];
  const logins: { user: string; password: string; secure: boolean }[] = [];
  let connections = 0;

  async function receive(raw: Buffer, session: SMTPServerSession, done: (error?: Error) => void): Promise<void> {
    const { mailFrom, rcptTo } = session.envelope;
    const mail: ReceivedMail = {
      from: mailFrom === false ? "" : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
      raw: raw.toString("latin1"),
      parsed: await PostalMime.parse(raw),
      secure: session.secure,
      user: session.user,
    };
    try {
      await beforeAccept?.(mail);
    } catch (error) {
      return done(error as Error);
    }
    mails.push(mail);
    done();
  }

  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 1,
    onConnect(_session, done) {
      connections += 1;
      done();
    },
    onAuth({ username, password }, session, done) {
      logins.push({ user: username ?? "", password: password ?? "", secure: session.secure });
      if (username === USER && password === PASSWORD) done(null, { user: username });
      else done(new Error("no such user or password"));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => void receive(Buffer.concat(chunks), session, done));
    },
    ...rest,
  });
  // A client that hangs up, or does not like our certificate, is part of the tests.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(wantedPort, "0.0.0.0", () => resolve()));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    logins,
    connections: () => connections,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** An answer of the server with a number of its own. */
export function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
