// The mail that signs somebody in: a link for this device, a code for another one.

import type { EmailAddress } from "../email-address.ts";
import type { MailWords } from "../message.ts";
import { mailWords } from "./body.ts";
import { durationInWords, momentInWords } from "./moment.ts";

export interface SignInFacts {
  readonly email: EmailAddress;
  /** Host of the public URL, as people know this deployment. */
  readonly host: string;
  /** Signs in the browser whose person presses the page's button; opening it does nothing. */
  readonly link: string;
  /** Eight digits, for the browser that asked and no other. Never in the subject: lock screens show subjects. */
  readonly code: string;
  readonly sentAt: number;
  readonly expiresAt: number;
  readonly zone?: string;
  readonly reference: string;
}

const CODE = /^[0-9]{8}$/;

export function signInMail(facts: SignInFacts): MailWords {
  if (!CODE.test(facts.code)) throw new TypeError(`expected a code of 8 digits, got ${facts.code.length} characters`);
  const until = momentInWords(facts.expiresAt, facts.zone);
  return mailWords({
    subject: `Sign in to Countersign at ${facts.host}`,
    lead: `Somebody, most likely you, wants to sign in at ${facts.host} as ${facts.email}.`,
    blocks: [
      {
        kind: "action",
        label: "Sign in",
        url: facts.link,
        note: `Opening it signs nobody in: the page asks first. It works once, for ${durationInWords(facts.expiresAt - facts.sentAt)}, until ${until}.`,
      },
      { kind: "code", label: "Reading this on another device? Type this code on the page that asked for it", code: facts.code },
      { kind: "say", text: "Not you? Do nothing: without this mail nobody gets in. Give the code to nobody, whoever asks." },
    ],
    because: `You get this because your address was typed into the sign-in page of ${facts.host}.`,
    reference: facts.reference,
  });
}
