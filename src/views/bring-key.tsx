// `/new/import`: a bunker with a key that somebody brings. It is read in the page, and sent only when its owner has seen the public key and
// said yes: none of these fields belongs to a form.

import { Layout, type FramePerson } from "./layout.tsx";
import { BackLink } from "./parts/back-link.tsx";

const SCRIPT = "/assets/bring-key.js";

export interface BringKeyData {
  readonly person: FramePerson;
  readonly instanceLocked: boolean;
}

export function BringKeyPage({ person, instanceLocked }: BringKeyData) {
  return (
    <Layout
      title="Bring your key · Countersign"
      person={person}
      instanceLocked={instanceLocked}
      narrow
      script={{ src: SCRIPT, formToken: person.formToken }}
    >
      <BackLink href="/new" label="New bunker" />
      <h1>Bring your key</h1>
      <p>For an identity that exists already. Apps never see the key.</p>
      <p id="needs-script" class="hint">
        Bringing a key needs script: it is read in this page, and leaves it only once you have seen whose it is.
      </p>
      <div id="bring" hidden>
        <Fields />
        <p id="status" role="status"></p>
        <Found />
      </div>
    </Layout>
  );
}

function Fields() {
  return (
    <>
      <div class="field">
        <label for="name">Name</label>
        <p class="hint" id="name-hint">
          For your team alone, for example: Daily News
        </p>
        <input id="name" autocomplete="off" aria-describedby="name-hint" />
      </div>
      <div class="field">
        <label for="key">Secret key</label>
        <p class="hint" id="key-hint">
          An nsec, 64 hex digits, an ncryptsec, or the words of a seed phrase. It stays in this page until you say yes.
        </p>
        <textarea
          id="key"
          class="code"
          rows={3}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-describedby="key-hint"
        ></textarea>
      </div>
      <div class="field" id="passphrase-field" hidden>
        <label for="passphrase">Its passphrase</label>
        <p class="hint" id="passphrase-hint"></p>
        <input id="passphrase" type="password" autocomplete="off" aria-describedby="passphrase-hint" />
      </div>
      <div class="field" id="account-field" hidden>
        <label for="account">Account of the seed phrase</label>
        <p class="hint" id="account-hint">
          0 unless you know better: one phrase can hold several identities.
        </p>
        <input id="account" class="short" inputmode="numeric" value="0" autocomplete="off" aria-describedby="account-hint" />
      </div>
      <label class="choice">
        <input type="checkbox" id="exportable" checked />
        <span>
          Owners may export the key later
          <small>Without it nobody can ever take a copy out of here, you included: no export, no backup. It cannot be changed later.</small>
        </span>
      </label>
      <div class="actions">
        <button type="button" id="read">
          Read the key
        </button>
        <button type="button" id="make" class="secondary">
          Make one in this browser
        </button>
      </div>
    </>
  );
}

function Found() {
  return (
    <section id="found" class="notice ask" hidden>
      <h2 id="question" tabindex={-1}>
        Is this the identity you mean?
      </h2>
      <p>
        <code id="npub"></code>
      </p>
      <p class="hint">Compare it with the public key in its profile. Nothing was sent yet.</p>
      <div class="actions">
        <button type="button" id="yes">
          Yes, keep it here
        </button>
        <button type="button" id="no" class="secondary">
          No, it is another one
        </button>
      </div>
    </section>
  );
}
