// The order of an SMTP submission (RFC 5321, RFC 6409): greeting, EHLO, STARTTLS where it must be, login, one mail, goodbye.
// Before TLS nothing of ours but our name goes over the wire: no credential, no address, no mail.

import { Conversation } from "./conversation.ts";
import type { Stage } from "./conversation.ts";
import type { Reply } from "./reply.ts";
import type { OpenSocket } from "./socket.ts";
import type { SmtpServer } from "./url.ts";

export interface Submission {
  readonly from: string;
  readonly to: string;
  /** RFC 5322, ASCII, CRLF line ends. */
  readonly data: string;
}

export interface Timeouts {
  /** Until the greeting is there. */
  readonly connectMs: number;
  readonly replyMs: number;
  /** Until the whole mail is accepted: servers scan it first. */
  readonly messageMs: number;
}

/** RFC 5321 §4.5.3.2 is more patient (minutes); an alarm handler is not, and there is a next time. */
export const TIMEOUTS: Timeouts = { connectMs: 15_000, replyMs: 20_000, messageMs: 60_000 };
const GOODBYE_MS = 2_000;
/** RFC 5321 §4.5.3.1.6, without the CRLF. */
const MAX_LINE_CHARS = 998;
/** An address that can be put between "<" and ">" and ends nothing. */
const PATH = /^[\x21-\x3b\x3d\x3f-\x7e]+@[a-z0-9.-]+$/;

/** A failure and where in the dialogue it happened. `cause` is a refusal, a timeout, a broken protocol or the socket's own error. */
export class SmtpFailure extends Error {
  override readonly name = "SmtpFailure";
  readonly stage: Stage;

  constructor(stage: Stage, cause: unknown) {
    super(`SMTP failed at ${stage}`, { cause });
    this.stage = stage;
  }
}

/** The server cannot do what we insist on. The message is a sentence for the operator. */
export class SmtpUnfit extends Error {
  override readonly name = "SmtpUnfit";
}

export interface DialogueOptions {
  readonly open: OpenSocket;
  /** What EHLO calls us: a host name or an address in brackets. */
  readonly ownName: string;
  readonly timeouts: Timeouts;
  /** False on the second try with a loopback server whose STARTTLS does not work. */
  readonly mayUpgrade: boolean;
}

/** Resolves when the server has taken the mail; otherwise throws SmtpFailure. */
export async function submit(server: SmtpServer, submission: Submission, options: DialogueOptions): Promise<void> {
  const { timeouts } = options;
  if (!isSubmittable(submission)) throw new SmtpFailure("message", new SmtpUnfit("the mail holds something that cannot be sent over SMTP"));
  let stage: Stage = "connect";
  let conversation: Conversation | undefined;
  try {
    conversation = new Conversation(options.open(server.host, server.port, server.tls === "at-once" ? "at-once" : "later"));
    await conversation.expect(220, timeouts.connectMs);
    stage = "hello";
    let offers = await hello(conversation, options);
    if (server.tls !== "at-once" && (server.tls === "required" || (options.mayUpgrade && offers.has("STARTTLS")))) {
      stage = "starttls";
      // A server, or somebody between us and it, that does not offer STARTTLS gets nothing: RFC 3207 §6, the stripping attack.
      if (!offers.has("STARTTLS")) throw new SmtpUnfit("the mail server offers no STARTTLS, so nothing was sent to it");
      await conversation.command("STARTTLS", 220, timeouts.replyMs);
      stage = "tls";
      conversation.startTls();
      // RFC 3207 §4.2: what the server said before TLS is forgotten.
      offers = await hello(conversation, options);
    }
    if (server.login !== undefined) {
      stage = "login";
      await logIn(conversation, server.login, offers, timeouts);
    }
    const size = offers.get("SIZE");
    stage = "sender";
    await conversation.command(`MAIL FROM:<${submission.from}>${sizeArgument(size, submission)}`, 250, timeouts.replyMs);
    stage = "recipient";
    await conversation.command(`RCPT TO:<${submission.to}>`, 250, timeouts.replyMs);
    stage = "content";
    await conversation.command("DATA", 354, timeouts.replyMs);
    stage = "message";
    await conversation.send(stuffed(submission.data), timeouts.messageMs);
    await conversation.expect(250, timeouts.messageMs);
  } catch (error) {
    await conversation?.close();
    throw new SmtpFailure(stage, error);
  }
  // The mail is taken; a goodbye that fails changes nothing.
  await conversation.command("QUIT", 221, GOODBYE_MS).catch(() => undefined);
  await conversation.close();
}

/** Keywords that the server offers (RFC 5321 §4.1.1.1), upper case, with their arguments. */
async function hello(conversation: Conversation, options: DialogueOptions): Promise<Map<string, string>> {
  const reply = await conversation.command(`EHLO ${options.ownName}`, 250, options.timeouts.replyMs);
  return new Map(
    reply.lines.slice(1).map((line) => {
      // "AUTH=PLAIN" is an old spelling that some servers still send beside the right one.
      const [keyword = "", ...words] = line.trim().toUpperCase().split(/[ =]+/);
      return [keyword, words.join(" ")];
    }),
  );
}

async function logIn(
  conversation: Conversation,
  login: NonNullable<SmtpServer["login"]>,
  offers: ReadonlyMap<string, string>,
  { replyMs }: Timeouts,
): Promise<Reply> {
  const ways = (offers.get("AUTH") ?? "").split(" ");
  // RFC 4616: authorization identity (none), NUL, user, NUL, password.
  if (ways.includes("PLAIN")) return conversation.command(`AUTH PLAIN ${base64(`\0${login.user}\0${login.password}`)}`, 235, replyMs);
  if (!ways.includes("LOGIN")) throw new SmtpUnfit("the mail server offers neither of the ways to sign in that we know (PLAIN, LOGIN)");
  await conversation.command("AUTH LOGIN", 334, replyMs);
  await conversation.command(base64(login.user), 334, replyMs);
  return conversation.command(base64(login.password), 235, replyMs);
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** RFC 1870: what we say about the size lets a server refuse before it has everything. 0 or nothing means no limit. */
function sizeArgument(limit: string | undefined, { data }: Submission): string {
  if (limit === undefined) return "";
  const maximum = Number(limit === "" ? 0 : limit);
  if (maximum > 0 && data.length > maximum)
    throw new SmtpUnfit(`the mail server takes ${maximum} bytes at most, the mail has ${data.length}`);
  return ` SIZE=${data.length}`;
}

/** RFC 5321 §4.5.2: a line that is only a dot ends the mail, so a line that begins with one gets another. */
function stuffed(data: string): string {
  return `${data.replace(/(^|\r\n)\./g, "$1..")}.\r\n`;
}

// What gets here is 7-bit and clean by construction; a mistake must stop here and not become a second command or a second mail: a lone
// CR or LF ends a line for some servers and not for others (SMTP smuggling, CVE-2023-51764).
function isSubmittable({ from, to, data }: Submission): boolean {
  const lines = data.split("\r\n");
  // oxlint-disable-next-line eslint/no-control-regex -- tab, and printable ASCII
  const clean = lines.every((line) => line.length <= MAX_LINE_CHARS && /^[\x09\x20-\x7e]*$/.test(line));
  return clean && lines.at(-1) === "" && PATH.test(from) && PATH.test(to);
}
