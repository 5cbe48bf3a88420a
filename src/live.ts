// What a bunker and its open pages say to each other. No word of it tells anything but that something has changed.

/** What has changed. "state": whether it is locked. */
export type LiveTopic = "activity" | "approvals" | "apps" | "state";

export interface LiveHint {
  readonly changed: readonly LiveTopic[];
}

export const LIVE_TOPICS: readonly LiveTopic[] = ["activity", "approvals", "apps", "state"];

/** The page has read everything again. */
export const LIVE_READY = "ready";
/** Unlike any frame of a Nostr client: the runtime answers it on every socket of the object. */
export const LIVE_PING = "countersign:ping";
export const LIVE_PONG = "countersign:pong";

/** The parameter with which a page names the blocks that it reads again. */
export const LIVE_BLOCKS = "blocks";

/** Codes with which the bunker closes (RFC 6455 section 7.4.2: 4000 to 4999 are the application's). */
export const LIVE_CLOSE = { unexpected: 4400, nobody: 4403, replaced: 4409, gone: 4410, failed: 4500 } as const;

/** Where the Worker brings a page to its bunker. Nobody comes there from outside: that leads to the embedded relay alone. */
export const LIVE_PATH = "/live";
export const LIVE_TICKET = "X-Live-Ticket";
/** Milliseconds since the page was asked for, in the upgrade's address and on the way to the bunker. */
export const LIVE_AGE = "age";
export const LIVE_AGE_HEADER = "X-Live-Age";
