// `/approvals`: what waits in all bunkers, for whoever looks.

import { Layout, type FramePerson } from "./layout.tsx";
import { Empty } from "./parts/empty.tsx";

export function InboxPage({ person, instanceLocked }: { person: FramePerson; instanceLocked: boolean }) {
  const waiting = (person.bunkers ?? []).filter((bunker) => bunker.waiting > 0);
  return (
    <Layout title="Approvals · Countersign" person={person} instanceLocked={instanceLocked} here="inbox" wide>
      <h1>Approvals</h1>
      {waiting.length === 0 ? (
        <Empty title="Nothing is waiting">
          <p>What a policy asks people about appears here.</p>
        </Empty>
      ) : (
        <ul class="rows">
          {waiting.map(({ id, name, waiting: count }) => (
            <li>
              <div class="what">
                <p>
                  <b>{name}</b>: {count === 1 ? "1 request waits" : `${count} requests wait`} for approval.
                </p>
              </div>
              <a class="button small" href={`/b/${id}/approvals`}>
                Open
              </a>
            </li>
          ))}
        </ul>
      )}
    </Layout>
  );
}
