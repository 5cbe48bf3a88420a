// `/approvals`: what waits for whoever is signed in, over all their bunkers, the oldest deadline first.

import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import { Notice } from "../forms.tsx";
import { Layout, type FramePerson } from "../layout.tsx";
import { Empty } from "../parts/empty.tsx";
import { liveList } from "../parts/live.ts";
import { ApprovalCards } from "./cards.tsx";
import type { Reading } from "./words.ts";

export interface InboxPageData {
  readonly person: FramePerson;
  readonly items: readonly ApprovalView[];
  /** Names of bunkers that did not answer. */
  readonly unreached: readonly string[];
  readonly instanceLocked: boolean;
  readonly reading: Reading;
}

export function InboxPage({ person, items, unreached, instanceLocked, reading }: InboxPageData) {
  const noun = ["approval", "approvals"] as const;
  const live = (person.bunkers ?? []).map(({ id }) => id);
  return (
    <Layout title="Approvals · Countersign" person={person} here="inbox" instanceLocked={instanceLocked} live={live} narrow>
      <h1>Approvals</h1>
      {unreached.map((name) => (
        <Notice tone="ask">
          <p>
            Could not reach {name}. <a href="/approvals">Try again</a>
          </p>
        </Notice>
      ))}
      <div {...liveList({ id: "inbox", on: ["approvals"], from: "/approvals", noun, isWhole: true })}>
        {items.length === 0 ? (
          <Empty title="Nothing is waiting for you">
            <p>What a policy asks you about appears here, and comes by mail.</p>
          </Empty>
        ) : (
          <ApprovalCards items={items} reading={reading} withBunker />
        )}
      </div>
    </Layout>
  );
}
