// `/b/<id>/apps/connect`: letting an app in, by a link of ours or by the code that the app shows.

import type { PolicyView } from "../../../durable-objects/bunker-rpc.ts";
import type { InviteFate } from "../../../durable-objects/console-rpc.ts";
import type { ProposedLine } from "../../policy/proposal.ts";
import type { Effect } from "../../policy/question.ts";
import type { NostrConnect } from "../../protocol/connection-uri.ts";
import { Field, Notice, PageForm, type FieldError } from "../forms.tsx";
import { CopyButton } from "../parts/copy.tsx";
import { Icon } from "../parts/icons.tsx";
import { QrCode } from "../parts/qr-code.tsx";
import { OwnName } from "../parts/quote.tsx";
import { Time } from "../parts/time.tsx";
import { CallsItself, hostOf, policyTitle } from "./apps.tsx";
import { BunkerLayout, type BunkerPageFrame } from "./frame.tsx";
import { PolicyCards } from "./policy-choice.tsx";

export const SCAN_SCRIPT_PATH = "/assets/scan.js";

/** How long a link waits; short, because whoever finds it is connected. */
export const LIFETIMES = [
  ["10m", "10 minutes"],
  ["1h", "1 hour"],
  ["24h", "1 day"],
  ["7d", "7 days"],
  ["30d", "30 days"],
] as const;

export interface TypedLink {
  readonly name: string;
  readonly policy: string;
  readonly expiresIn: string;
  readonly relays: string;
  readonly confirm: boolean;
  readonly interactive: boolean;
  readonly nip04: boolean;
}

export interface ConnectPageData {
  readonly frame: BunkerPageFrame;
  readonly policies: readonly PolicyView[];
  readonly hasOutbound: boolean;
  readonly typed: TypedLink;
  /** What was pasted. */
  readonly code?: string;
  readonly errors?: readonly FieldError[];
}

export function ConnectPage(page: ConnectPageData) {
  const { frame, errors = [] } = page;
  const { id, name } = frame.bunker;
  return (
    <BunkerLayout
      frame={frame}
      title="Connect an app"
      back={{ href: `/b/${id}/apps`, label: "Apps" }}
      errors={errors}
      script={{ src: SCAN_SCRIPT_PATH, formToken: frame.person.formToken }}
    >
      <p>Apps never see the key of {name}; they send what they want signed. There are two ways to let one in.</p>
      <div class="columns even">
        <OurLink {...page} />
        <TheirCode {...page} />
      </div>
    </BunkerLayout>
  );
}

function OurLink({ frame, policies, hasOutbound, typed, errors = [] }: ConnectPageData) {
  return (
    <section class="card roomy">
      <h2>I have the app here</h2>
      <p class="hint">Make a link or QR code and give it to the app, where it asks for a “bunker” or “remote signer”.</p>
      <PageForm action={`/b/${frame.bunker.id}/apps/connect/link`} formToken={frame.person.formToken}>
        <Field
          id="name"
          label="What do you call the app?"
          value={typed.name}
          errors={errors}
          autocomplete="off"
          hint="For example: news-bot"
        />
        <PolicyCards policies={policies} selected={typed.policy} errors={errors} />
        <div class="field">
          <label for="expires-in">The link runs out after</label>
          <select id="expires-in" name="expires-in">
            {LIFETIMES.map(([value, words]) => (
              <option value={value} selected={value === typed.expiresIn}>
                {words}
              </option>
            ))}
          </select>
        </div>
        <More hasOutbound={hasOutbound} typed={typed} />
        <button class="stretch">Make connect link</button>
      </PageForm>
    </section>
  );
}

function More({ hasOutbound, typed }: { hasOutbound: boolean; typed: TypedLink }) {
  return (
    <details class="fold">
      <summary>More choices</summary>
      <label class="choice">
        <input type="checkbox" name="confirm" value="yes" checked={typed.confirm} />
        <span>
          Ask me before it is connected
          <small>Whoever uses the link waits until a member says yes.</small>
        </span>
      </label>
      <label class="choice">
        <input type="checkbox" name="interactive" value="yes" checked={typed.interactive} />
        <span>
          A person sits before the app
          <small>When something waits for approval, the app is told of a page where it can be seen.</small>
        </span>
      </label>
      <label class="choice">
        <input type="checkbox" name="nip04" value="yes" checked={typed.nip04} />
        <span>
          Answer in the old message format too
          <small>For apps that know only NIP-04.</small>
        </span>
      </label>
      <div class="field">
        <label for="relays">Where the app finds us</label>
        <select id="relays" name="relays">
          <option value="embedded" selected={typed.relays === "embedded"}>
            This Countersign alone (quickest)
          </option>
          {hasOutbound && (
            <>
              <option value="all" selected={typed.relays === "all"}>
                This Countersign and its other relays
              </option>
              <option value="outbound" selected={typed.relays === "outbound"}>
                The other relays alone
              </option>
            </>
          )}
        </select>
      </div>
    </details>
  );
}

function TheirCode({ frame, code, errors = [] }: ConnectPageData) {
  const error = errors.find(({ field }) => field === "code");
  return (
    <section class="card roomy">
      <h2>The app shows a code</h2>
      <p class="hint">
        Some apps show a QR code or a text that starts with <code>nostrconnect://</code>. Paste the text or scan the code; nothing is
        connected before you have seen what it asks for.
      </p>
      <PageForm action={`/b/${frame.bunker.id}/apps/connect/code`} formToken={frame.person.formToken}>
        <div class="field">
          <label for="code">Connect code</label>
          {error !== undefined && (
            <p class="error" id="code-error">
              {error.message}
            </p>
          )}
          <textarea
            id="code"
            name="code"
            class="code"
            rows={4}
            required
            spellcheck={false}
            autocapitalize="none"
            autocomplete="off"
            {...(error !== undefined && { "aria-invalid": "true" as const, "aria-describedby": "code-error" })}
          >
            {code ?? ""}
          </textarea>
        </div>
        <div data-scan="code" hidden>
          <button type="button" class="secondary">
            Scan with the camera
          </button>
          <p role="status"></p>
          <video class="scanner" muted playsinline hidden></video>
        </div>
        <button class="secondary stretch">Read the code</button>
      </PageForm>
    </section>
  );
}

export interface LinkPageData {
  readonly frame: BunkerPageFrame;
  readonly fate: InviteFate;
  /** Only in the answer to whoever made it: it is kept nowhere. */
  readonly bunkerUrl?: string;
  /** The policy that was chosen, where a second owner must confirm it first. */
  readonly heldFor?: string | undefined;
}

/** The link that was just made, or what became of one. */
export function LinkPage({ frame, fate, bunkerUrl, heldFor }: LinkPageData) {
  const { id } = frame.bunker;
  return (
    <BunkerLayout frame={frame} title={`Connect ${fate.name}`} back={{ href: `/b/${id}/apps`, label: "Apps" }} narrow>
      <Fate frame={frame} fate={fate} />
      {heldFor !== undefined && (
        <Notice tone="ask" title="A second owner was asked">
          <p>
            Four eyes is on here, so {fate.name} begins under {policyTitle(fate.policy)}: people decide each of its requests. It moves to{" "}
            {policyTitle(heldFor)} once another owner has confirmed that; all owners were told by mail.
          </p>
        </Notice>
      )}
      {bunkerUrl !== undefined && fate.state === "open" && <Link bunkerUrl={bunkerUrl} fate={fate} id={id} />}
      {bunkerUrl === undefined && fate.state === "open" && (
        <section class="card">
          <p>The link itself was shown once, to whoever made it. If it is lost, withdraw it and make another.</p>
          <PageForm action={`/b/${id}/apps/links/${fate.id}/withdraw`} formToken={frame.person.formToken}>
            <button class="secondary">Withdraw the link for {fate.name}</button>
          </PageForm>
        </section>
      )}
    </BunkerLayout>
  );
}

/** Changes by itself while the page is open. */
function Fate({ frame, fate }: Pick<LinkPageData, "frame" | "fate">) {
  const { id } = frame.bunker;
  return (
    <div id="fate" data-live-on="apps" data-live-from={`/b/${id}/apps/links/${fate.id}`} data-fate={fate.state} aria-live="polite">
      <FateWords fate={fate} id={id} />
    </div>
  );
}

function FateWords({ fate, id }: { fate: InviteFate; id: string }) {
  const { name, state, usedBy, expiresAt, policy } = fate;
  const [app] = usedBy;
  if (app !== undefined) {
    return (
      <Notice
        tone={app.state === "waiting" ? "ask" : "yes"}
        title={app.state === "waiting" ? `${name} waits for your yes` : `${name} is connected`}
      >
        <p>
          {app.metadata?.name !== undefined && (
            <>
              It calls itself <OwnName name={app.metadata.name} />, which anyone can claim.{" "}
            </>
          )}
          It has signed nothing yet. The policy decides what it may do: {policyTitle(policy)}.
        </p>
        <p>
          <a href={`/b/${id}/apps/${app.id}`}>See {name}</a> · <a href={`/b/${id}`}>Back to the overview</a>
        </p>
      </Notice>
    );
  }
  switch (state) {
    case "open":
      return (
        <Notice tone="ask" title={`Waiting for ${name}`}>
          <p>
            Give the link to the app; this page changes by itself once it is used. It runs out <Time at={expiresAt} />.
          </p>
        </Notice>
      );
    case "used":
      return (
        <Notice tone="off" title="This link was used">
          <p>
            Each link works once. <a href={`/b/${id}/apps/connect`}>Make another</a>.
          </p>
        </Notice>
      );
    case "expired":
      return (
        <Notice tone="off" title="This link ran out">
          <p>
            It ran out <Time at={expiresAt} relative={false} />. <a href={`/b/${id}/apps/connect`}>Make a new one</a>.
          </p>
        </Notice>
      );
    case "withdrawn":
      return (
        <Notice tone="off" title="This link was withdrawn">
          <p>
            Nobody can use it any more. <a href={`/b/${id}/apps/connect`}>Make a new one</a>.
          </p>
        </Notice>
      );
  }
}

function Link({ bunkerUrl, fate, id }: { bunkerUrl: string; fate: InviteFate; id: string }) {
  return (
    <section class="card roomy connect-link">
      <div class="ways">
        <p>
          <b>Works once.</b> Whoever uses it first is connected: treat it like a password.
        </p>
        <div class="actions stack">
          <a class="button" href={bunkerUrl}>
            <Icon name="out" />
            Open in an app on this device
          </a>
          <CopyButton text={bunkerUrl} label={`Copy the connect link for ${fate.name}`} small={false} />
        </div>
        <details class="fold">
          <summary>Show the link</summary>
          <pre>
            <code>{bunkerUrl}</code>
          </pre>
        </details>
        <p class="meta">
          It is shown this once and kept nowhere. Without script,{" "}
          <a href={`/b/${id}/apps/links/${fate.id}`}>see here whether it was used</a>.
        </p>
      </div>
      <QrCode text={bunkerUrl} label={`QR code of the connect link for ${fate.name}`} />
    </section>
  );
}

export interface CodePageData {
  readonly frame: BunkerPageFrame;
  readonly policies: readonly PolicyView[];
  readonly code: string;
  readonly parsed: NostrConnect;
  readonly lines: readonly ProposedLine[];
  readonly name: string;
  readonly policy: string;
  readonly errors?: readonly FieldError[];
}

const EFFECTS: readonly (readonly [Effect, string])[] = [
  ["allow", "Allow"],
  ["ask", "Ask"],
  ["deny", "Deny"],
];

/** What the code says, and what the app will be allowed: nothing is connected yet. */
export function CodePage({ frame, policies, code, parsed, lines, name, policy, errors = [] }: CodePageData) {
  const { id } = frame.bunker;
  const app = { metadata: parsed.metadata ?? null };
  const asks = lines.filter(({ effect }) => effect !== undefined);
  return (
    <BunkerLayout
      frame={frame}
      title="Connect this app?"
      back={{ href: `/b/${id}/apps/connect`, label: "Connect an app" }}
      narrow
      errors={errors}
    >
      <section class="card">
        <h2>What the code says of itself</h2>
        {parsed.metadata === undefined ? <p>Nothing: it names neither the app nor its site.</p> : <CallsItself app={app} />}
        <p>
          It will be answered over{" "}
          {parsed.relays.length === 1 ? "this relay, a server that carries messages:" : "these relays, servers that carry messages:"}
        </p>
        <ul>
          {parsed.relays.map((relay) => (
            <li>
              <bdi class="own-words">{hostOf(relay)}</bdi>
            </li>
          ))}
        </ul>
      </section>
      <PageForm action={`/b/${id}/apps/connect/code/accept`} formToken={frame.person.formToken}>
        <input type="hidden" name="code" value={code} />
        <Field id="name" label="What do you call the app?" value={name} errors={errors} autocomplete="off" />
        {asks.length === 0 ? <PolicyCards policies={policies} selected={policy} errors={errors} /> : <Permissions lines={lines} />}
        <button class="stretch">Connect</button>
      </PageForm>
    </BunkerLayout>
  );
}

function Permissions({ lines }: { lines: readonly ProposedLine[] }) {
  return (
    <section>
      <h2>What it asks for</h2>
      <p class="hint">This becomes a policy with the app's name. Asking for it gave the app nothing: what you choose counts.</p>
      <ul class="rows">
        {lines.map(({ permission, words, effect }) => (
          <li>
            <div class="what">
              <p>{words}</p>
              <p class="meta">
                <bdi>{permission}</bdi>
              </p>
            </div>
            {effect !== undefined && (
              <div class="segments" role="radiogroup" aria-label={words}>
                {EFFECTS.map(([value, title]) => (
                  <label>
                    <input type="radio" name={`choice:${permission}`} value={value} checked={value === effect} />
                    <span>{title}</span>
                  </label>
                ))}
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
