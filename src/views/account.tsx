// `/account`: passkeys, and the browsers that are signed in.

import type { AccountView, NostrKeyView, PasskeyView, SessionView } from "../../durable-objects/account-rpc.ts";
import { PageForm, Notice } from "./forms.tsx";
import { PreferencesForm } from "./account-parts.tsx";
import { Layout, type FramePerson } from "./layout.tsx";
import { Pill } from "./parts/pill.tsx";
import { PASSKEY_SCRIPT_PATH } from "./sign-in.tsx";

export interface AccountPageData {
  readonly account: AccountView;
  readonly person: FramePerson;
  readonly formToken: string;
  /** A point in time in words. */
  readonly moment: (at: number) => string;
  /** What has just happened, in one sentence. */
  readonly done?: string | undefined;
  readonly isOwner: boolean;
}

export function AccountPage({ account, person, formToken, moment, done, isOwner }: AccountPageData) {
  const { email, sessions, passkeys, nostrKeys, isSteppedUp } = account;
  const others = sessions.length - 1;
  return (
    <Layout title="Account · Countersign" person={person} script={{ src: PASSKEY_SCRIPT_PATH, formToken }}>
      <h1>Account</h1>
      {done !== undefined && (
        <Notice tone="yes">
          <p role="status">{done}</p>
        </Notice>
      )}
      <p>
        You are signed in as <b>{email}</b>
        {isOwner ? ", an owner of this Countersign." : "."}
      </p>

      {isOwner && (
        <p class="actions">
          <a href="/account/tokens">API tokens</a>
          <a href="/account/instance">This Countersign: bunkers, mail, lock everything</a>
        </p>
      )}

      <h2 id="passkeys">Passkeys</h2>
      {passkeys.length === 0 ? (
        <p>Add a passkey: safer and quicker than mailed links. From then on a mailbox alone can no longer change how you sign in.</p>
      ) : (
        <ul class="rows">
          {passkeys.map((passkey) => (
            <PasskeyRow passkey={passkey} formToken={formToken} moment={moment} />
          ))}
        </ul>
      )}
      <PasskeyActions hasPasskey={passkeys.length > 0} isSteppedUp={isSteppedUp} />

      <h2 id="nostr-keys">Nostr keys</h2>
      {nostrKeys.length === 0 ? (
        <p>A Nostr key that you hold elsewhere can sign you in too. It never counts as a passkey.</p>
      ) : (
        <ul class="rows">
          {nostrKeys.map((key) => (
            <NostrKeyRow nostrKey={key} formToken={formToken} moment={moment} />
          ))}
        </ul>
      )}
      <p>
        <a class="button secondary" href="/account/nostr-keys/new">
          Add a Nostr key
        </a>
      </p>

      <h2 id="browsers">Signed-in browsers</h2>
      <ul class="rows">
        {sessions.map((session) => (
          <SessionRow session={session} formToken={formToken} moment={moment} />
        ))}
      </ul>
      {others > 0 && (
        <PageForm action="/account/sessions/end-others" formToken={formToken}>
          <button class="secondary">{others === 1 ? "Sign out the other browser" : `Sign out ${others} other browsers`}</button>
        </PageForm>
      )}

      <h2 id="preferences">Theme, time and mails</h2>
      <PreferencesForm preferences={account.preferences} formToken={formToken} />
      {isOwner && account.preferences.firstSteps === "hidden" && (
        <PageForm action="/first-steps/show" formToken={formToken}>
          <p class="hint">The list of first steps on Home was put away.</p>
          <button class="secondary">Show the first steps again</button>
        </PageForm>
      )}
    </Layout>
  );
}

/** Without script there are no passkeys: the sentence says so, and the script takes it away. */
function PasskeyActions({ hasPasskey, isSteppedUp }: { hasPasskey: boolean; isSteppedUp: boolean }) {
  const needsStepUp = hasPasskey && !isSteppedUp;
  return (
    <div>
      <p data-passkey-missing class="hint">
        This browser offers no passkeys here, or scripts are switched off.
      </p>
      {needsStepUp ? (
        <div data-passkey="step-up" hidden>
          <p>Adding or removing a passkey asks for one that you have.</p>
          <button type="button" class="secondary">
            Confirm with passkey
          </button>
          <p role="status"></p>
        </div>
      ) : (
        <div data-passkey="register" hidden>
          <button type="button" class={hasPasskey ? "secondary" : ""}>
            Add a passkey
          </button>
          <p role="status"></p>
        </div>
      )}
    </div>
  );
}

function PasskeyRow(props: { passkey: PasskeyView; formToken: string; moment: (at: number) => string }) {
  const { id, name, createdAt, lastUsedAt } = props.passkey;
  return (
    <li>
      <div class="what">
        <p>
          <b>{name}</b>
        </p>
        <p class="meta">
          Added {props.moment(createdAt)}
          {lastUsedAt === null ? "; not used yet" : `; used ${props.moment(lastUsedAt)}`}
        </p>
      </div>
      <PageForm action={`/account/passkeys/${id}/remove`} formToken={props.formToken}>
        <button class="secondary" aria-label={`Remove the passkey ${name}`}>
          Remove
        </button>
      </PageForm>
    </li>
  );
}

function NostrKeyRow(props: { nostrKey: NostrKeyView; formToken: string; moment: (at: number) => string }) {
  const { pubkey, npub, addedAt, lastUsedAt } = props.nostrKey;
  return (
    <li>
      <div class="what">
        <p>
          <code>{npub}</code>
        </p>
        <p class="meta">
          Added {props.moment(addedAt)}
          {lastUsedAt === null ? "; not used yet" : `; used ${props.moment(lastUsedAt)}`}
        </p>
      </div>
      <PageForm action={`/account/nostr-keys/${pubkey}/remove`} formToken={props.formToken}>
        <button class="secondary" aria-label={`Remove the key ${npub}`}>
          Remove
        </button>
      </PageForm>
    </li>
  );
}

function SessionRow(props: { session: SessionView; formToken: string; moment: (at: number) => string }) {
  const { id, browser, createdAt, lastSeenAt, isThisOne } = props.session;
  return (
    <li>
      <div class="what">
        <p>
          <b>{browser}</b>
        </p>
        <p class="meta">
          Signed in {props.moment(createdAt)}; last seen {props.moment(lastSeenAt)}
        </p>
      </div>
      {isThisOne ? (
        <Pill status="connected">This one</Pill>
      ) : (
        <PageForm action={`/account/sessions/${id}/end`} formToken={props.formToken}>
          <button class="secondary" aria-label={`Sign out ${browser}`}>
            Sign out
          </button>
        </PageForm>
      )}
    </li>
  );
}
