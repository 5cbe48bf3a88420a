// SMTP_URL: where mail is submitted, and how much of the way must be under TLS.

import { isLoopbackHost } from "../loopback.ts";

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `at-once`: smtps. `required`: STARTTLS or nothing. `if-offered`: plain is allowed, on the loopback only. */
  readonly tls: "at-once" | "required" | "if-offered";
  readonly login?: { readonly user: string; readonly password: string };
}

/** RFC 6409 §3.1 and RFC 8314 §3.3. */
const DEFAULT_PORTS = { "smtp:": 587, "smtps:": 465 } as const;
const RELAY_PORT = 25;
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/;

export type ParsedSmtpUrl = { readonly ok: true; readonly server: SmtpServer } | { readonly ok: false; readonly reason: string };

/** The server, or what is wrong with the setting. Never quotes it: it holds a password. */
export function parseSmtpUrl(text: string): ParsedSmtpUrl {
  const trimmed = text.trim();
  const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  if (url === undefined || (url.protocol !== "smtp:" && url.protocol !== "smtps:")) {
    return wrong(
      "SMTP_URL must look like smtp://user:password@host:587 or smtps://user:password@host:465; encode special characters of the password as %XX",
    );
  }
  const host = hostOf(url.hostname);
  if (host === undefined) return wrong("SMTP_URL names no host that can be asked");
  if ((url.pathname !== "" && url.pathname !== "/") || url.search !== "" || url.hash !== "") {
    return wrong('SMTP_URL must end after the host and port; a "/", "?" or "#" in the password is written %2F, %3F or %23');
  }
  const loopback = isLoopbackHost(host);
  const port = url.port === "" ? DEFAULT_PORTS[url.protocol] : Number(url.port);
  if (port === 0) return wrong("SMTP_URL names port 0");
  if (port === RELAY_PORT && !loopback)
    return wrong("SMTP_URL names port 25, which Workers cannot reach: use 587 with smtp:// or 465 with smtps://");
  const login = loginOf(url);
  if (login === "malformed") return wrong("SMTP_URL must hold both a user and a password or neither, with special characters as %XX");
  const tls = url.protocol === "smtps:" ? "at-once" : loopback ? "if-offered" : "required";
  return { ok: true, server: { host, port, tls, ...(login === undefined ? {} : { login }) } };
}

/** The URL class leaves the host of an unknown scheme as it was typed; that of http it spells in the one right way. */
function hostOf(hostname: string): string | undefined {
  const spelled = `http://${hostname}/`;
  if (hostname === "" || !URL.canParse(spelled)) return undefined;
  const host = new URL(spelled).hostname;
  return HOST.test(host) ? host : undefined;
}

function loginOf(url: URL): SmtpServer["login"] | "malformed" {
  if (url.username === "" && url.password === "") return undefined;
  const [user, password] = [decoded(url.username), decoded(url.password)];
  // RFC 4616 §2: NUL parts the fields of a PLAIN login. Other controls are in no password that can be typed.
  if ([user, password].some((field) => field === "" || /\p{Cc}/u.test(field))) return "malformed";
  return { user, password };
}

function decoded(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    return "";
  }
}

function wrong(reason: string): ParsedSmtpUrl {
  return { ok: false, reason };
}
