// Signing over HTTP: the same gate as for a request over Nostr.

import { createRoute, z } from "@hono/zod-openapi";
import { approval } from "./approvals.ts";
import { asks, body, hex64, inBunker, json, object, refusals } from "./parts.ts";

const MAX_KEY_CHARACTERS = 255;
const keyError = `expected 1 to ${MAX_KEY_CHARACTERS} visible characters`;

// What an event must be is said by the one parser that requests over Nostr meet too, so nothing is checked twice here.
const sign = object({
  event: z.unknown().openapi({
    type: "object",
    required: ["kind", "created_at", "tags", "content"],
    properties: {
      kind: { type: "integer" },
      created_at: { type: "integer" },
      tags: { type: "array", items: { type: "array", items: { type: "string" } } },
      content: { type: "string" },
    },
  }),
  connection: z.string({ error: "expected a connection's id" }).max(128, { error: "expected a connection's id" }).optional().openapi({
    description: "The connection to sign through. A token with the scope `sign` has one of its own and names none.",
  }),
}).openapi("Sign");

const signedEvent = z
  .object({
    id: hex64,
    pubkey: hex64,
    created_at: z.int(),
    kind: z.int(),
    tags: z.array(z.array(z.string())),
    content: z.string(),
    sig: z.string(),
  })
  .openapi("SignedEvent");

export const signRoute = createRoute({
  ...asks("sign"),
  tags: ["Sign"],
  method: "post",
  path: "/bunkers/{bunkerId}/sign",
  summary: "Sign an event",
  request: {
    params: inBunker,
    headers: z.object({
      "idempotency-key": z
        .string()
        .regex(/^[!-~]{1,255}$/, { error: keyError })
        .optional()
        .openapi({
          description: "The same key and body within 24 hours: the same answer, signed once; or, where people were asked, what came of it.",
        }),
    }),
    body: body(sign),
  },
  responses: {
    200: json(signedEvent, "The signed event"),
    202: json(approval, "People were asked. The same call again, or the approval, tells what came of it"),
    ...refusals,
  },
});
