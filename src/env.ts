// What a deployment gives us: bindings, secrets and variables, and where they say that we are found.

import type { Account } from "../durable-objects/account.ts";
import type { Bunker } from "../durable-objects/bunker.ts";
import type { Instance } from "../durable-objects/instance.ts";
import type { KeyServiceSettings } from "./sealing/providers/configured.ts";

/** Secrets and variables, each optional: what is missing is said where it is needed. */
export interface Settings extends KeyServiceSettings {
  readonly ROOT_SECRET?: string;
  readonly ROOT_SECRET_NEXT?: string;
  readonly SETUP_TOKEN?: string;
  /** What /healthz asks for where rows of the instance were changed from outside. */
  readonly ACCEPT_ROWS?: string;
  readonly PUBLIC_URL?: string;
  readonly PUBLIC_URL_ALIASES?: string;
  readonly SEALING?: string;
  readonly OPENED_KEY_SECONDS?: string;
  readonly MAIL?: string;
  readonly MAIL_FROM?: string;
  readonly RESEND_API_KEY?: string;
  readonly RESEND_ENDPOINT?: string;
  readonly SMTP_URL?: string;
  readonly ALLOW_INSECURE_RELAYS?: string;
}

export interface Env extends Settings {
  readonly BUNKER: DurableObjectNamespace<Bunker>;
  readonly INSTANCE: DurableObjectNamespace<Instance>;
  readonly ACCOUNT: DurableObjectNamespace<Account>;
  /** Absent where the deployment has no rate limiter. */
  readonly STRANGERS?: RateLimit;
}

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- the runtime's own types ask for the bindings here
  namespace Cloudflare {
    interface Env extends Settings {
      readonly BUNKER: DurableObjectNamespace<Bunker>;
      readonly INSTANCE: DurableObjectNamespace<Instance>;
      readonly ACCOUNT: DurableObjectNamespace<Account>;
      readonly STRANGERS?: RateLimit;
    }
  }
}

/** Only there is plain http the operator's own machine. */
const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Where people and apps find us, without a trailing slash: PUBLIC_URL, else what was pinned, else the address that was asked.
 * The last is for an instance that nobody has used yet; the first principal's address is then pinned.
 */
export function publicUrl(settings: Settings, pinned: string | null, requestUrl: string): string {
  return originOf(settings.PUBLIC_URL) ?? pinned ?? new URL(requestUrl).origin;
}

/** The hosts that are this instance: a login to one of them is never signed by a bunker here. */
export function ownHosts(settings: Settings, ownUrl: string): string[] {
  return [...new Set([...hostsOf([ownUrl, settings.PUBLIC_URL ?? ""]), ...aliasHosts(settings)])];
}

/** The hosts of PUBLIC_URL_ALIASES, which is a list of web addresses between commas or spaces. */
export function aliasHosts(settings: Settings): string[] {
  return hostsOf((settings.PUBLIC_URL_ALIASES ?? "").split(/[\s,]+/));
}

function hostsOf(urls: readonly string[]): string[] {
  return urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).host);
}

export function isLoopback(url: string): boolean {
  return LOOPBACK_HOSTS.includes(new URL(url).hostname);
}

/** The origin of a variable that holds a web address; undefined when it is unset or holds none. */
function originOf(value: string | undefined): string | undefined {
  if (value === undefined || !URL.canParse(value)) return undefined;
  const { protocol, origin } = new URL(value);
  return protocol === "https:" || protocol === "http:" ? origin : undefined;
}

/** For development alone: relays and webhooks over plain connections, and at private addresses. */
export function allowsInsecureRelays({ ALLOW_INSECURE_RELAYS: allowed }: Pick<Settings, "ALLOW_INSECURE_RELAYS">): boolean {
  return allowed === "true";
}
