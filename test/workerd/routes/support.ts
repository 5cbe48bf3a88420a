// The Worker's app with the real objects behind it, asked as over HTTP.

import { env } from "cloudflare:workers";
import { app } from "../../../src/app.ts";
import type { Env } from "../../../src/env.ts";
import type { Scope } from "../../../src/people/principal.ts";

export const SETUP_TOKEN = env.SETUP_TOKEN ?? "";
export const ORIGIN = "http://localhost:8787";

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

export interface Asked {
  readonly method?: string;
  /** Sent as JSON; a string as it stands. */
  readonly body?: unknown;
  /** The setup token when absent; null for none. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Other settings than the tests'. */
  readonly settings?: Partial<Env>;
}

/** `path` from the root, or below /api/v1 when it does not begin with it. */
export async function ask<Body = Record<string, unknown>>(path: string, asked: Asked = {}): Promise<Answer<Body>> {
  const { body, token = SETUP_TOKEN, headers = {}, settings = {} } = asked;
  const init = {
    method: asked.method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...(token === null ? {} : { Authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  };
  const answer = await app.request(`${ORIGIN}${path}`, init, { ...env, ...settings });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: parsed(text) as Body };
}

export function api<Body = Record<string, unknown>>(path: string, asked: Asked = {}): Promise<Answer<Body>> {
  return ask<Body>(`/api/v1${path}`, asked);
}

export async function newBunker(name = "Daily News"): Promise<string> {
  return (await api<{ id: string }>("/bunkers", { body: { name } })).body.id;
}

export async function newToken(scopes: readonly Scope[], rest: { bunker?: string; policies?: string[] } = {}): Promise<string> {
  const body = { name: "test", scopes, bunker: "all", ...rest };
  return (await api<{ token: string }>("/tokens", { body })).body.token;
}

export function errorOf(answer: Answer<unknown>): { code: string; message: string } {
  return (answer.body as { error: { code: string; message: string } }).error;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
