// Restoring from a backup, into a new bunker or in place. The script opens the file in the page; nothing here is a form.

import type { Child } from "hono/jsx";
import { Notice } from "./forms.tsx";
import { Layout, type FramePerson } from "./layout.tsx";
import { BackLink } from "./parts/back-link.tsx";

export const RESTORE_SCRIPT = "/assets/restore.js";

export interface RestorePageData {
  readonly person: FramePerson;
  readonly instanceLocked: boolean;
}

/** `/new/restore` */
export function RestorePage({ person, instanceLocked }: RestorePageData) {
  const script = { src: RESTORE_SCRIPT, formToken: person.formToken };
  return (
    <Layout title="Restore a backup · Countersign" person={person} instanceLocked={instanceLocked} narrow script={script}>
      <BackLink href="/new" label="New bunker" />
      <h1>Restore a backup</h1>
      <p>For a bunker that is gone: this deployment lost it, it was deleted, or it lived somewhere else.</p>
      <Opening path="/new/restore">
        <AfterNotice />
      </Opening>
    </Layout>
  );
}

export interface RestoreBrokenData extends RestorePageData {
  readonly id: string;
}

/** `/b/<id>/restore` for a bunker whose own row cannot be believed: nothing that it says of itself is shown. */
export function RestoreBrokenPage({ person, instanceLocked, id }: RestoreBrokenData) {
  const script = { src: RESTORE_SCRIPT, formToken: person.formToken };
  return (
    <Layout title="Restore a bunker that was changed · Countersign" person={person} instanceLocked={instanceLocked} narrow script={script}>
      <h1>Restore this bunker</h1>
      <p>Somebody wrote to its database past Countersign. It signs nothing. A backup takes the place of what is there.</p>
      <Opening path={`/b/${id}/restore`}>
        <InPlaceNotice />
      </Opening>
      <p>
        No backup? <a href={`/b/${id}/delete`}>Delete this bunker</a> and bring a copy of its key into a new one.
      </p>
    </Layout>
  );
}

export function AfterNotice() {
  return (
    <Notice tone="ask" title="What comes back, and how">
      <p>
        Its key, apps, policies, settings and team, as they were when the backup was made. It comes back locked, and its apps suspended. Old
        connect links, waiting requests and API tokens for this bunker alone end. Every budget counts as used up until its time is over.
      </p>
      <p>All owners hear of it by mail; the team is invited again.</p>
    </Notice>
  );
}

export function InPlaceNotice() {
  return (
    <Notice tone="ask" title="What was changed since the backup is undone">
      <p>
        Members, policies and settings are those of the backup again; look through them before you unlock. Apps that were revoked stay
        revoked, all others are suspended. Connect links, waiting requests and API tokens for this bunker alone end. Every budget counts as
        used up until its time is over. The activity begins anew, and the old entries are kept beside it.
      </p>
      <p>All owners hear of it by mail.</p>
    </Notice>
  );
}

/** `wanted`: the identity that it must be the backup of, hex. */
export function Opening({ path, wanted = "", children }: { path: string; wanted?: string; children?: Child }) {
  return (
    <>
      {children}
      <p id="needs-script" class="hint">
        Restoring needs script: the file is opened in this page, and its passphrase never leaves it.
      </p>
      <div id="restore" data-wanted={wanted} hidden>
        <p id="confirm-first" hidden>
          <a class="button secondary" href={`/step-up?next=${encodeURIComponent(path)}`}>
            Confirm that it is you
          </a>
        </p>
        <div class="field">
          <label for="file">The backup file</label>
          <p class="hint" id="file-hint">
            Its name usually ends with .age.
          </p>
          <input id="file" type="file" aria-describedby="file-hint" />
        </div>
        <div class="field" id="passphrase-field" hidden>
          <label for="passphrase">Its passphrase</label>
          <input id="passphrase" type="password" autocomplete="off" />
        </div>
        <div class="field" id="identity-field" hidden>
          <label for="identity">The age identity that opens it</label>
          <p class="hint" id="identity-hint">
            The line that begins with AGE-SECRET-KEY-1. It stays in this page.
          </p>
          <textarea
            id="identity"
            class="code"
            rows={2}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-describedby="identity-hint"
          ></textarea>
        </div>
        <div class="actions">
          <button type="button" id="open">
            Open the file
          </button>
        </div>
        <p id="status" role="status"></p>
        <Found />
      </div>
    </>
  );
}

function Found() {
  return (
    <section id="found" class="notice ask" hidden>
      <h2 id="question" tabindex={-1}>
        Is this the bunker you mean?
      </h2>
      <dl class="facts">
        <Fact id="found-name" label="Name" />
        <dt>Public key</dt>
        <dd>
          <code id="found-npub"></code>
        </dd>
        <Fact id="found-made" label="Made on" />
        <Fact id="found-apps" label="Apps" />
        <Fact id="found-policies" label="Policies" />
        <Fact id="found-team" label="Team" />
        <Fact id="found-relays" label="Other relays" />
        <Fact id="found-entries" label="Activity" />
      </dl>
      <p class="hint">Nothing was sent yet.</p>
      <div class="actions">
        <button type="button" id="yes">
          Yes, restore it
        </button>
        <button type="button" id="no" class="secondary">
          No, another file
        </button>
      </div>
    </section>
  );
}

function Fact({ id, label }: { id: string; label: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd id={id}></dd>
    </>
  );
}
