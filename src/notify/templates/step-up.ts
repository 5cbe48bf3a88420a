// The mail with the code that confirms somebody who is signed in already. Its link confirms nothing: it shows who is signed in.

import type { EmailAddress } from "../email-address.ts";
import type { MailWords } from "../message.ts";
import { mailWords, nameInText } from "./body.ts";
import { durationInWords, momentInWords } from "./moment.ts";

export interface StepUpFacts {
  readonly email: EmailAddress;
  readonly host: string;
  /** Eight digits, for the browser that asked and no other. */
  readonly code: string;
  /** "Firefox on Windows", in our words. */
  readonly browser: string;
  /** The page that shows who is signed in. */
  readonly link: string;
  readonly sentAt: number;
  readonly expiresAt: number;
  readonly zone?: string;
  readonly reference: string;
}

const CODE = /^[0-9]{8}$/;

export function stepUpMail(facts: StepUpFacts): MailWords {
  if (!CODE.test(facts.code)) throw new TypeError(`expected a code of 8 digits, got ${facts.code.length} characters`);
  const until = momentInWords(facts.expiresAt, facts.zone);
  return mailWords({
    subject: `Confirm that it is you at ${facts.host}`,
    lead: `${nameInText(facts.browser)}, signed in at ${facts.host} as ${facts.email}, asks for something that loosens protection.`,
    blocks: [
      { kind: "code", label: "If it is you, type this code on the page that asked for it", code: facts.code },
      {
        kind: "say",
        text: `It works once, in that browser alone, for ${durationInWords(facts.expiresAt - facts.sentAt)}, until ${until}. Nothing happens before.`,
      },
      {
        kind: "say",
        text: "Not you? Then somebody is signed in as you: sign out all other browsers. Give the code to nobody, whoever asks.",
      },
      { kind: "action", label: "See who is signed in", url: facts.link, note: "It asks you to sign in. Opening it changes nothing." },
    ],
    because: `You get this because you are signed in at ${facts.host} and have no passkey there.`,
    reference: facts.reference,
  });
}
