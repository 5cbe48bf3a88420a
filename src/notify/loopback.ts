// Which host is this very machine: only there may mail cross the wire without TLS, or be printed.

/** As the URL class spells them. Other addresses of 127.0.0.0/8 and names that merely resolve to one do not count. */
const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"];

export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK_HOSTS.includes(hostname);
}
