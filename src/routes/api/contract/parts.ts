// The pieces that every route of the API is described with. Schema, validation and document are one thing, and no handler is in sight.

import { z } from "@hono/zod-openapi";
import { DURATION, durationSeconds } from "../../../policy/duration.ts";
import type { Action } from "../../../people/permissions.ts";

/** An object that refuses unknown fields and says which ones there are. */
export function object<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const fields = Object.keys(shape);
  const expected = fields.length === 0 ? "no fields" : fields.join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? `unknown field, expected: ${expected}` : `expected an object with: ${expected}`,
  });
}

/** Text for people: no control characters, nothing that UTF-8 cannot spell. */
export function text(max: number) {
  const error = `expected text of 1 to ${max} characters`;
  return z
    .string({ error })
    .trim()
    .min(1, { error })
    .max(max, { error })
    .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), { error: "expected text without control characters" });
}

export const nameText = text(100); // a line on a phone, twice

export function oneOf<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, { error: `expected one of: ${values.join(", ")}` });
}

export const flag = z.boolean({ error: "expected true or false" });

export function whole(min: number, max: number) {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A duration such as "24h", between two bounds that are durations themselves. */
export function duration(from: string, to: string) {
  const error = `expected a duration from "${from}" to "${to}": a whole number and s, m, h or d`;
  const fits = (value: string) =>
    DURATION.test(value) && durationSeconds(value) >= durationSeconds(from) && durationSeconds(value) <= durationSeconds(to);
  return z.string({ error }).refine(fits, { error }).openapi({ type: "string", pattern: DURATION.source, example: to });
}

const policyNameError = "expected the name of a policy";
export const policyName = z
  .string({ error: policyNameError })
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { error: policyNameError })
  .openapi({ example: "bot-notes" });

export const moment = z.iso.datetime().openapi({ example: "2026-05-04T08:00:00.000Z" });
export const hex64 = z.string().openapi({ pattern: "^[0-9a-f]{64}$" });

export const bunkerId = z
  .string()
  .openapi({ param: { name: "bunkerId", in: "path" }, description: "A bunker's id: 64 lower-case hex digits.", pattern: "^[0-9a-f]{64}$" });
export const inBunker = z.object({ bunkerId });

/** Names no field: an unknown one is refused, so that a misspelt filter is not taken for none. */
export const cursorQuery = object({
  cursor: z
    .string()
    .max(128, { error: "expected the `next` of the page before" })
    .optional()
    .openapi({ description: "The `next` of the page before." }),
});

export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item).readonly(), next: z.string().nullable() });
}

export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { content: { "application/json": { schema } }, description };
}

export function body<Schema extends z.ZodType>(schema: Schema) {
  return { content: { "application/json": { schema } }, required: true as const };
}

/** For calls that need no body: one that is there must be an empty object. */
export const noBody = { content: { "application/json": { schema: object({}) } }, required: false as const };

export const errorSchema = z
  .object({ error: z.object({ code: z.string().openapi({ example: "not-found" }), message: z.string() }) })
  .openapi("Error", { description: "Every refusal has this shape. The message says what was expected; nothing secret is in it." });

const refused = json(errorSchema, "Refused");
export const refusals = { "4XX": refused, "5XX": refused } as const;

/** Bearer authentication, and the actions of which a caller must be allowed one. */
export function asks<const Actions extends readonly [Action, ...Action[]]>(...actions: Actions) {
  return { security: [{ bearer: [] }], "x-actions": actions };
}
