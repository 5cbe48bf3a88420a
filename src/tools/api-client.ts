// The typed client of the API: its types come from the routes that are served, so that it cannot drift from them.

import { hc } from "hono/client";
import type { Api } from "../routes/api/contract/index.ts";

/** `apiClient(url, token).api.v1.bunkers.$post({ json: { name: "…" } })`. The URL is the instance's public one. */
export function apiClient(url: string, token: string, fetchWith: typeof fetch = fetch) {
  return hc<Api>(url, { headers: { Authorization: `Bearer ${token}` }, fetch: fetchWith });
}

export type ApiClient = ReturnType<typeof apiClient>;
