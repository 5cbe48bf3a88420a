// How an approval ended, as one sentence of ours for pages and mails.

import type { Approval } from "./approval-table.ts";

const NOTHING = "Nothing was signed.";

/** "Approved by ana@example.org and ben@example.org. Signed, and sent to news-bot." `app` is the name that a member gave. */
export function outcomeSentence({ state, cause, decidedBy, method, signed }: Approval, app: string): string {
  switch (cause) {
    case null:
      return state === "pending" ? "It waits for people." : NOTHING;
    case "votes":
      // Only practice ends so without a signature.
      if (method === "sign_event" && signed === null) return `Approved by ${listed(decidedBy)}. This was practice: nothing was signed.`;
      return `Approved by ${listed(decidedBy)}. ${made(method)}, and sent to ${app}.`;
    case "silence":
      return `Nobody objected in time. ${made(method)}, and sent to ${app}.`;
    case "rejected":
      return `Rejected by ${listed(decidedBy)}. ${NOTHING}`;
    case "time":
      return `Nobody decided in time. ${NOTHING} ${app} may ask again.`;
    case "connection-revoked":
      return `${app} was revoked, so this request ended. ${NOTHING}`;
    case "connection-suspended":
      return `${app} was suspended, so this request ended. ${NOTHING}`;
    case "connection-expired":
      return `The connection of ${app} has expired, so this request ended. ${NOTHING}`;
    case "logged-out":
      return `${app} ended its connection, and this request with it. ${NOTHING}`;
    case "withdrawn-by-machine":
      return `The request was withdrawn over the API. ${NOTHING}`;
    case "asked-again":
      return `${app} asked for the same again with another date; the newer request took its place. ${NOTHING}`;
    case "policy":
      return `The policy of ${app} does not let this through any more. ${NOTHING}`;
    case "not-performed":
      return `It was approved and could not be done. ${NOTHING}`;
  }
}

function made(method: Approval["method"]): string {
  if (method === "sign_event") return "Signed";
  return method.endsWith("_decrypt") ? "Read" : "Encrypted";
}

export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}
