// Approvals as a list: what is asked, by whom, why, how the votes stand and how long there is. One card each, the whole behind Open; those
// that belong together share one, which opens to each.

import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import { grouped, manyWords, type Group } from "./groups.ts";
import { Excerpt } from "../parts/event/excerpt.tsx";
import { rowKey } from "../parts/live.ts";
import { Pill } from "../parts/pill.tsx";
import { statusOf } from "./over-page.tsx";
import { agoWords, anyOf, leftWords, needOf, shortNames, whoMayStillVote, type Reading } from "./words.ts";

export function ApprovalCards({ items, reading, withBunker }: { items: readonly ApprovalView[]; reading: Reading; withBunker: boolean }) {
  return (
    <ul class="approvals">
      {grouped(items).map((group) =>
        group.length === 1 ? (
          <li class="card" {...rowKey(group[0].id)}>
            <Card approval={group[0]} reading={reading} withBunker={withBunker} />
          </li>
        ) : (
          <li class="card">
            <GroupCard group={group} reading={reading} withBunker={withBunker} />
          </li>
        ),
      )}
    </ul>
  );
}

function Card({ approval, reading, withBunker }: { approval: ApprovalView; reading: Reading; withBunker: boolean }) {
  const { id, presentation, connection, bunker, state, askedAt, expiresAt, why, outcome } = approval;
  const { need, votes } = needOf(approval);
  const isOpen = state === "pending";
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
      <Excerpt presentation={approval.presentation} />
      {isOpen && <Critical approval={approval} />}
      {isOpen ? <p class="why">{why}</p> : outcome !== null && <p class="why">{outcome.sentence}</p>}
      {isOpen && (
        <p class="actions">
          <a
            class={isMine(approval) ? "button" : "button secondary"}
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

function GroupCard({ group, reading, withBunker }: { group: Group; reading: Reading; withBunker: boolean }) {
  const [first] = group;
  const { connection, bunker, askedAt } = first;
  const until = group.map(({ expiresAt }) => expiresAt).toSorted()[0] ?? first.expiresAt;
  const reasons = new Set(group.map(({ why }) => why));
  const isMineToo = group.some(isMine);
  return (
    <>
      <div class="card-head">
        <h2>
          {manyWords(first, group.length)} by {connection.name}
        </h2>
        <span class="left">{leftWords(until, reading.now)}</span>
      </div>
      <p class="asks">
        Asked {withBunker && `of ${bunker.name}, `}
        {agoWords(askedAt, reading.now)}, all within a minute
      </p>
      {reasons.size === 1 && <p class="why">{first.why}</p>}
      <details class="fold">
        <summary>Show each of the {group.length}</summary>
        <ol class="members">
          {group.map((approval) => (
            <li class="member" {...rowKey(approval.id)}>
              <a href={`/a/${approval.id}`}>{approval.presentation?.headline}</a>
              <Excerpt presentation={approval.presentation} />
              <Critical approval={approval} />
              {reasons.size > 1 && <p class="why">{approval.why}</p>}
              <p class="meta">
                {needOf(approval).votes} of {needOf(approval).need} votes{waitsFor(approval)}
              </p>
            </li>
          ))}
        </ol>
      </details>
      <p class="actions">
        <a class={isMineToo ? "button" : "button secondary"} href={togetherPath(group)}>
          {isMineToo ? `Read all ${group.length} and decide` : `Read all ${group.length}`}
        </a>
      </p>
    </>
  );
}

/** The page that has all of them whole. */
export function togetherPath(group: readonly Pick<ApprovalView, "id" | "bunker">[]): string {
  const query = group.map(({ id, bunker }) => `of=${id.slice(bunker.id.length)}`).join("&");
  return `/b/${group[0]?.bunker.id ?? ""}/approvals/together?${query}`;
}

/** It waits for whoever is looking. */
function isMine({ state, you }: ApprovalView): boolean {
  return state === "pending" && you !== null && you.vote === null && you.cannot !== "role" && you.cannot !== "requester";
}

function Critical({ approval: { presentation } }: { approval: ApprovalView }) {
  if (presentation === null || presentation.critical.length === 0) return null;
  return <p class="critical">{presentation.critical.map(({ sentence }) => sentence.replace(/^I understand that /, "")).join(" ")}</p>;
}

function waitsFor(approval: ApprovalView): string {
  const names = shortNames(approval.voters.map(({ email }) => email));
  const open = whoMayStillVote(approval).map((email) => (email === approval.you?.email ? "you" : names(email)));
  return open.length === 0 ? "" : `; waits for ${anyOf(open)}`;
}
