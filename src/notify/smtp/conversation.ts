// One connection to a server: commands out, replies in, each within its time. It knows no order of commands; dialogue.ts does.

import type { Reply } from "./reply.ts";
import { ReplyReader } from "./reply.ts";
import type { MailSocket } from "./socket.ts";

/** How far a dialogue came; says whom a failure concerns. */
export type Stage = "connect" | "hello" | "starttls" | "tls" | "login" | "sender" | "recipient" | "content" | "message";

/** The server said no, or something that this stage does not know. */
export class SmtpRefusal extends Error {
  override readonly name = "SmtpRefusal";
  readonly code: number;
  /** RFC 3463, such as "5.1.1", when the server gave one. */
  readonly enhanced: string | undefined;

  constructor(reply: Reply) {
    super(`the server answered ${reply.code}`);
    this.code = reply.code;
    this.enhanced = /^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)/.exec(reply.lines[0] ?? "")?.[1];
  }
}

export class SmtpTimeout extends Error {
  override readonly name = "SmtpTimeout";
}

/** No argument may hold what ends a command: a line end would begin another one. */
const COMMAND = /^[\x20-\x7e]+$/;

export class Conversation {
  #socket: MailSocket;
  #replies: ReplyReader;
  #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(socket: MailSocket) {
    this.#socket = socket;
    this.#replies = new ReplyReader(socket.readable);
    this.#writer = socket.writable.getWriter();
  }

  /** The next reply, which must have this code. */
  async expect(code: number, timeoutMs: number): Promise<Reply> {
    const reply = await within(timeoutMs, this.#replies.read());
    if (reply.code !== code) throw new SmtpRefusal(reply);
    return reply;
  }

  async command(line: string, code: number, timeoutMs: number): Promise<Reply> {
    if (!COMMAND.test(line)) throw new TypeError(`expected an SMTP command in one line of ASCII, got ${line.length} characters`);
    await this.send(`${line}\r\n`, timeoutMs);
    return this.expect(code, timeoutMs);
  }

  async send(text: string, timeoutMs: number): Promise<void> {
    await within(timeoutMs, this.#writer.write(new TextEncoder().encode(text)));
  }

  /** From here on everything goes through TLS, and nothing that was received before counts. */
  startTls(): void {
    this.#replies.release();
    this.#writer.releaseLock();
    this.#socket = this.#socket.startTls();
    this.#replies = new ReplyReader(this.#socket.readable);
    this.#writer = this.#socket.writable.getWriter();
  }

  async close(): Promise<void> {
    await this.#socket.close().catch(() => undefined);
  }
}

async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new SmtpTimeout(`no answer within ${milliseconds} ms`)), milliseconds);
  // When the time is over first, the work fails later, as the connection is closed under it.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
