// `/b/<id>/policies`: what each policy means in one line, and which apps are under it.

import type { PolicyView } from "../../../durable-objects/bunker-rpc.ts";
import { presetNamed } from "../../policy/presets.ts";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

export function PoliciesPage({ frame, policies }: { frame: BunkerPageFrame; policies: readonly PolicyView[] }) {
  return (
    <BunkerLayout frame={frame} title="Policies">
      <ul class="rows">
        {policies.map(({ name, preset, version }) => (
          <li>
            <div class="what">
              <p>
                <b>{presetNamed(name)?.title ?? name}</b>
              </p>
              <p class="meta">{preset ? presetNamed(name)?.can : `Version ${version}`}</p>
            </div>
          </li>
        ))}
      </ul>
    </BunkerLayout>
  );
}
