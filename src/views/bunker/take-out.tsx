// `/b/<id>/settings/custody/export`: the key under a passphrase, or everything as a backup. Its script talks to the bunker; nothing here is a form.

import type { BunkerView } from "../../../durable-objects/bunker-rpc.ts";
import { Notice } from "../forms.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";

export function TakeOutPage({ frame, bunker }: { frame: BunkerPageFrame; bunker: BunkerView }) {
  const { id, name, role } = frame.bunker;
  const back = { href: `/b/${id}/settings/custody`, label: "Custody" };
  const script = { src: "/assets/take-out.js", formToken: frame.person.formToken };
  const path = `/b/${id}/settings/custody/export`;
  return (
    <BunkerLayout frame={frame} title="Export and backup" back={back} narrow script={script}>
      {!bunker.exportable && <p>{name} was made so that its key never leaves it. Nobody can export it or back it up.</p>}
      {bunker.exportable && role !== "owner" && <p>Only an owner can take the key of {name} out.</p>}
      {bunker.exportable && role === "owner" && (
        <>
          <Notice tone="ask" title="Whoever has the copy is this identity">
            <p>
              They can sign as {name} without Countersign, past its policies and its records. It cannot be taken back. All owners hear of it
              by mail.
            </p>
          </Notice>
          <p id="needs-script" class="hint">
            This needs script: the key is put under your passphrase in this page, which nobody else ever sees.
          </p>
          <div id="take-out" data-pubkey={bunker.userPubkey} data-name={name} hidden>
            <p id="confirm-first" hidden>
              <a class="button secondary" href={`/step-up?next=${encodeURIComponent(path)}`}>
                Confirm that it is you
              </a>
            </p>
            <div class="field">
              <label for="passphrase">A new passphrase</label>
              <p class="hint" id="passphrase-hint">
                12 characters at least; four random words are good. Without it the copy is worth nothing.
              </p>
              <input id="passphrase" type="password" autocomplete="new-password" aria-describedby="passphrase-hint" />
            </div>
            <div class="field">
              <label for="passphrase-again">The same again</label>
              <input id="passphrase-again" type="password" autocomplete="new-password" />
            </div>
            <div class="actions">
              <button type="button" id="take-key">
                Export the key
              </button>
              <button type="button" id="take-backup" class="secondary">
                Back everything up
              </button>
            </div>
            <p class="hint">
              The key alone comes as an ncryptsec, which other Nostr software reads. A backup is a file that the program age opens, with the
              key, apps, policies, settings and team: <a href="/new/restore">Restore a backup</a> brings all of it back.
            </p>
            <p id="status" role="status"></p>
            <section id="taken" hidden>
              <textarea id="result" class="code" rows={4} readonly aria-label="The key under your passphrase" hidden></textarea>
              <p>
                <a id="download" class="button">
                  Save it as a file
                </a>
              </p>
            </section>
          </div>
        </>
      )}
    </BunkerLayout>
  );
}
