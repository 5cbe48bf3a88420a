// How the request of an approval is shown, as things stand now. Critical facts are part of it: asked for again in the transaction of every
// vote, and once more before anything is signed.

import type { Presentation } from "../../../src/presentation/presentation.ts";
import { askedOf, presentRequest } from "../comparison.ts";
import type { BunkerContext } from "../context.ts";
import type { Approval, Payload } from "./approval-table.ts";

export function presentationOf(
  { store }: BunkerContext,
  approval: Approval,
  payload: Payload,
  now: number,
  messageText?: string,
): Presentation {
  const { connectionId, askedAt } = approval;
  const asked = askedOf(payload.question, payload.ciphertext);
  const name = store.connections.byId(connectionId)?.name ?? "an app";
  return presentRequest(store, {
    asked,
    connection: { id: connectionId, name },
    askedAt,
    now,
    ...(messageText !== undefined && { messageText }),
  });
}
