// The instance as a whole: its state and its kill switch.

import { createRoute, z } from "@hono/zod-openapi";
import { asks, hex64, json, moment, noBody, refusals } from "./parts.ts";

const tags = ["Instance"];

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
    progress: z
      .object({ done: z.int(), total: z.int() })
      .openapi({ description: "How many bunkers know of the present lock state. The HTTP API refuses at once." }),
  })
  .openapi("Instance");

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
