// Bunkers: each keeps one Nostr identity.

import { createRoute, z } from "@hono/zod-openapi";
import {
  asks,
  body,
  bunkerId,
  cursorQuery,
  duration,
  flag,
  hex64,
  inBunker,
  json,
  moment,
  nameText,
  noBody,
  object,
  oneOf,
  page,
  refusals,
} from "./parts.ts";
import { MAX_WIRE_DENIALS, MAX_WIRE_USED_UP_LIMITS } from "../../../trip-wire-limits.ts";

const tags = ["Bunkers"];
/** Long enough for a holiday, short enough to be sure some day. */
export const DELETION_GRACE = "7d";
export const NO_GRACE = "0s";

const createBunker = object({
  name: nameText.openapi({ example: "Daily News" }),
  secretKey: z
    .string({ error: "expected an nsec or 64 hex digits" })
    .max(128, { error: "expected an nsec or 64 hex digits" })
    .optional()
    .openapi({ description: "A key brought along, as nsec or hex. A fresh one is made when absent." }),
  exportable: flag.default(false).openapi({ description: "Whether the key may ever leave again." }),
}).openapi("CreateBunker");

const madeBunker = z.object({ id: bunkerId, name: z.string(), userPubkey: hex64, npub: z.string() }).openapi("NewBunker");
const listedBunker = madeBunker.extend({ createdAt: moment }).openapi("ListedBunker");

const relay = z.object({
  url: z.string(),
  kind: z.enum(["embedded", "outbound"]),
  state: z.enum(["serving", "wanted", "dialing", "open", "probing", "backing-off", "idle"]),
  lastEventAt: moment.nullable(),
  lastOkAt: moment.nullable(),
  reconnects: z.int(),
  lastRefusal: z.string().nullable(),
});

const bunker = listedBunker
  .extend({
    exportable: z.boolean(),
    locked: z.boolean(),
    deletion: z.object({ endsAt: moment, askedBy: z.string() }).nullable(),
    fourEyes: z.boolean().openapi({ description: "Whether what loosens protection or lets the key out needs a second owner." }),
    sealing: z
      .object({
        provider: z.string(),
        keyId: z.string(),
        keyVersion: z.string(),
        keyService: z.object({
          state: z.enum(["working", "failing"]),
          lastError: z.object({ at: moment, message: z.string() }).nullable(),
        }),
      })
      .openapi({
        description: "Which provider, with which of its keys, the user's key is sealed; and how it went when it was last asked.",
      }),
    relays: z.array(relay).readonly(),
    wakes: z.int().openapi({ description: "How often the bunker's object began anew with outbound links to hold." }),
    counts: z.object({ connections: z.int(), invites: z.int(), activity: z.int(), pendingApprovals: z.int() }),
    storage: z.object({ bytes: z.int(), seenEvents: z.int(), inbox: z.int(), outbox: z.int(), charges: z.int() }),
  })
  .openapi("Bunker");

const MAX_OUTBOUND_RELAYS = 10; // each costs a socket for as long as an invite names it
const relaysError = `expected a list of at most ${MAX_OUTBOUND_RELAYS} relay URLs`;
const setRelays = object({
  relays: z
    .array(z.string({ error: "expected a relay URL" }).max(512, { error: "expected a relay URL of at most 512 characters" }), {
      error: relaysError,
    })
    .max(MAX_OUTBOUND_RELAYS, { error: relaysError })
    .openapi({ example: ["wss://relay.example.org"] }),
}).openapi("SetRelays");

/** How many it takes, or null for never. */
function countUpTo(max: number) {
  const error = `expected a whole number from 1 to ${max}, or null`;
  return z.int({ error }).min(1, { error }).max(max, { error }).nullable();
}
const settingsShape = {
  votes: oneOf(["link", "signed-in", "passkey"]).openapi({
    description: "The least that a vote counts for: whoever reads the mail votes, somebody signed in, or a passkey.",
  }),
  mailShows: oneOf(["text", "kind"]).openapi({ description: "Whether mails quote a request, or say its kind and app only." }),
  readsOldMessages: flag.openapi({
    description:
      "Whether whoever votes on an old private message (kind 4) that was encrypted here may read it, on the page of the request alone.",
  }),
  suspendAfterDenials: countUpTo(MAX_WIRE_DENIALS).openapi({
    description: "A trip wire: an app that is denied so often within a minute is suspended by itself. Null for never.",
  }),
  suspendOnNewKind: flag.openapi({
    description: "A trip wire: an app that asks to sign a kind it never used is suspended by itself, from a day after it was connected on.",
  }),
  suspendAfterUsedUpLimits: countUpTo(MAX_WIRE_USED_UP_LIMITS).openapi({
    description:
      "A trip wire: an app that runs into used-up limits so often within a day is suspended by itself; the same limit counts once an hour. Null for never.",
  }),
};
const settings = z.object(settingsShape).openapi("BunkerSettings");
const changeSettings = object(settingsShape).partial().openapi("ChangeSettings");
const deleteQuery = object({
  grace: z
    .union([z.literal(NO_GRACE), duration("1s", "30d")], { error: `expected "${NO_GRACE}", or a duration of at most "30d"` })
    .default(DELETION_GRACE)
    .openapi({ description: `How long it can be brought back; ${DELETION_GRACE} when absent. "${NO_GRACE}" destroys the key at once.` }),
});

const tombstone = z
  .object({
    id: bunkerId,
    name: z.string(),
    npub: z.string(),
    createdAt: moment,
    deletedAt: moment,
    deletedBy: z.string(),
    epoch: z.int(),
    seq: z.int(),
    head: hex64,
    headFrom: z.enum(["bunker", "mark", "nobody"]).openapi({
      description:
        "Who said where its activity ended: the bunker; the instance's memory, for one that could not be read any more; or nobody.",
    }),
    destroyed: z.string().openapi({ description: "Who could still bring the key back, and until when." }),
  })
  .openapi("Tombstone");

export const createBunkerRoute = createRoute({
  ...asks("bunkers:create"),
  tags,
  method: "post",
  path: "/bunkers",
  summary: "Make a bunker",
  request: { body: body(createBunker) },
  responses: { 201: json(madeBunker, "The bunker"), ...refusals },
});

export const listBunkersRoute = createRoute({
  ...asks("bunkers:read"),
  tags,
  method: "get",
  path: "/bunkers",
  summary: "List bunkers",
  request: { query: cursorQuery },
  responses: { 200: json(page(listedBunker), "A page of bunkers"), ...refusals },
});

export const readBunkerRoute = createRoute({
  ...asks("bunkers:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}",
  summary: "Read a bunker's state",
  request: { params: inBunker },
  responses: { 200: json(bunker, "The bunker"), ...refusals },
});

export const deleteBunkerRoute = createRoute({
  ...asks("bunkers:delete"),
  tags,
  method: "delete",
  path: "/bunkers/{bunkerId}",
  summary: "Delete a bunker: its apps are stopped at once, its key is destroyed after a grace in which it can be brought back",
  request: { params: inBunker, query: deleteQuery },
  responses: { 204: { description: "Deleted" }, ...refusals },
});

export const undeleteBunkerRoute = createRoute({
  ...asks("bunkers:undelete"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/undelete",
  summary: "Bring a deleted bunker back while its key is not destroyed yet; it is locked",
  request: { params: inBunker, body: noBody },
  responses: { 200: json(bunker, "The bunker"), ...refusals },
});

const backup = object({
  recipient: z
    .string({ error: "expected an age recipient" })
    .max(128, { error: "expected an age recipient" })
    .openapi({ description: "An age recipient, `age1…`, as `age-keygen` prints it." }),
}).openapi("Backup");

export const backupRoute = createRoute({
  ...asks("keys:export"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/backup",
  summary: "Take out everything as one file: key, connections, policies, members and where the activity stands",
  request: { params: inBunker, body: body(backup) },
  responses: { 200: json(z.object({ file: z.string() }).openapi({ description: "An age file, in base64." }), "The backup"), ...refusals },
});

const restoreBunker = object({
  backup: z
    .unknown()
    .refine((value) => typeof value === "object" && value !== null, { error: "expected what a backup file holds, as JSON" })
    .openapi({
      type: "object",
      description: "What the file holds once it is decrypted, as it is: `countersign-backup/v1`. The key is in it.",
    }),
}).openapi("RestoreBunker");

export const restoreBunkerRoute = createRoute({
  ...asks("bunkers:restore"),
  tags,
  method: "post",
  path: "/bunkers/restore",
  summary: "Make a bunker out of a backup: locked, its apps suspended, links, approvals and tokens void, budgets used up for one window",
  description:
    "The file is decrypted by whoever restores, with `npm run restore`, and never here. For people once the instance is claimed. Cut off, it goes on when it is sent again; refused while the identity has a bunker here.",
  request: { body: body(restoreBunker) },
  responses: { 201: json(madeBunker, "The bunker"), ...refusals },
});

export const restoreHereRoute = createRoute({
  ...asks("bunkers:rewind"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/restore",
  summary: "Put a backup in the place of a bunker whose rows or history are not what they should be",
  description: "For people once the instance is claimed. Refused while nothing is wrong with the bunker.",
  request: { params: inBunker, body: body(restoreBunker) },
  responses: { 200: json(bunker, "The bunker, locked"), ...refusals },
});

export const listTombstonesRoute = createRoute({
  ...asks("bunkers:read"),
  tags,
  method: "get",
  path: "/tombstones",
  summary: "List what stays of bunkers whose key was destroyed: who asked for it, and the last entry of their activity",
  request: { query: cursorQuery },
  responses: { 200: json(page(tombstone), "A page of tombstones"), ...refusals },
});

export const lockBunkerRoute = createRoute({
  ...asks("bunkers:lock"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/lock",
  summary: "Lock: no app can sign, results that nobody has fetched become errors",
  request: { params: inBunker, body: noBody },
  responses: { 200: json(bunker, "The locked bunker"), ...refusals },
});

const unlockBunker = object({
  acceptHistory: flag.default(false).openapi({
    description: "Go on although the bunker's history is not the one that the instance remembers. The refusal says what differs.",
  }),
}).openapi("UnlockBunker");

export const unlockBunkerRoute = createRoute({
  ...asks("bunkers:unlock"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/unlock",
  summary: "Unlock",
  request: { params: inBunker, body: { ...body(unlockBunker), required: false as const } },
  responses: { 200: json(bunker, "The unlocked bunker"), ...refusals },
});

export const setRelaysRoute = createRoute({
  ...asks("bunkers:write"),
  tags,
  method: "put",
  path: "/bunkers/{bunkerId}/relays",
  summary: "Set the outbound relays that are offered beside the embedded one",
  request: { params: inBunker, body: body(setRelays) },
  responses: { 200: json(bunker, "The bunker"), ...refusals },
});

export const readSettingsRoute = createRoute({
  ...asks("bunkers:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/settings",
  summary: "Read a bunker's settings",
  request: { params: inBunker },
  responses: { 200: json(settings, "The settings"), ...refusals },
});

export const changeSettingsRoute = createRoute({
  ...asks("settings:write"),
  tags,
  method: "patch",
  path: "/bunkers/{bunkerId}/settings",
  summary: "Change a bunker's settings",
  description: "What loosens is for people once the instance is claimed.",
  request: { params: inBunker, body: body(changeSettings) },
  responses: { 200: json(settings, "The settings"), ...refusals },
});
