// What needs somebody: each a sentence with one action, worst first.

import type { AttentionItem } from "../../../durable-objects/insight-rpc.ts";
import { rowKey } from "../parts/live.ts";
import { Time } from "../parts/time.tsx";
import { hostOf, policyTitle } from "./apps.tsx";

const ORDER: readonly AttentionItem["kind"][] = [
  "key-service-down",
  "relay-trouble",
  "app-tripped",
  "app-waits",
  "mail-failed",
  "quorum",
  "budget-used-up",
  "draft-waits",
  "act-waits",
];

export function worstFirst(items: readonly AttentionItem[]): AttentionItem[] {
  return items.toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
}

/** The same trouble is the same notice, whatever its moment. */
function keyOf(item: AttentionItem): string {
  switch (item.kind) {
    case "key-service-down":
      return item.kind;
    case "relay-trouble":
      return `${item.kind} ${item.url}`;
    case "budget-used-up":
      return `${item.kind} ${item.app.id} ${item.policy} ${item.budget.rule} ${item.budget.max} ${item.budget.per}`;
    case "app-tripped":
    case "app-waits":
      return `${item.kind} ${item.app.id}`;
    case "mail-failed":
      return `${item.kind} ${item.email}`;
    case "draft-waits":
      return `${item.kind} ${item.policy} ${item.drafts}`;
    case "act-waits":
      return `${item.kind} ${item.id}`;
    case "quorum":
      return `${item.kind} ${item.sentence}`;
  }
}

export function AttentionList({ items, bunkerId }: { items: readonly AttentionItem[]; bunkerId: string }) {
  if (items.length === 0) return null;
  return (
    <ul class="attention">
      {worstFirst(items).map((item) => (
        <li {...rowKey(keyOf(item))}>
          <AttentionNotice item={item} bunkerId={bunkerId} />
        </li>
      ))}
    </ul>
  );
}

/** `reason` as the mail server or our outbox gave it; a mail that was given up may have no other. */
export function mailCameBack(email: string, reason: string | null): string {
  const why = reason?.replace(/^given up: /, "").replace(/[.\s]+$/, "") ?? "nobody took it within a day";
  return `Mail to ${email} did not arrive: ${why}.`;
}

/** `bunkerName` where items of several bunkers stand together. */
export function AttentionNotice({ item, bunkerId, bunkerName }: { item: AttentionItem; bunkerId: string; bunkerName?: string }) {
  const action = actionOf(item, `/b/${bunkerId}`);
  return (
    <div class="notice ask">
      <div class="row">
        <p>
          {bunkerName !== undefined && <b>{bunkerName}: </b>}
          <Words item={item} />
        </p>
        <a class="button secondary small" href={action.href}>
          {action.label}
        </a>
      </div>
    </div>
  );
}

function Words({ item }: { item: AttentionItem }) {
  switch (item.kind) {
    case "key-service-down":
      return (
        <>
          The key service does not answer
          {item.message !== null && ` (${item.message})`}. Apps get ‘temporarily unavailable’; nothing is lost.
        </>
      );
    case "relay-trouble":
      return (
        <>
          The relay {hostOf(item.url)} does not answer
          {item.lastOkAt !== null && (
            <>
              ; last contact <Time at={item.lastOkAt} />
            </>
          )}
          . Apps that use only it wait until it is back.
        </>
      );
    case "budget-used-up":
      return (
        <>
          {item.app.name} has used up a limit: {item.budget.max.toLocaleString("en-US")} in any {item.budget.per} (rule ‘{item.budget.rule}
          ’).
          {item.budget.freesAt !== null && (
            <>
              {" "}
              The next place is free <Time at={item.budget.freesAt} />.
            </>
          )}
        </>
      );
    case "app-tripped":
      return (
        <>
          A trip wire suspended {item.app.name} <Time at={item.at} />, as {item.cause}. Its requests are refused.
        </>
      );
    case "mail-failed":
      return <>{mailCameBack(item.email, item.reason)} Who is not reached cannot vote by mail.</>;
    case "app-waits":
      return <>{item.app.name} has used its connect link and waits for a member's yes.</>;
    case "draft-waits":
      return (
        <>
          {item.drafts === 1 ? "A change" : `${item.drafts} changes`} of the policy {policyTitle(item.policy)} would loosen it and{" "}
          {item.drafts === 1 ? "waits" : "wait"} for an owner.
        </>
      );
    case "act-waits":
      return (
        <>
          {item.askedBy} asked for this, and another owner must confirm it: {item.what}
        </>
      );
    case "quorum":
      return <>{item.sentence}</>;
  }
}

function actionOf(item: AttentionItem, base: string): { href: string; label: string } {
  switch (item.kind) {
    case "key-service-down":
      return { href: `${base}/settings/custody`, label: "See custody" };
    case "relay-trouble":
      return { href: `${base}/settings/relays`, label: "See relays" };
    case "budget-used-up":
      return { href: `${base}/apps/${item.app.id}`, label: `See ${item.app.name}` };
    case "app-tripped":
    case "app-waits":
      return { href: `${base}/apps/${item.app.id}`, label: `See ${item.app.name}` };
    case "mail-failed":
      return { href: `${base}/team`, label: "See team" };
    case "draft-waits":
      return { href: `${base}/policies/${item.policy}`, label: "Read the change" };
    case "act-waits":
      return { href: `${base}/settings/four-eyes`, label: "Read and confirm" };
    case "quorum":
      return { href: `${base}/team`, label: "See team" };
  }
}
