// Parts of the account's pages: how things look and are told, API tokens, the whole instance, and mail.

import type { OwnMailView } from "../../durable-objects/account-rpc.ts";
import type { NominationView } from "../../durable-objects/bunker-rpc.ts";
import type { InstanceView, ListedBunker, TokenView } from "../../durable-objects/instance-rpc.ts";
import { MAX_TOKEN_DAYS } from "../people/tokens.ts";
import { REQUEST_MAILS, THEMES, timeZones, type Preferences, type RequestMails } from "../people/preferences.ts";
import { SCOPES, type Scope } from "../people/principal.ts";
import { ErrorSummary, Field, Notice, PageForm, titleOf, type FieldError } from "./forms.tsx";
import { Layout, type FramePerson } from "./layout.tsx";
import { STATE_WORDS, TestMailForm, topicWords } from "./mail-queue.tsx";
import { NominationNotice } from "./nomination.tsx";
import { Copyable } from "./parts/copy.tsx";

type Moment = (at: number | string) => string;

const REQUEST_MAIL_WORDS: Readonly<Record<RequestMails, readonly [string, string]>> = {
  each: ["One mail for each request", "From the fourth within ten minutes on, one mail tells of several."],
  digest: [
    "One mail for several requests",
    "At most one in ten minutes. What has a box to tick, such as lost follows, still comes at once.",
  ],
  none: ["No mails about requests", "You look at the pages by yourself. A request that nobody answers runs out, and nothing is signed."],
};

const THEME_WORDS = { light: "Light", dark: "Dark" } as const;

export function PreferencesForm({ preferences, formToken }: { preferences: Preferences; formToken: string }) {
  return (
    <PageForm action="/account/preferences" formToken={formToken}>
      <div class="field">
        <label for="theme">Theme</label>
        <select id="theme" name="theme">
          <option value="">As the system says</option>
          {THEMES.map((theme) => (
            <option value={theme} selected={preferences.theme === theme}>
              {THEME_WORDS[theme]}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="zone">Time zone</label>
        <p class="hint" id="zone-hint">
          For the times on pages and in mails.
        </p>
        <select id="zone" name="zone" aria-describedby="zone-hint">
          <option value="">The browser’s on pages, UTC in mails</option>
          {timeZones().map((zone) => (
            <option value={zone} selected={preferences.zone === zone}>
              {zone.replaceAll("_", " ")}
            </option>
          ))}
        </select>
      </div>
      <fieldset class="choices">
        <legend>Mails about requests that wait for your vote</legend>
        {REQUEST_MAILS.map((choice) => (
          <label class="choice">
            <input type="radio" name="request-mails" value={choice} checked={preferences.requestMails === choice} />
            <span>
              {REQUEST_MAIL_WORDS[choice][0]}
              <small>{REQUEST_MAIL_WORDS[choice][1]}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <p class="hint">
        Mails about safety come whatever you choose: something was locked or suspended, a key is taken out, the team or your ways to sign in
        change.
      </p>
      <button class="secondary">Save theme, time zone and mails</button>
    </PageForm>
  );
}

/** What each scope lets a script do, as one sentence. */
const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  "bunkers:read": "Read bunkers, apps and connect links.",
  "bunkers:write": "Make bunkers, and set their relays.",
  "invites:write": "Make and withdraw connect links, under the policies below.",
  "connections:write": "Connect apps by code, suspend and revoke them, and move them to tighter policies.",
  "policies:read": "Read policies, and try drafts on recorded requests.",
  "policies:write": "Publish policies that tighten, and write drafts of those that loosen.",
  "approvals:read": "Read what waits for people.",
  "approvals:reject": "Withdraw what waits for people; never approve.",
  "activity:read": "Read and verify the activity.",
  "members:read": "Read who is in the team.",
  sign: "Ask for signatures over HTTP, under the first policy below.",
  lock: "Stop things: lock, suspend, withdraw, cancel. Never unlock.",
};

export interface TypedToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly bunker: string;
  readonly policies: string;
  readonly days: string;
}

export interface TokensPageData {
  readonly person: FramePerson;
  readonly tokens: readonly TokenView[];
  readonly bunkers: readonly ListedBunker[];
  readonly moment: Moment;
  readonly done?: string | undefined;
  /** Shown this once. */
  readonly made?: { readonly name: string; readonly text: string } | undefined;
  readonly typed?: TypedToken;
  readonly errors?: readonly FieldError[];
}

export function TokensPage(page: TokensPageData) {
  const { person, tokens, bunkers, moment, done, made, typed, errors = [] } = page;
  const errorOf = (field: string) => errors.find((error) => error.field === field)?.message;
  const nameOf = (id: string) =>
    id === "all" ? "every bunker" : (bunkers.find((bunker) => bunker.id === id)?.name ?? "a bunker that is gone");
  return (
    <Layout title={titleOf("API tokens", errors)} person={person} narrow>
      <ErrorSummary errors={errors} />
      <h1>API tokens</h1>
      {done !== undefined && (
        <Notice tone="yes">
          <p role="status">{done}</p>
        </Notice>
      )}
      {made !== undefined && (
        <Notice tone="yes" title={`The token ${made.name}`}>
          <p>Copy it now: it is shown this once and kept nowhere.</p>
          <Copyable text={made.text} label={`Copy the token ${made.name}`} />
        </Notice>
      )}
      <p>
        A token lets a script use the <a href="/api/docs">API</a>. It never votes, unlocks, exports, loosens, changes the team or makes
        tokens.
      </p>
      {tokens.length === 0 ? (
        <p>There is none.</p>
      ) : (
        <ul class="rows">
          {tokens.map((token) => (
            <li>
              <div class="what">
                <p>
                  <b>{token.name}</b>, for {nameOf(token.bunker)}
                </p>
                <p class="meta">
                  {token.scopes.map((scope) => SCOPE_WORDS[scope]).join(" ")}{" "}
                  {token.policies.length > 0 && `Policies: ${token.policies.join(", ")}. `}
                  Until {moment(token.expiresAt)}
                  {token.lastUsedAt === null ? "; not used yet." : `; used ${moment(token.lastUsedAt)}.`}
                </p>
              </div>
              <PageForm action={`/account/tokens/${token.id}/revoke`} formToken={person.formToken}>
                <button class="secondary" aria-label={`Revoke the token ${token.name}`}>
                  Revoke
                </button>
              </PageForm>
            </li>
          ))}
        </ul>
      )}
      <h2 id="make">Make a token</h2>
      <PageForm action="/account/tokens" formToken={person.formToken}>
        <Field id="name" label="Name" hint="What uses it, such as “nightly job”." value={typed?.name} errors={errors} autocomplete="off" />
        <fieldset id="scopes" tabindex={-1} {...(errorOf("scopes") !== undefined && { "aria-invalid": "true" as const })}>
          <legend>What it may do</legend>
          {errorOf("scopes") !== undefined && <p class="error">{errorOf("scopes")}</p>}
          {SCOPES.map((scope) => (
            <label class="choice">
              <input type="checkbox" name={`scope:${scope}`} value="1" checked={typed?.scopes.includes(scope) ?? false} />
              <span>
                {SCOPE_WORDS[scope]} <small class="meta">{scope}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <div class="field">
          <label for="bunker">For</label>
          <select id="bunker" name="bunker">
            {bunkers.map(({ id, name }) => (
              <option value={id} selected={typed?.bunker === id}>
                {name}
              </option>
            ))}
            <option value="all" selected={typed?.bunker === "all"}>
              every bunker, also later ones
            </option>
          </select>
        </div>
        <Field
          id="policies"
          label="Policies"
          hint="Names between commas; only needed for connecting and signing. It signs under the first."
          value={typed?.policies}
          errors={errors}
          isOptional
        />
        <Field
          id="days"
          label="Days until it ends"
          hint={`At most ${MAX_TOKEN_DAYS}.`}
          value={typed?.days ?? String(MAX_TOKEN_DAYS)}
          errors={errors}
          inputmode="numeric"
        />
        <button>Make the token</button>
      </PageForm>
    </Layout>
  );
}

export interface InstancePageData {
  readonly person: FramePerson;
  readonly instance: InstanceView;
  readonly bunkers: readonly ListedBunker[];
  readonly owners: readonly { readonly accountId: string; readonly email: string | null }[];
  readonly nominations: readonly NominationView[];
  readonly mails: readonly OwnMailView[];
  readonly mailTrouble: string | undefined;
  readonly moment: Moment;
  readonly done?: string | undefined;
}

export function InstancePage(page: InstancePageData) {
  const { person, instance, bunkers, owners, moment, done } = page;
  const { done: aware, total } = instance.progress;
  return (
    <Layout title="This Countersign" person={person} narrow>
      <h1>This Countersign</h1>
      {done !== undefined && (
        <Notice tone="yes">
          <p role="status">{done}</p>
        </Notice>
      )}
      <NominationNotice
        nominations={page.nominations}
        cancelPath={(id) => `/account/instance/nominations/${id}/cancel`}
        formToken={person.formToken}
        moment={moment}
      />
      <h2 id="lock">Lock everything</h2>
      <p>
        {instance.locked
          ? `Everything is locked since ${instance.lockedAt === null ? "just now" : moment(instance.lockedAt)}: no bunker signs anything.`
          : "Locking everything stops every bunker here at once. Only an owner of this Countersign can unlock."}{" "}
        {aware < total && `${aware} of ${total} bunkers know of it so far; the others are refused from outside meanwhile.`}
      </p>
      {instance.locked ? (
        <PageForm action="/account/instance/unlock" formToken={person.formToken}>
          <p>This loosens protection, so it asks you to confirm that it is you. A bunker that was locked by itself stays locked.</p>
          <button class="secondary">Unlock everything</button>
        </PageForm>
      ) : (
        <PageForm action="/account/instance/lock" formToken={person.formToken}>
          <button class="danger">Lock everything</button>
        </PageForm>
      )}

      <h2 id="bunkers">Bunkers</h2>
      <ul>
        {bunkers.map(({ id, name }) => (
          <li>
            <a href={`/b/${id}`}>{name}</a>
          </li>
        ))}
      </ul>
      <h2 id="keys">Keys</h2>
      <p>{keysSentence(instance)}</p>
      <p>
        <a href="/account/instance/keys">How keys are sealed, and sealing them anew</a>
      </p>
      <h2 id="owners">Owners</h2>
      <p>They own every bunker here.</p>
      <Owners person={person} owners={owners} />
      <Mail {...page} />
    </Layout>
  );
}

function Owners({ person, owners }: Pick<InstancePageData, "person" | "owners">) {
  return (
    <>
      <ul class="rows">
        {owners.map(({ accountId, email }) => (
          <li>
            <div class="what">
              <p>
                <b>{email ?? "An account that is gone"}</b>
                {email === person.email && " (you)"}
              </p>
            </div>
            {owners.length > 1 && (
              <PageForm action={`/account/instance/owners/${accountId}/remove`} formToken={person.formToken}>
                <button class="secondary" aria-label={email === person.email ? "Own this no longer" : `Remove ${email ?? "this owner"}`}>
                  {email === person.email ? "Leave" : "Remove"}
                </button>
              </PageForm>
            )}
          </li>
        ))}
      </ul>
      <p class="hint">
        {owners.length > 1
          ? "Removing one asks for your passkey, and everybody concerned hears of it by mail. Memberships of single bunkers stay."
          : "The last owner stays: somebody must be able to unlock and to let others in."}
      </p>
    </>
  );
}

function keysSentence({ rotation }: InstanceView): string {
  if (rotation === null) return "Nothing is being sealed anew.";
  const { state, done, total } = rotation;
  return state === "done" ? "Everything is sealed anew." : `Sealing anew: ${done} of ${total} done.`;
}

function Mail({ person, mails, mailTrouble, moment }: InstancePageData) {
  return (
    <>
      <h2 id="mail">Mail</h2>
      {mailTrouble !== undefined && (
        <Notice tone="ask" title="Mail is not set up">
          <p>{mailTrouble}</p>
        </Notice>
      )}
      <TestMailForm formToken={person.formToken} back="/account/instance" />
      <p>
        <a href="/account/instance/mails">Everybody's mails, the past week</a>
      </p>
      <h3>Mails to you, the past week</h3>
      {mails.length === 0 ? (
        <p>None from your account. Those of bunkers are among everybody's mails.</p>
      ) : (
        <ul class="rows">
          {mails.map(({ topic, state, reason, queuedAt, nextTryAt }) => (
            <li>
              <div class="what">
                <p>
                  {topicWords(topic)}: <b>{STATE_WORDS[state]}</b>
                </p>
                <p class="meta">
                  {moment(queuedAt)}
                  {reason !== null && `; ${reason}`}
                  {nextTryAt !== null && `; next try ${moment(nextTryAt)}`}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
