// Approvals as a list: what is asked, by whom, why, how the votes stand and how long there is. One card each, the whole behind Open.

import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import { excerpt } from "../../presentation/quote.ts";
import { Segments } from "../parts/event/words.tsx";
import { rowKey } from "../parts/live.ts";
import { Pill } from "../parts/pill.tsx";
import { statusOf } from "./over-page.tsx";
import { agoWords, anyOf, leftWords, needOf, shortNames, whoMayStillVote, type Reading } from "./words.ts";

const EXCERPT_CHARACTERS = 140;

export function ApprovalCards({ items, reading, withBunker }: { items: readonly ApprovalView[]; reading: Reading; withBunker: boolean }) {
  return (
    <ul class="approvals">
      {items.map((approval) => (
        <li class="card" {...rowKey(approval.id)}>
          <Card approval={approval} reading={reading} withBunker={withBunker} />
        </li>
      ))}
    </ul>
  );
}

function Card({ approval, reading, withBunker }: { approval: ApprovalView; reading: Reading; withBunker: boolean }) {
  const { id, presentation, connection, bunker, state, askedAt, expiresAt, why, outcome, you } = approval;
  const { need, votes } = needOf(approval);
  const isOpen = state === "pending";
  const isMine = isOpen && you !== null && you.vote === null && you.cannot !== "role" && you.cannot !== "requester";
  return (
    <>
      <div class="card-head">
        <h2>
          <a class="cover" href={`/a/${id}`}>
            {presentation?.headline ?? `A request of ${connection.name}`}
          </a>
        </h2>
        {isOpen ? <span class="left">{leftWords(expiresAt, reading.now)}</span> : <Pill status={statusOf(state)} />}
      </div>
      <p class="asks">
        <b>{connection.name}</b>
        {withBunker && ` asks ${bunker.name}`}, {agoWords(askedAt, reading.now)}
      </p>
      <Excerpt approval={approval} />
      {presentation !== null && presentation.critical.length > 0 && isOpen && (
        <p class="critical">{presentation.critical.map(({ sentence }) => sentence.replace(/^I understand that /, "")).join(" ")}</p>
      )}
      {isOpen ? <p class="why">{why}</p> : outcome !== null && <p class="why">{outcome.sentence}</p>}
      {isOpen && (
        <p class="actions">
          <a
            class={isMine ? "button" : "button secondary"}
            href={`/a/${id}`}
            aria-label={`Open: ${presentation?.headline ?? connection.name}`}
          >
            Open
          </a>
          <span class="meta">
            {votes} of {need} votes{waitsFor(approval)}
          </span>
        </p>
      )}
    </>
  );
}

/** The beginning of a text, as somebody else's; nothing for what has none. */
function Excerpt({ approval: { presentation } }: { approval: ApprovalView }) {
  const quoted = presentation?.parts.find((part) => part.part === "quote");
  if (quoted === undefined) return null;
  return (
    <blockquote class="excerpt" dir="auto">
      <Segments of={excerpt(quoted.text, EXCERPT_CHARACTERS).segments} />
    </blockquote>
  );
}

function waitsFor(approval: ApprovalView): string {
  const names = shortNames(approval.voters.map(({ email }) => email));
  const open = whoMayStillVote(approval).map((email) => (email === approval.you?.email ? "you" : names(email)));
  return open.length === 0 ? "" : `; waits for ${anyOf(open)}`;
}
