// The first ten minutes: six steps, each ticked by what is so and not by what was pressed. It can be left and taken up on any device.

import type { Child } from "hono/jsx";
import type { PracticeView } from "../../../durable-objects/console-rpc.ts";
import { PageForm } from "../forms.tsx";
import type { FramePerson } from "../layout.tsx";
import { Icon } from "../parts/icons.tsx";

export interface OnboardingFacts {
  readonly hasPasskey: boolean;
  /** The first bunker; null while there is none. */
  readonly bunker: {
    readonly id: string;
    readonly name: string;
    readonly apps: number;
    /** Some app is under another policy than that everything waits for a person. */
    readonly policyChosen: boolean;
    readonly members: number;
    readonly practice: PracticeView;
  } | null;
  /** Null where mail works; else one sentence on why it does not. */
  readonly mailTrouble: string | null;
}

type StepState = "done" | "now" | "later";

export function Onboarding({ facts, person }: { facts: OnboardingFacts; person: FramePerson }) {
  const { bunker, hasPasskey } = facts;
  const done = [
    true,
    bunker !== null,
    (bunker?.apps ?? 0) > 0,
    bunker?.policyChosen === true,
    (bunker?.members ?? 0) > 1,
    bunker?.practice.state === "over",
  ];
  const next = done.indexOf(false);
  const stateOf = (index: number): StepState => (done[index] === true ? "done" : index === next ? "now" : "later");
  const left = done.filter((each) => !each).length;
  return (
    <section aria-labelledby="first-steps">
      <h2 id="first-steps">First steps</h2>
      <ol class="steps">
        <Step number={1} state="done" title="Claim">
          <p>This Countersign is yours.</p>
          {!hasPasskey && <AddPasskey />}
        </Step>
        <Step number={2} state={stateOf(1)} title="Key">
          {bunker === null ? (
            <>
              <p>A bunker keeps one Nostr identity: a secret key that signs in its name.</p>
              <div class="actions">
                <a class="button" href="/new">
                  Make a new key
                </a>
                <a class="button secondary" href="/new/import">
                  Bring your key
                </a>
              </div>
            </>
          ) : (
            <p>
              <a href={`/b/${bunker.id}`}>{bunker.name}</a> keeps its key here. Keep a copy of it: without one nobody can restore the
              identity. <a href={`/b/${bunker.id}/settings/custody`}>See how the key is kept</a>
            </p>
          )}
        </Step>
        <Step number={3} state={stateOf(2)} title="Connect an app">
          {stateOf(2) === "done" ? (
            <p>{bunker?.apps === 1 ? "1 app is connected." : `${bunker?.apps ?? 0} apps are connected.`}</p>
          ) : (
            <>
              <p>Apps never see the key; they send what they want signed. Until you choose a policy, every request waits for a person.</p>
              {bunker !== null && <Go href={`/b/${bunker.id}/apps/connect`} label="Connect an app" isNow={stateOf(2) === "now"} />}
            </>
          )}
        </Step>
        <Step number={4} state={stateOf(3)} title="Policy">
          {stateOf(3) === "done" ? (
            <p>Your app may do something without asking.</p>
          ) : (
            <>
              <p>What may the app do without asking? Choose a policy on its page; leaving it at “Ask everything” is a choice too.</p>
              {bunker !== null && bunker.apps > 0 && (
                <Go href={`/b/${bunker.id}/apps`} label="Choose a policy" isNow={stateOf(3) === "now"} />
              )}
            </>
          )}
        </Step>
        <Step number={5} state={stateOf(4)} title="People">
          {stateOf(4) === "done" ? (
            <p>{bunker?.members} people can look after it.</p>
          ) : (
            <>
              <p>Who should be asked? They need only a mail address.</p>
              {facts.mailTrouble !== null && <p class="hint">{facts.mailTrouble}</p>}
              {bunker !== null && <Go href={`/b/${bunker.id}/team`} label="Invite somebody" isNow={stateOf(4) === "now"} />}
            </>
          )}
        </Step>
        <Step number={6} state={stateOf(5)} title="Practice">
          <Practice facts={facts} person={person} isNow={stateOf(5) === "now"} />
        </Step>
      </ol>
      {bunker !== null && bunker.apps > 0 && (
        <PageForm action="/first-steps/hide" formToken={person.formToken}>
          <button class="plain">{left === 0 ? "Done: put this list away" : "Skip the rest and put this list away"}</button>
        </PageForm>
      )}
    </section>
  );
}

function Practice({ facts: { bunker, mailTrouble }, person, isNow }: { facts: OnboardingFacts; person: FramePerson; isNow: boolean }) {
  if (bunker === null) return <p>Send yourselves a practice request: a real mail and page, and nothing is signed.</p>;
  const { state, approvalId } = bunker.practice;
  if (state === "over") return <p>You have seen all of it. Your key is safe to use.</p>;
  if (state === "waiting") {
    return (
      <p>
        A practice request waits for you. {mailTrouble === null ? "Look into your mail, or" : "Mail is not set up, so"}{" "}
        <a href={`/a/${approvalId ?? ""}`}>read it here and decide</a>.
      </p>
    );
  }
  return (
    <>
      <p>Send yourselves a practice request: a real mail and page, and nothing is signed.</p>
      <PageForm action={`/b/${bunker.id}/practice`} formToken={person.formToken}>
        <button class={isNow ? "" : "secondary"}>Send a practice request</button>
      </PageForm>
    </>
  );
}

function AddPasskey() {
  return (
    <>
      <p>Add a passkey: safer and quicker than mailed links.</p>
      <a class="button secondary small" href="/account#passkeys">
        Add a passkey
      </a>
    </>
  );
}

function Go({ href, label, isNow }: { href: string; label: string; isNow: boolean }) {
  return (
    <a class={isNow ? "button" : "button secondary"} href={href}>
      {label}
    </a>
  );
}

function Step({ number, state, title, children }: { number: number; state: StepState; title: string; children?: Child }) {
  return (
    <li class={state}>
      <span class="tick" aria-hidden="true">
        {state === "done" ? <Icon name="tick" /> : number}
      </span>
      <div>
        <h3>
          {title}
          {state === "done" && <span class="hidden-words"> (done)</span>}
        </h3>
        {children}
      </div>
    </li>
  );
}
