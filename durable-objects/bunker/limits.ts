// Every bound on what a stranger, a broken client or a forgotten row can cost a bunker, each with its reason.

export {
  MAX_FILTERS_PER_SUBSCRIPTION,
  MAX_MESSAGE_BYTES,
  MAX_REQUEST_AGE_SECONDS,
  MAX_REQUEST_LEAD_SECONDS,
  MAX_SUBSCRIPTIONS_PER_SOCKET,
} from "../../src/relay-limits.ts";

/** A reader names itself, or a handful of apps; more would be a stream of everybody's traffic. */
export const MAX_PUBKEYS_PER_FILTER = 20;
/** serializeAttachment throws beyond 16,384 bytes; the rest of the attachment needs less than 1 kB. */
export const MAX_ATTACHMENT_BYTES = 15_000;
/** Clients that one socket is known to speak for; a relay pool of several apps has a handful. */
export const MAX_CLIENTS_PER_SOCKET = 20;
/** Far below the runtime's 32,768, far above the apps of one identity. Beyond it the oldest stranger goes. */
export const MAX_SOCKETS = 2_048;
/** An office behind one address, or a bot fleet on one host. */
export const MAX_SOCKETS_PER_ADDRESS = 256;
/** Frames of any kind from a socket that no connected client has spoken on: a handshake needs five. */
export const STRANGER_FRAMES = { burst: 200, perSecond: 20 } as const;
/** A connected client is never refused below this; it keeps one client from owning the object. */
export const CLIENT_FRAMES = { burst: 20_000, perSecond: 10_000 } as const;
/** Signatures that did not verify, per socket: about 3 s of processor at once, 5 % of it for good. */
export const FAILED_VERIFICATIONS = { burst: 6_000, perSecond: 100 } as const;
/** Verifications and error replies owed to unknown client keys and to apps that were revoked, for each remote-signer key. */
export const STRANGER_REQUESTS = { burst: 40, perSecond: 5 } as const;
/** Twice the window in which a request is taken, so that no admissible event is ever forgotten. */
export const SEEN_FOR_SECONDS = 600;
/** Requests that wait for the key service; beyond it a client hears "temporarily unavailable" at once. */
export const MAX_INBOX_ROWS = 500;
/** Late results kept for one connection; the oldest goes. An app that far behind asks again anyway. */
export const MAX_LATE_RESULTS_PER_CONNECTION = 100;
/** A night and a morning: whoever asked yesterday evening finds the answer. */
export const LATE_RESULT_SECONDS = 86_400;
/** A result that a socket took is kept this long, in case the process died before the bytes left. */
export const TAKEN_RESULT_SECONDS = 60;
/**
 * A result that may have died with the process waits this long after the next start. An app reconnects within seconds, and after the five
 * minutes in which its event is taken it can only ask anew.
 */
export const DOUBTED_RESULT_SECONDS = 900;
/** Relays refuse ephemeral events older than 60 s; a result is wrapped afresh a little before that. */
export const REWRAP_AFTER_SECONDS = 45;
/** Requests that end in a refusal, per connection and minute; further ones are told to slow down and cost no entry each. */
export const REFUSED_ATTEMPTS_PER_MINUTE = 60;
/** A connection that nobody used for a quarter of a year is forgotten hardware. */
export const IDLE_EXPIRY_SECONDS = 90 * 86_400;
/** Refusals of strangers are written once a minute with their number, not once each. */
export const REFUSAL_ENTRY_EVERY_SECONDS = 60;
/** Invites that can still be redeemed, and all connections that were ever made, per bunker. */
export const MAX_OPEN_INVITES = 1_000;
export const MAX_CONNECTIONS = 10_000;
/** Templates kept for the dry-run: a month shows a weekly rhythm four times. */
export const RECORDED_REQUEST_SECONDS = 30 * 86_400;
/** Longer articles are counted in a dry-run by their effect only. */
export const MAX_RECORDED_REQUEST_BYTES = 16_384;
/** Housekeeping comes at most this often; what it removes is bounded by what came in meanwhile. */
export const HOUSEKEEPING_SECONDS = 900;
/** Invites that are used up, withdrawn or expired stay visible for a while, to answer "what was this link?". */
export const CLOSED_INVITE_SECONDS = 90 * 86_400;
/** A caller that repeats itself does so within the day. */
export const IDEMPOTENCY_SECONDS = 86_400;
/** A team, not a newsletter: each of them gets mail about approvals. */
export const MAX_MEMBERS = 100;
/** How long a change of members waits that was asked for without a passkey: a night's sleep and a working day for every owner. */
export const MEMBER_CHANGE_DELAY_SECONDS = 86_400;
/** Changes of members that wait; each is a mail to every owner, so a stolen mailbox cannot flood the others. */
export const MAX_MEMBER_CHANGES = 10;
/** A change whose asker cannot be looked up just now waits a little longer. */
export const MEMBER_CHANGE_RETRY_SECONDS = 600;
/** Drafts that wait for an owner; a script that writes one a run is told so. */
export const MAX_POLICY_DRAFTS = 50;
/** A draft that no owner wanted for a month is forgotten. */
export const POLICY_DRAFT_SECONDS = 30 * 86_400;
/** Counts of hours, for charts of a month: whatever the reader's time zone, its first day is whole. */
export const ACTIVITY_HOURS_SECONDS = 32 * 86_400;
/** How long an act waits for a second owner: over a weekend. */
export const PENDING_ACT_SECONDS = 3 * 86_400;
/** How long whoever asked may do what was confirmed for them. */
export const CONFIRMED_ACT_SECONDS = 86_400;
/** Acts that wait for a second owner; each is a mail to every owner. */
export const MAX_PENDING_ACTS = 20;
/** Open pages that hear of changes: a team with a few tabs each. Somebody's oldest page makes room for their newest. */
export const MAX_LIVE_PAGES = 512;
export const MAX_LIVE_PAGES_PER_PERSON = 20;
/** How long an app shows which kinds it uses before a trip wire takes a new one for somebody else's. */
export const APP_LEARNING_SECONDS = 86_400;
/** Used-up limits are counted over a day; the same one again within the hour is the same occasion. */
export const USED_UP_WINDOW_SECONDS = 86_400;
export const SAME_LIMIT_SECONDS = 3_600;
/** What people call an app; as long as the API takes. */
export const MAX_NAME_LENGTH = 100;
