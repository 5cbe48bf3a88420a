// The typed client of the API: its types come from the routes that are served, so that it cannot drift from them.

import { hc, type ClientResponse } from "hono/client";
import type { Api } from "../routes/api/contract/index.ts";
import { SetupError } from "./setup-error.ts";

/** `apiClient(url, token).bunkers.$post({ json: { name: "…" } })`. The URL is the instance's public one. */
export function apiClient(url: string, token: string) {
  return hc<Api>(url, { headers: { Authorization: `Bearer ${token}` } }).api.v1;
}

export type ApiClient = ReturnType<typeof apiClient>;

/** A refusal of the API: its status and the sentence that came with it. */
export class ApiRefusal extends SetupError {
  readonly status: number;

  constructor(status: number, text: string) {
    super(`The instance answered ${status}: ${sentenceIn(text)}`);
    this.status = status;
  }
}

/** Every refusal of the API holds a sentence; what answers something else is quoted as it is. */
export function sentenceIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: unknown } };
    return typeof error?.message === "string" ? error.message : text;
  } catch {
    return text;
  }
}

type Response = ClientResponse<unknown, number>;
type BodyOf<Answer, Status> = Extract<Answer, { status: Status }> extends ClientResponse<infer Body, number> ? Body : never;

/** The body of an answer that has this status; every other answer is thrown as an ApiRefusal. */
export async function bodyOf<Answer extends Response, const Status extends Answer["status"]>(
  answer: Promise<Answer>,
  status: Status,
): Promise<BodyOf<Answer, Status>> {
  const got = await answer;
  const text = await got.text();
  if (got.status !== status) throw new ApiRefusal(got.status, text);
  return (text === "" ? undefined : JSON.parse(text)) as BodyOf<Answer, Status>;
}
