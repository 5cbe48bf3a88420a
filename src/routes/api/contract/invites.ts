// Invites: each is the record behind one bunker:// URL.

import { createRoute, z } from "@hono/zod-openapi";
import {
  asks,
  body,
  cursorQuery,
  duration,
  flag,
  hex64,
  inBunker,
  json,
  moment,
  nameText,
  object,
  oneOf,
  page,
  policyName,
  refusals,
  whole,
} from "./parts.ts";

const tags = ["Invites"];
const MAX_USES = 1_000; // a fleet of bots that share one link; more is a public link, and such a thing is refused
const relayChoice = oneOf(["embedded", "all", "outbound"]);

const createInvite = object({
  name: nameText.openapi({ example: "news-bot", description: "What people will call the app." }),
  policy: policyName.default("ask-everything"),
  expiresIn: duration("1m", "365d").default("24h"),
  uses: whole(1, MAX_USES).default(1),
  confirm: flag.default(false).openapi({ description: "Connecting waits until a member confirms it." }),
  interactive: flag.default(false).openapi({ description: "The app has a person before it who can follow a link." }),
  nip04: flag.default(false).openapi({ description: "Answer NIP-04 envelopes too." }),
  relays: relayChoice.default("embedded").openapi({ description: "Which relays the URL names." }),
}).openapi("CreateInvite");

const invite = z
  .object({
    id: z.string(),
    name: z.string(),
    policy: z.string(),
    uses: z.int(),
    usesLeft: z.int(),
    confirm: z.boolean(),
    interactive: z.boolean(),
    nip04: z.boolean(),
    relays: relayChoice,
    remoteSignerPubkey: hex64,
    createdAt: moment,
    expiresAt: moment,
  })
  .openapi("Invite");

const inviteId = z.string().openapi({ param: { name: "inviteId", in: "path" } });

export const createInviteRoute = createRoute({
  ...asks("invites:create"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/invites",
  summary: "Make a bunker:// URL",
  description: "The URL holds a secret that is shown in this answer and kept nowhere. Whoever uses it first is connected.",
  request: { params: inBunker, body: body(createInvite) },
  responses: { 201: json(z.object({ id: z.string(), bunkerUrl: z.string() }).openapi("NewInvite"), "The URL"), ...refusals },
});

export const listInvitesRoute = createRoute({
  ...asks("invites:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/invites",
  summary: "List open invites",
  request: { params: inBunker, query: cursorQuery },
  responses: { 200: json(page(invite), "A page of invites"), ...refusals },
});

export const withdrawInviteRoute = createRoute({
  ...asks("invites:withdraw"),
  tags,
  method: "delete",
  path: "/bunkers/{bunkerId}/invites/{inviteId}",
  summary: "Withdraw an invite",
  request: { params: inBunker.extend({ inviteId }) },
  responses: { 204: { description: "Withdrawn" }, ...refusals },
});
