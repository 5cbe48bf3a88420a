// `/b/<id>/restore`: a backup in the place of a bunker that is not what it should be.

import type { BunkerView } from "../../../durable-objects/bunker-rpc.ts";
import { InPlaceNotice, Opening, RESTORE_SCRIPT } from "../restore.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

export function RestoreHerePage({ frame, bunker }: { frame: BunkerPageFrame; bunker: BunkerView }) {
  const { id, name, role } = frame.bunker;
  const back = { href: `/b/${id}/settings/custody`, label: "Custody" };
  const script = { src: RESTORE_SCRIPT, formToken: frame.person.formToken };
  return (
    <BunkerLayout frame={frame} title={`Restore ${name}`} back={back} narrow {...(role === "owner" && { script })}>
      <p>
        For a bunker that locked itself: a row was changed from outside, or its history is not the one that is remembered. While nothing is
        wrong with it, restoring is refused.
      </p>
      {role === "owner" ? (
        <Opening path={`/b/${id}/restore`} wanted={bunker.userPubkey}>
          <InPlaceNotice />
        </Opening>
      ) : (
        <p>Only an owner can restore {name}.</p>
      )}
    </BunkerLayout>
  );
}
