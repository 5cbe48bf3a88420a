// Mails about something that was stopped or got out. They say who, what it means now, and the next step.

import type { MailWords } from "../message.ts";
import { mailWords, nameInText } from "./body.ts";
import type { Block } from "./body.ts";
import { momentInWords } from "./moment.ts";

export interface SafetyFacts {
  readonly host: string;
  /** When it happened, in milliseconds. */
  readonly at: number;
  /** The reader's time zone (IANA); UTC when absent. */
  readonly zone?: string;
  /** The page that shows it. */
  readonly link: string;
  readonly reference: string;
}

export interface LockedFacts extends SafetyFacts {
  /** Absent: everything at this host. */
  readonly bunker?: string;
  /** Who locked it, as members know them; absent when Countersign did it by itself. */
  readonly by?: string;
}

export function lockedMail(facts: LockedFacts): MailWords {
  const what = facts.bunker === undefined ? `Everything at ${facts.host}` : nameInText(facts.bunker);
  const by = facts.by === undefined ? "Countersign" : nameInText(facts.by);
  return mailWords({
    ...(facts.bunker === undefined ? {} : { about: facts.bunker }),
    subject: `${what} is locked`,
    lead: `${by} locked ${lowerFirst(what, facts.bunker)} on ${momentInWords(facts.at, facts.zone)}.`,
    blocks: [
      { kind: "say", text: "No app can sign. Requests that wait stay, but nobody can approve them until an owner unlocks." },
      seeAction(facts, facts.bunker === undefined ? "See what is locked" : `See ${nameInText(facts.bunker)}`),
      { kind: "say", text: "Not expected? Leave it locked and ask the other owners." },
    ],
    because: because(facts, facts.bunker),
    reference: facts.reference,
  });
}

export interface SuspendedFacts extends SafetyFacts {
  readonly bunker: string;
  /** The app's name as a member gave it, never what it calls itself. */
  readonly app: string;
  readonly by?: string;
  /** Why, as a sentence of ours: "It was refused 20 times within a minute." */
  readonly cause?: string;
}

export function suspendedMail(facts: SuspendedFacts): MailWords {
  const [bunker, app] = [nameInText(facts.bunker), nameInText(facts.app)];
  const by = facts.by === undefined ? "Countersign" : nameInText(facts.by);
  const cause: Block[] = facts.cause === undefined ? [] : [{ kind: "say", text: facts.cause }];
  return mailWords({
    about: facts.bunker,
    subject: `${by} suspended ${app} (${bunker})`,
    lead: `${by} suspended ${app} on ${momentInWords(facts.at, facts.zone)}: it can no longer use ${bunker}.`,
    blocks: [
      ...cause,
      { kind: "say", text: "Its requests are refused; other apps go on. An admin or an owner can resume it." },
      seeAction(facts, `See what ${app} did`),
    ],
    because: because(facts, facts.bunker),
    reference: facts.reference,
  });
}

export interface KeyExportedFacts extends SafetyFacts {
  readonly bunker: string;
  readonly by: string;
}

export function keyExportedMail(facts: KeyExportedFacts): MailWords {
  const [bunker, by] = [nameInText(facts.bunker), nameInText(facts.by)];
  return mailWords({
    about: facts.bunker,
    subject: `The key of ${bunker} was exported`,
    lead: `${by} exported the secret key of ${bunker} on ${momentInWords(facts.at, facts.zone)}.`,
    blocks: [
      {
        kind: "say",
        text: `Whoever has that copy can sign as ${bunker} without Countersign, past its policies and its records. It cannot be taken back.`,
      },
      seeAction(facts, `See ${bunker}`),
      { kind: "say", text: `Not expected? Lock ${bunker}, talk to ${by}, and tell its readers which identity to follow instead.` },
    ],
    because: because(facts, facts.bunker),
    reference: facts.reference,
  });
}

export interface RestoredFacts extends SafetyFacts {
  readonly bunker: string;
  readonly by: string;
  /** When the backup was made, in milliseconds. */
  readonly madeAt: number;
}

export function restoredMail(facts: RestoredFacts): MailWords {
  const [bunker, by] = [nameInText(facts.bunker), nameInText(facts.by)];
  return mailWords({
    about: facts.bunker,
    subject: `${bunker} was restored from a backup`,
    lead: `${by} restored ${bunker} on ${momentInWords(facts.at, facts.zone)}, from a backup of ${momentInWords(facts.madeAt, facts.zone)}.`,
    blocks: [
      {
        kind: "say",
        text: "It is locked, and its apps are suspended. Members, policies and settings are those of the backup: what was changed after it is undone.",
      },
      seeAction(facts, `Look through ${bunker}`),
      {
        kind: "say",
        text: "Look at apps, policies and team before you unlock it. Not expected? Leave it locked and ask the other owners.",
      },
    ],
    because: because(facts, facts.bunker),
    reference: facts.reference,
  });
}

function seeAction(facts: SafetyFacts, label: string): Block {
  return { kind: "action", label, url: facts.link, note: "It asks you to sign in. Opening it changes nothing." };
}

function because(facts: SafetyFacts, bunker: string | undefined): string {
  return `You get this because you own ${bunker === undefined ? `bunkers at ${facts.host}` : nameInText(bunker)}.`;
}

/** "Everything at …" begins a subject; within a sentence it is small. A bunker's name stays as it is. */
function lowerFirst(what: string, bunker: string | undefined): string {
  return bunker === undefined ? what.charAt(0).toLowerCase() + what.slice(1) : what;
}
