// `/approvals`: what waits for whoever is signed in, over all their bunkers, the oldest deadline first.

import type { ApprovalView } from "../../../durable-objects/approvals-rpc.ts";
import { Notice } from "../forms.tsx";
import { Layout, type FramePerson } from "../layout.tsx";
import { Empty } from "../parts/empty.tsx";
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
  const waiting = items.length > 0 ? `(${items.length}) ` : "";
  return (
    <Layout title={`${waiting}Approvals · Countersign`} person={person} here="inbox" instanceLocked={instanceLocked} narrow>
      <h1>Approvals</h1>
      {unreached.map((name) => (
        <Notice tone="ask">
          <p>
            Could not reach {name}. <a href="/approvals">Try again</a>
          </p>
        </Notice>
      ))}
      {items.length === 0 ? (
        <Empty title="Nothing is waiting for you">
          <p>What a policy asks you about appears here, and comes by mail.</p>
        </Empty>
      ) : (
        <ApprovalCards items={items} reading={reading} withBunker />
      )}
    </Layout>
  );
}
