// Whether an example of a policy names a whole request: what the schema cannot say, because it hangs on the method.

import type { ExampleDocument } from "./schema.ts";

/** What is missing for this request to be one: its path below the request, and what was expected. */
export function requestProblem({
  method = "sign_event",
  event,
  counterparty,
  plaintext,
  sealAuthor,
}: ExampleDocument["request"]): { path: string; message: string } | undefined {
  const encrypts = method.endsWith("_encrypt");
  if (method === "sign_event") {
    if (event === undefined) return { path: "event", message: "expected an event, as the method is sign_event" };
    if (counterparty !== undefined) return { path: "counterparty", message: "expected only for encrypting and reading" };
  } else {
    if (counterparty === undefined) return { path: "counterparty", message: `expected a counterparty, as the method is ${method}` };
    if (event !== undefined) return { path: "event", message: "expected only for sign_event" };
  }
  if (plaintext !== undefined && !encrypts) return { path: "plaintext", message: "expected only for encrypting" };
  if (sealAuthor !== undefined && method !== "nip44_decrypt") return { path: "sealAuthor", message: "expected only for nip44_decrypt" };
  return undefined;
}
