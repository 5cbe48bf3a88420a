// The mail to every owner about an act that waits for a second one of them.

import type { MailWords } from "../message.ts";
import { parseEmail } from "../email-address.ts";
import { breakLinks, cleanLine } from "../header-text.ts";
import { mailWords, nameInText } from "./body.ts";
import { durationInWords, momentInWords } from "./moment.ts";

export interface SecondOwnerFacts {
  readonly bunker: string;
  /** Who asked, as members know them. */
  readonly by: string;
  /** What happens once it is confirmed: one sentence of ours, which may hold names that people gave. */
  readonly what: string;
  readonly host: string;
  readonly askedAt: number;
  readonly expiresAt: number;
  readonly zone?: string;
  /** The page where an owner confirms or cancels; opening it does neither. */
  readonly link: string;
  readonly reference: string;
}

export function secondOwnerMail(facts: SecondOwnerFacts): MailWords {
  const [bunker, by] = [nameInText(facts.bunker), nameInText(facts.by)];
  const [until, within] = [momentInWords(facts.expiresAt, facts.zone), durationInWords(facts.expiresAt - facts.askedAt)];
  return mailWords({
    about: facts.bunker,
    subject: `${bunker}: ${by} asks for a second owner`,
    lead: `${by} asks for something at ${bunker} that needs a second owner.`,
    blocks: [
      { kind: "say", text: `What happens if another owner confirms: ${sentenceInText(facts.what)}` },
      {
        kind: "action",
        label: "Review it",
        url: facts.link,
        note: `It asks you to sign in. Opening it confirms nothing. If nobody confirms within ${within}, by ${until}, nothing happens.`,
      },
      { kind: "say", text: `Not expected? Cancel it there, and talk to ${by}.` },
    ],
    because: `You get this because you own ${bunker}.`,
    reference: facts.reference,
  });
}

const MAX_SENTENCE_CHARS = 400; // two names and two policies

/** Members' addresses stay readable; whatever else looks like a link is broken up. */
function sentenceInText(sentence: string): string {
  const words = cleanLine(sentence, MAX_SENTENCE_CHARS).split(" ");
  return words.map((word) => parseEmail(word) ?? breakLinks(word)).join(" ");
}
