// The mail about an owner of the instance who left or was removed: to them, and to those who still own it.

import type { MailWords } from "../message.ts";
import { mailWords, nameInText } from "./body.ts";
import { momentInWords } from "./moment.ts";

export interface OwnerRemovalFacts {
  readonly removed: string;
  readonly by: string;
  readonly at: number;
  readonly zone?: string;
  /** Whether the one who was removed reads this. */
  readonly isReader: boolean;
  readonly host: string;
  /** The page of the owners, or of the account for who does not own it any more. */
  readonly link: string;
  readonly reference: string;
}

export function ownerRemovalMail(facts: OwnerRemovalFacts): MailWords {
  const [removed, by] = [nameInText(facts.removed), nameInText(facts.by)];
  const when = momentInWords(facts.at, facts.zone);
  const who = facts.isReader ? "You own" : `${removed} owns`;
  const cause = facts.removed === facts.by ? `${facts.isReader ? "You" : removed} left` : `${by} did that`;
  return mailWords({
    subject: facts.isReader ? `You do not own ${facts.host} any more` : `${removed} does not own ${facts.host} any more`,
    lead: `${who} nothing at ${facts.host} any more since ${when}, except the bunkers of which ${facts.isReader ? "you are" : "they are"} a member.`,
    blocks: [
      { kind: "say", text: `${cause}, confirmed by passkey.` },
      {
        kind: "action",
        label: facts.isReader ? "See your account" : "See who owns it",
        url: facts.link,
        note: facts.isReader
          ? "It asks you to sign in. Not expected? Talk to the other owners, or to whoever runs this deployment."
          : "It asks you to sign in. Not expected? Lock everything there, and talk to each other.",
      },
    ],
    because: facts.isReader ? `You get this because you owned ${facts.host}.` : `You get this because you own ${facts.host}.`,
    reference: facts.reference,
  });
}
