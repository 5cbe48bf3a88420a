// Names that a team gave to public keys: shown beside keys wherever a request is shown.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, body, hex64, inBunker, json, moment, object, page, refusals } from "./parts.ts";

const tags = ["Names of keys"];

const nickname = z
  .object({
    pubkey: hex64,
    npub: z.string(),
    name: z.string(),
    givenAt: moment,
    givenBy: z.string().openapi({ description: "The address of the member." }),
  })
  .openapi("Nickname");

const inKey = inBunker.extend({ pubkey: hex64.openapi({ param: { name: "pubkey", in: "path" } }) });
const nameError = "expected 1 to 40 characters";

export const listNicknamesRoute = createRoute({
  ...asks("bunkers:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/nicknames",
  summary: "List the names that members gave to public keys",
  request: { params: inBunker },
  responses: { 200: json(page(nickname), "The names, in their order"), ...refusals },
});

export const giveNicknameRoute = createRoute({
  ...asks("nicknames:write"),
  tags,
  method: "put",
  path: "/bunkers/{bunkerId}/nicknames/{pubkey}",
  summary: "Give a public key a name; people do so in the console once somebody owns the instance",
  request: {
    params: inKey,
    body: body(
      object({ name: z.string({ error: nameError }).min(1, { error: nameError }).max(40, { error: nameError }) }).openapi("GiveNickname"),
    ),
  },
  responses: { 200: json(nickname, "The name"), ...refusals },
});

export const dropNicknameRoute = createRoute({
  ...asks("nicknames:write"),
  tags,
  method: "delete",
  path: "/bunkers/{bunkerId}/nicknames/{pubkey}",
  summary: "Take a name away",
  request: { params: inKey },
  responses: { 204: { description: "Taken away" }, ...refusals },
});
