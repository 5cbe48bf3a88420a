// Requests that belong together: of one app and one kind, asked for within a minute. They stand as one card that opens to each of them,
// and can be answered at once. What was decided stands by itself.

import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import { manyOfKind, oneOfKind } from "../../policy/kind-names.ts";

const TOGETHER_MS = 60_000;
/** As many as one app may have waiting: more is no reading for anybody. */
export const MAX_TOGETHER = 20;

export type Group = readonly [ApprovalView, ...ApprovalView[]];

/** In the order of the list, each group where its first one stands; within a group the oldest first. */
export function grouped(items: readonly ApprovalView[]): Group[] {
  const groupOf = new Map<string, [ApprovalView, ...ApprovalView[]]>();
  const newest = new Map<string, [ApprovalView, ...ApprovalView[]]>();
  for (const item of items.toSorted((one, other) => one.askedAt.localeCompare(other.askedAt))) {
    const group = newest.get(sortOf(item));
    const belongs =
      group !== undefined &&
      isOpen(item) &&
      group.length < MAX_TOGETHER &&
      Date.parse(item.askedAt) - Date.parse(group[0].askedAt) <= TOGETHER_MS;
    if (belongs) group.push(item);
    const its = belongs ? group : ([item] as [ApprovalView]);
    groupOf.set(item.id, its);
    if (isOpen(item)) newest.set(sortOf(item), its);
  }
  return [...new Set(items.map(({ id }) => groupOf.get(id)))].filter((group) => group !== undefined);
}

/** One app's, and of one kind: nothing else is ever answered at once. */
export function sortOf({ bunker, connection, method, kind }: ApprovalView): string {
  return [bunker.id, connection.id, method, kind ?? ""].join("/");
}

function isOpen({ state, presentation }: ApprovalView): boolean {
  return state === "pending" && presentation !== null;
}

/** "6 notes", "2 requests about the profile", "3 messages to read". */
export function manyWords({ method, kind }: Pick<ApprovalView, "method" | "kind">, count: number): string {
  if (method.endsWith("_decrypt")) return `${count} messages to read`;
  if (method !== "sign_event") return `${count} messages to encrypt`;
  const one = oneOfKind(kind ?? -1);
  if (one.startsWith("the ")) return `${count} requests about ${one}`;
  return one.startsWith("something") ? `${count} unknown events (kind ${kind})` : `${count} ${manyOfKind(kind ?? -1)}`;
}

/** "a note", "a message to read". */
export function oneWord({ method, kind }: Pick<ApprovalView, "method" | "kind">): string {
  if (method.endsWith("_decrypt")) return "a message to read";
  return method === "sign_event" ? oneOfKind(kind ?? -1) : "a message to encrypt";
}
