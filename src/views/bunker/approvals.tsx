// `/b/<id>/approvals`: what waits for people, and what they decided.

import { Empty } from "../parts/empty.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

export function ApprovalsPage({ frame }: { frame: BunkerPageFrame }) {
  return (
    <BunkerLayout frame={frame} title="Approvals">
      <Empty title="Nothing is waiting">
        <p>What a policy asks people about appears here.</p>
      </Empty>
    </BunkerLayout>
  );
}
