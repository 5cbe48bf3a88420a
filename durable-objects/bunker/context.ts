// What the parts of one bunker share: its tables, its relay, its clock, and where it is found.

import type { MailSetup } from "../../src/notify/mail-driver.ts";
import type { NostrEvent } from "../../src/protocol/event.ts";
import type { EmbeddedRelay } from "./embedded-relay.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import type { HistoryKeeper } from "./history-keeper.ts";
import type { Judging } from "./judging.ts";
import type { OutboundRelays } from "./outbound-relays.ts";
import type { People } from "./people.ts";
import type { RequestPath } from "./request-path.ts";
import type { Roster } from "./roster.ts";
import type { BunkerStore } from "./store.ts";

export interface BunkerContext {
  readonly bunkerId: string;
  readonly store: BunkerStore;
  readonly relay: EmbeddedRelay;
  readonly path: RequestPath;
  readonly alarm: AlarmClock;
  readonly outbound: OutboundRelays;
  readonly judging: Judging;
  readonly people: People;
  readonly history: HistoryKeeper;
  readonly roster: Roster;
  readonly allowInsecureRelays: boolean;
  publicUrl(): string;
  /** How mail leaves, or one sentence on why none does. */
  mailSetup(): MailSetup;
  /** Hosts that are this instance: logins to them are never signed. */
  ownHosts(): readonly string[];
  /** Sends an event that is stored, or is not worth storing, to whoever reads for its client, and to these relays. */
  send(event: NostrEvent, relays: readonly string[]): void;
}

/** wss://host/relay/<id>, with the scheme that follows the public URL. */
export function embeddedRelayUrl(publicUrl: string, bunkerId: string): string {
  return `${publicUrl.replace(/^http/, "ws").replace(/\/+$/, "")}/relay/${bunkerId}`;
}
