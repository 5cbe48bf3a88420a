// The connection that the SMTP dialogue speaks over. The Workers' sockets and Node's fit it alike.

export interface MailSocket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** The same connection under TLS, the certificate checked against the host's name. The streams of this one are dead afterwards. */
  startTls(): MailSocket;
  close(): Promise<void>;
}

/** `tls`: from the first byte, or perhaps later by STARTTLS. */
export type OpenSocket = (host: string, port: number, tls: "at-once" | "later") => MailSocket;
