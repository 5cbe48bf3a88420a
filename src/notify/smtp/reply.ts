// Reads replies of an SMTP server (RFC 5321 §4.2), within limits: a server may be anybody.

/** RFC 5321 §4.5.3.1.5 gives a reply line 512 octets; some servers write more. */
const MAX_LINE_BYTES = 4_096;
/** EHLO of a large server has about 20 lines. */
const MAX_LINES = 100;
/** Of a whole dialogue: about twenty replies. */
const MAX_DIALOGUE_BYTES = 65_536;
const LF = 0x0a;

export interface Reply {
  /** Three digits. */
  readonly code: number;
  /** The texts behind the code, one per line. */
  readonly lines: readonly string[];
}

/** The server broke the protocol or a limit. The message is ours and holds nothing of what it sent. */
export class SmtpProtocolError extends Error {
  override readonly name = "SmtpProtocolError";
}

export class ReplyReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #pending = new Uint8Array(0);
  #received = 0;

  constructor(readable: ReadableStream<Uint8Array>) {
    this.#reader = readable.getReader();
  }

  /** One whole reply, however many lines it has. */
  async read(): Promise<Reply> {
    const lines: string[] = [];
    let code: string | undefined;
    for (;;) {
      const match = /^([2-5][0-9]{2})(?:([ -])(.*))?$/.exec(await this.#line());
      if (match === null) throw new SmtpProtocolError("expected a line of an SMTP reply, got something else");
      code ??= match[1];
      if (match[1] !== code) throw new SmtpProtocolError("expected one code in all lines of a reply, got two");
      lines.push(match[3] ?? "");
      if (match[2] !== "-") return { code: Number(code), lines };
      if (lines.length === MAX_LINES) throw new SmtpProtocolError(`expected at most ${MAX_LINES} lines in a reply, got more`);
    }
  }

  /**
   * Gives the stream back, and with it whatever was received and not asked for. Before TLS begins that is the point: bytes that somebody
   * put behind the answer to STARTTLS must not be read as if they had come through TLS (RFC 3207 §6, CVE-2011-0411).
   */
  release(): void {
    this.#pending = new Uint8Array(0);
    this.#reader.releaseLock();
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#pending.indexOf(LF);
      const length = end === -1 ? this.#pending.length : end;
      if (length > MAX_LINE_BYTES) throw new SmtpProtocolError(`expected a line of ${MAX_LINE_BYTES} bytes at most, got more`);
      if (end !== -1) {
        const line = new TextDecoder().decode(this.#pending.subarray(0, end)).replace(/\r$/, "");
        this.#pending = this.#pending.slice(end + 1);
        return line;
      }
      await this.#receive();
    }
  }

  async #receive(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) throw new SmtpProtocolError("expected a reply, got the end of the connection");
    this.#received += value.length;
    if (this.#received > MAX_DIALOGUE_BYTES) throw new SmtpProtocolError(`expected ${MAX_DIALOGUE_BYTES} bytes at most, got more`);
    const joined = new Uint8Array(this.#pending.length + value.length);
    joined.set(this.#pending);
    joined.set(value, this.#pending.length);
    this.#pending = joined;
  }
}
