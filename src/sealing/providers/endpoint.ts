// Where a key service is. Credentials and data keys travel there, so plain http is for this very machine alone.

import { KeyServiceError } from "./provider.ts";

const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"];

/** The address in a variable, without a slash at its end. A KeyServiceError names the variable. */
export function endpointOf(variable: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK_HOSTS.includes(url.hostname));
  if (url === undefined || !isSafe || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new KeyServiceError("misconfigured", `${variable}: expected an https:// address (http:// on this machine alone)`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
