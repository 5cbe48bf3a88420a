// Which relays belong to what: the set that an invite names now, and where a connection's client looks for its answers.

import { normalizeRelayUrl, sameRelay } from "../../src/protocol/relay-url.ts";
import type { RelayChoice } from "../bunker-rpc.ts";
import { embeddedRelayUrl, type BunkerContext } from "./context.ts";
import type { Connection } from "./connections.ts";

/** Where an app under that choice finds us, the embedded relay first. */
export function relaySet(context: BunkerContext, choice: RelayChoice): string[] {
  const embedded = embeddedRelayUrl(context.publicUrl(), context.bunkerId);
  const outbound = context.store.bunker.read().outboundRelays;
  switch (choice) {
    case "embedded":
      return [embedded];
    case "all":
      return [embedded, ...outbound];
    case "outbound":
      return [...outbound];
  }
}

/** The outbound relays of a connection: those of its choice, and those where its client was told to look before. */
export function outboundRelaysOf(context: BunkerContext, connection: Connection): string[] {
  const chosen = connection.relays === "embedded" ? [] : context.store.bunker.read().outboundRelays;
  const all = [...chosen, ...connection.clientRelays].filter((relay) => !isOwnRelay(context, relay));
  return all.filter((relay, index) => all.findIndex((other) => sameRelay(other, relay)) === index);
}

/** Our own embedded relay is served in place and never dialled, however its URL is spelled and by whichever of our hosts. */
export function isOwnRelay(context: Pick<BunkerContext, "bunkerId" | "ownHosts">, relay: string): boolean {
  const normalized = normalizeRelayUrl(relay);
  if (normalized === undefined) return false;
  const { host, pathname } = new URL(normalized);
  return pathname === `/relay/${context.bunkerId}` && context.ownHosts().includes(host);
}

/** Those of `before` that are not in `now`. */
export function outdated(before: readonly string[], now: readonly string[]): string[] {
  return before.filter((relay) => !now.some((other) => sameRelay(other, relay)));
}
