// The instance as a whole: its state and its kill switch.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, body, hex64, json, moment, noBody, object, oneOf, refusals } from "./parts.ts";

const tags = ["Instance"];

const DATA_KEYS = ["new", "keep"] as const;

const instance = z
  .object({
    claimed: z.boolean(),
    locked: z.boolean(),
    lockedAt: moment.nullable(),
    publicUrl: z.string().nullable(),
    pubkey: hex64.nullable().openapi({ description: "The key that signs checkpoints of activity logs." }),
    bunkers: z.int(),
    sealing: z
      .object({ provider: z.string(), problem: z.string().nullable() })
      .openapi({ description: "What new bunkers are sealed with, and which setting must be put right before they can be." }),
    keyServices: z
      .array(
        z.object({
          provider: z.string(),
          state: z.enum(["working", "failing"]),
          failingSince: moment.nullable(),
          lastError: z.object({ at: moment, message: z.string() }),
        }),
      )
      .readonly()
      .openapi({ description: "Key services that have ever failed, and how they fare now." }),
    rotation: z
      .object({
        root: z
          .object({ from: z.string(), to: z.string(), state: z.enum(["running", "done"]) })
          .nullable()
          .openapi({ description: "Ids of the root secrets while ROOT_SECRET_NEXT is set. Done: it may take the place of ROOT_SECRET." }),
        dataKeys: z
          .object({ order: z.enum(DATA_KEYS), askedAt: moment, askedBy: z.string() })
          .nullable()
          .openapi({ description: "The latest order to seal every key anew." }),
        state: z.enum(["running", "done"]),
        done: z.int(),
        total: z.int(),
        stragglers: z
          .array(
            z.object({ kind: z.enum(["bunker", "account"]), id: z.string(), problem: z.string().nullable(), triedAt: moment.nullable() }),
          )
          .readonly()
          .openapi({ description: "What is left, those first that failed; 100 at most." }),
      })
      .nullable()
      .openapi({ description: "What is being sealed anew, or was last." }),
    progress: z
      .object({ done: z.int(), total: z.int() })
      .openapi({ description: "How many bunkers know of the present lock state. The HTTP API refuses at once." }),
  })
  .openapi("Instance");

const rotate = object({
  dataKeys: oneOf(DATA_KEYS).default("new").openapi({
    description: "`new`: every record gets a fresh data key. `keep`: the data keys stay and are wrapped by the key service's present key.",
  }),
}).openapi("Rotate");

export const readInstanceRoute = createRoute({
  ...asks("instance:read"),
  tags,
  method: "get",
  path: "/instance",
  summary: "Read the instance's state",
  responses: { 200: json(instance, "The instance"), ...refusals },
});

export const lockInstanceRoute = createRoute({
  ...asks("instance:lock"),
  tags,
  method: "post",
  path: "/instance/lock",
  summary: "Lock everything",
  request: { body: noBody },
  responses: { 200: json(instance, "The locked instance"), ...refusals },
});

export const unlockInstanceRoute = createRoute({
  ...asks("instance:unlock"),
  tags,
  method: "post",
  path: "/instance/unlock",
  summary: "Unlock; bunkers that were locked by themselves stay so",
  request: { body: noBody },
  responses: { 200: json(instance, "The unlocked instance"), ...refusals },
});

export const rotateInstanceRoute = createRoute({
  ...asks("instance:rotate"),
  tags,
  method: "post",
  path: "/instance/rotate",
  summary: "Seal every bunker's key anew, by the provider that SEALING names now",
  description:
    "Goes on in the background while everything signs; `rotation` says how far it is. A rotation of the root secret needs no call: it begins when ROOT_SECRET_NEXT is set.",
  request: { body: body(rotate) },
  responses: { 202: json(instance, "The instance, with what is left to do"), ...refusals },
});
