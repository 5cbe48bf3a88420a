// `/` for whoever is signed in: what needs them first. Three blocks, and each bunker may fail to answer alone.

import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import type { AttentionItem, BunkerSummary } from "../../../durable-objects/insight-rpc.ts";
import { ApprovalCards } from "../approval/cards.tsx";
import { AttentionNotice, worstFirst } from "../bunker/attention.tsx";
import { Notice } from "../forms.tsx";
import { Layout, type FramePerson } from "../layout.tsx";
import { Icon } from "../parts/icons.tsx";
import { BunkerCards, type Sorting } from "./bunker-cards.tsx";
import { liveBlock, liveList } from "../parts/live.ts";
import { Onboarding, type OnboardingFacts } from "./onboarding.tsx";

/** From so many bunkers on a list is searched rather than read. */
const SEARCH_FROM = 8;
/** More than these are nobody's next step: the bunkers' own pages have them all. */
const MAX_ATTENTION = 12;

/** More than a handful is a matter for the inbox. */
const MAX_WAITING = 5;

export interface HomeData {
  readonly person: FramePerson;
  readonly bunkers: readonly BunkerSummary[];
  /** Names of bunkers that did not answer; null where nobody can say what one is called. */
  readonly unreachable: readonly (string | null)[];
  /** The oldest deadline first. */
  readonly waiting: readonly ApprovalView[];
  readonly zone: string | undefined;
  readonly mayCreate: boolean;
  readonly instanceLocked: boolean;
  /** What is left of the first ten minutes; null once it is done or put away. */
  readonly onboarding: OnboardingFacts | null;
  readonly sorting: Sorting;
  readonly search: string;
  readonly now: number;
  readonly done?: string | undefined;
}

export function HomePage(page: HomeData) {
  const { person, bunkers, unreachable, mayCreate, instanceLocked, onboarding, done } = page;
  return (
    <Layout title="Home · Countersign" person={person} instanceLocked={instanceLocked} live={bunkers.map(({ id }) => id)} wide>
      <div class="page-head">
        <h1>Home</h1>
        {mayCreate && bunkers.length > 0 && (
          <a class="button" href="/new">
            <Icon name="plus" />
            New bunker
          </a>
        )}
      </div>
      {done !== undefined && (
        <Notice tone="yes">
          <p role="status">{done}</p>
        </Notice>
      )}
      {onboarding !== null && (
        <div {...liveBlock({ id: "steps", on: ["apps", "approvals"], from: "/" })}>
          <Onboarding facts={onboarding} person={person} />
        </div>
      )}
      {bunkers.length + unreachable.length > 0 && (
        <>
          <Waiting {...page} />
          <div {...liveBlock({ id: "needs", on: ["approvals", "apps", "state"], from: "/" })}>
            <Attention {...page} />
          </div>
          <Bunkers {...page} />
        </>
      )}
      {bunkers.length + unreachable.length === 0 && onboarding === null && (
        <Notice tone="off" title="No bunker yet">
          <p>An owner of this Countersign makes bunkers and invites you to them. Nothing needs you now.</p>
        </Notice>
      )}
    </Layout>
  );
}

/** What whoever looks may vote on, the oldest deadline first; of what waits for others only, that it does. */
function Waiting({ bunkers, waiting, zone, now }: HomeData) {
  const shown = waiting.slice(0, MAX_WAITING);
  const others = bunkers.filter(({ id, pendingApprovals }) => pendingApprovals > waiting.filter(({ bunker }) => bunker.id === id).length);
  const noun = ["approval", "approvals"] as const;
  const isWhole = shown.length === waiting.length;
  return (
    <div {...liveList({ id: "waiting-for-you", on: ["approvals"], from: "/", noun, isWhole })}>
      {shown.length > 0 && (
        <section aria-labelledby="waiting">
          <h2 id="waiting">Waiting for you</h2>
          <ApprovalCards items={shown} reading={{ now, zone }} withBunker={bunkers.length > 1} />
          {!isWhole && (
            <p>
              <a href="/approvals">All {waiting.length} that wait for you</a>
            </p>
          )}
        </section>
      )}
      {others.map(({ id, name }) => (
        <p class="meta">
          At {name} there are requests that wait for others. <a href={`/b/${id}/approvals?show=others`}>See them</a>
        </p>
      ))}
    </div>
  );
}

interface Item {
  readonly item: AttentionItem;
  readonly bunker: BunkerSummary;
}

function Attention({ bunkers, unreachable }: HomeData) {
  const all: Item[] = bunkers.flatMap((bunker) => worstFirst(bunker.attention).map((item) => ({ item, bunker })));
  const isQuiet = all.length + unreachable.length === 0 && bunkers.every(({ pendingApprovals }) => pendingApprovals === 0);
  if (isQuiet) {
    return (
      <p class="quiet" role="status">
        <Icon name="tick-circle" class="mark yes" /> Nothing needs you.
      </p>
    );
  }
  if (all.length + unreachable.length === 0) return null;
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <ul class="attention">
        {unreachable.map((name) => (
          <li>
            <div class="notice no">
              <div class="row">
                <p>Could not reach {name ?? "one of your bunkers"}. What waits there is not shown, and nothing is lost.</p>
                <a class="button secondary small" href="/">
                  Try again
                </a>
              </div>
            </div>
          </li>
        ))}
        {all.slice(0, MAX_ATTENTION).map(({ item, bunker }) => (
          <li>
            <AttentionNotice item={item} bunkerId={bunker.id} bunkerName={bunker.name} />
          </li>
        ))}
      </ul>
      {all.length > MAX_ATTENTION && <p class="meta">And {all.length - MAX_ATTENTION} more, on the pages of your bunkers.</p>}
    </section>
  );
}

function Bunkers({ bunkers, sorting, search, now }: HomeData) {
  if (bunkers.length === 0) return null;
  return (
    <section aria-labelledby="bunkers">
      <h2 id="bunkers">{bunkers.length === 1 ? "Your bunker" : "Your bunkers"}</h2>
      <BunkerCards bunkers={bunkers} sorting={sorting} search={search} isSearched={bunkers.length >= SEARCH_FROM} now={now} />
    </section>
  );
}
