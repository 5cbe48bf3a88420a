// The mails of an approval: the question with its one link, reminders, several at once, and how it ended. A subject holds the bunker, the
// app's name as a member gave it, and what it wishes; never a word of the request.

import type { AskedRequest, Presentation } from "../../../durable-objects/approvals-rpc.ts";
import { breakLinks, cleanLine } from "../header-text.ts";
import type { MailWords } from "../message.ts";
import { mailWords, nameInText } from "./body.ts";
import type { Block } from "./body.ts";
import { durationInWords, momentInWords } from "./moment.ts";
import { lookOut, requestBlocks } from "./request.ts";

/** What every mail about an approval says. */
export interface ApprovalMailBase {
  readonly bunker: string;
  /** The app's name as a member gave it, never what it calls itself. */
  readonly app: string;
  /** Host of the public URL. */
  readonly host: string;
  /** The reader's time zone (IANA); UTC when absent. */
  readonly zone?: string;
  /** What the app wishes: "publish a note". Ours. */
  readonly wish: string;
  /** Four letters; they end the subject. */
  readonly reference: string;
}

export interface ApprovalQuestionFacts extends ApprovalMailBase {
  /** "again": what is asked for became more since the reader had approved, or the app asked again with a new date. */
  readonly occasion: "new" | "again" | "reminder";
  readonly request: AskedRequest;
  readonly presentation: Presentation;
  /** The bunker's setting: excerpts of text, or the kind and the app only. Private messages are always the latter. */
  readonly shows: "text" | "kind";
  /** One sentence on why it is asked. */
  readonly why: string;
  /** How many people must approve in all: the highest number of any rule. */
  readonly need: number;
  /** Addresses of those who approved. */
  readonly approvedBy: readonly string[];
  readonly passkey: boolean;
  readonly now: number;
  readonly expiresAt: number;
  /** Absent unless silence would sign it: after so many seconds from when enough people heard of it. */
  readonly vetoAfterSeconds?: number;
  /** Reading and deciding; opening it decides nothing. The stop page is the same with "/stop" behind it. */
  readonly link: string;
  readonly fingerprint: string;
  /** Where the reader chooses which mails come. */
  readonly accountLink: string;
}

export interface ApprovalDigestFacts {
  readonly bunker: string;
  readonly host: string;
  readonly zone?: string;
  readonly reference: string;
  readonly accountLink: string;
  /** Oldest first. */
  readonly items: readonly {
    readonly app: string;
    readonly wish: string;
    readonly reference: string;
    readonly expiresAt: number;
    readonly link: string;
  }[];
}

export interface ApprovalOutcomeFacts extends ApprovalMailBase {
  readonly outcome: "approved" | "rejected" | "expired" | "withdrawn" | "failed";
  /** Addresses of those whose votes decided. */
  readonly by: readonly string[];
  /** "Approved by Ana and Ben. Signed, and sent to news-bot." */
  readonly sentence: string;
  readonly at: number;
  /** The page of a signed-in member. */
  readonly link: string;
}

/** To owners: its time ran out and nobody had voted at all. */
export interface UnansweredFacts extends ApprovalMailBase {
  readonly askedAt: number;
  readonly expiredAt: number;
  readonly link: string;
}

/** An app used its connect link, and a member must confirm it. */
export interface WaitingAppFacts {
  readonly bunker: string;
  readonly app: string;
  readonly host: string;
  readonly zone?: string;
  readonly reference: string;
  readonly policy: string;
  readonly until: number;
  readonly link: string;
}

/** More would make a mail that nobody reads, and one beyond 20 kB. */
const MAX_DIGEST_ITEMS = 12;

export function approvalQuestionMail(facts: ApprovalQuestionFacts): MailWords {
  const { link, fingerprint, accountLink, reference } = facts;
  const [bunker, app] = [nameInText(facts.bunker), nameInText(facts.app)];
  const subject = wishSubject(facts);
  return mailWords({
    about: facts.bunker,
    subject: facts.occasion === "reminder" ? `${durationInWords(facts.expiresAt - facts.now)} left: ${subject}` : subject,
    lead: lead(facts),
    blocks: [
      ...(facts.occasion === "again" ? [AGAIN] : []),
      ...whatIsAsked(facts, app, bunker),
      ...conditions(facts),
      { kind: "action", label: "Read and decide", url: link, note: "Opening it decides nothing. The link is yours alone." },
      { kind: "link", label: `Not expected? Stop ${app} or lock ${bunker} (asks first)`, url: `${link}/stop` },
    ],
    because: because(facts.bunker),
    fewer: accountLink,
    fingerprint,
    reference,
  });
}

function whatIsAsked({ presentation, shows, wish, why }: ApprovalQuestionFacts, app: string, bunker: string): Block[] {
  if (shows === "kind" || presentation.isPrivate) {
    const hidden = presentation.isPrivate ? "Private messages are never quoted in mails." : "The mails of this bunker quote nothing.";
    return [{ kind: "say", text: `${app} wants to ${wish} as ${bunker}. ${hidden}` }];
  }
  const reasons = [`Why you are asked: ${breakLinks(cleanLine(why, MAX_WHY_CHARACTERS))}`, lookOut(presentation)].filter(
    (reason) => reason !== undefined,
  );
  return [
    { kind: "say", text: `${app} wants to ${wish} as ${bunker}:` },
    ...requestBlocks(presentation),
    { kind: "say", text: reasons.join(" ") },
  ];
}

const MAX_WHY_CHARACTERS = 500; // a sentence about several rules

const AGAIN: Block = { kind: "say", text: "It is asked again: what you decided on before has changed, so a new answer is needed." };

function lead({ need, approvedBy, expiresAt, zone }: ApprovalQuestionFacts): string {
  const people = need === 1 ? "1 person" : `${need} people`;
  const have =
    approvedBy.length === 0
      ? "Nobody has yet."
      : `${approvedBy.length} ${approvedBy.length === 1 ? "has" : "have"}: ${listed(approvedBy)}.`;
  return `${people} must approve before ${momentInWords(expiresAt, zone)}. ${have}`;
}

function conditions({ passkey, vetoAfterSeconds }: ApprovalQuestionFacts): Block[] {
  const lines: string[] = [];
  if (passkey) lines.push("The answer needs a passkey.");
  if (vetoAfterSeconds !== undefined) {
    const after = durationInWords(vetoAfterSeconds * 1000);
    lines.push(`It is signed by itself ${after} after enough people were told, unless somebody rejects.`);
  }
  return lines.length === 0 ? [] : [{ kind: "say", text: lines.join(" ") }];
}

export function approvalDigestMail(facts: ApprovalDigestFacts): MailWords {
  const bunker = nameInText(facts.bunker);
  const number = facts.items.length;
  const blocks = facts.items.slice(0, MAX_DIGEST_ITEMS).map(({ app, wish, reference, expiresAt, link }): Block => {
    const until = momentInWords(expiresAt, facts.zone);
    return { kind: "link", label: `${nameInText(app)} wants to ${wish}, until ${until} (${reference})`, url: link };
  });
  const rest = number - blocks.length;
  return mailWords({
    about: facts.bunker,
    subject: `${bunker}: ${number} requests are waiting`,
    lead: `${number} requests wait for people of ${bunker}.`,
    blocks: [
      ...blocks,
      ...(rest > 0
        ? [{ kind: "link" as const, label: `And ${rest} more, after signing in`, url: new URL("/approvals", facts.accountLink).href }]
        : []),
      { kind: "say", text: "Opening a link decides nothing. The links are yours alone." },
    ],
    because: because(facts.bunker),
    fewer: facts.accountLink,
    reference: facts.reference,
  });
}

export function approvalOutcomeMail(facts: ApprovalOutcomeFacts): MailWords {
  return mailWords({
    about: facts.bunker,
    subject: `${outcomeWords(facts)}: ${wishSubject(facts)}`,
    lead: `${facts.sentence} That was on ${momentInWords(facts.at, facts.zone)}.`,
    blocks: [{ kind: "action", label: "See it", url: facts.link, note: "It asks you to sign in. Opening it changes nothing." }],
    because: because(facts.bunker),
    reference: facts.reference,
  });
}

export function unansweredMail(facts: UnansweredFacts): MailWords {
  const [asked, expired] = [facts.askedAt, facts.expiredAt].map((at) => momentInWords(at, facts.zone));
  return mailWords({
    about: facts.bunker,
    subject: `Nobody has answered: ${wishSubject(facts)}`,
    lead: `Nobody voted on a request of ${nameInText(facts.app)} from ${asked} to ${expired}. Nothing was signed.`,
    blocks: [{ kind: "action", label: "See it", url: facts.link, note: "It asks you to sign in. Opening it changes nothing." }],
    because: `You get this because you own ${nameInText(facts.bunker)}.`,
    reference: facts.reference,
  });
}

export function waitingAppMail(facts: WaitingAppFacts): MailWords {
  const [bunker, app] = [nameInText(facts.bunker), nameInText(facts.app)];
  return mailWords({
    about: facts.bunker,
    subject: `${bunker}: ${app} waits to be connected`,
    lead: `Somebody used the connect link of ${app}. Confirm it before ${momentInWords(facts.until, facts.zone)}, if it was you or is expected.`,
    blocks: [
      { kind: "say", text: `Until then it can do nothing. Confirmed, its policy is ${nameInText(facts.policy)}.` },
      { kind: "action", label: "Look at it", url: facts.link, note: "It asks you to sign in. Opening it changes nothing." },
    ],
    because: `You get this because you manage the apps of ${bunker}.`,
    reference: facts.reference,
  });
}

function wishSubject({ bunker, app, wish }: ApprovalMailBase): string {
  return `${nameInText(bunker)}: ${nameInText(app)} wants to ${wish}`;
}

function outcomeWords({ outcome, by }: ApprovalOutcomeFacts): string {
  switch (outcome) {
    case "approved":
      return by.length === 0 ? "Signed, as nobody objected" : `Approved by ${listed(by)}`;
    case "rejected":
      return `Rejected by ${listed(by)}`;
    case "expired":
      return "Expired without a decision";
    case "withdrawn":
      return "Withdrawn";
    case "failed":
      return "Could not be signed";
  }
}

function because(bunker: string): string {
  return `You get this because you approve for ${nameInText(bunker)}.`;
}

function listed(emails: readonly string[]): string {
  const names = emails.map(nameInText);
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}
