// Mails about a change that waits on purpose, so that whoever reads one of them can stop it in time.

import type { MailWords } from "../message.ts";
import { mailWords, nameInText } from "./body.ts";
import { durationInWords, momentInWords } from "./moment.ts";

/** What is going to happen unless an owner cancels. */
export type AnnouncedChange =
  /** The holder of the setup token names an owner, because none is left or none answers. */
  | { readonly kind: "owner-nomination"; readonly nominee: string }
  | { readonly kind: "key-export"; readonly bunker: string; readonly by: string }
  | { readonly kind: "bunker-deletion"; readonly bunker: string; readonly by: string }
  | { readonly kind: "member"; readonly bunker: string; readonly by: string; readonly member: string; readonly role: string }
  | { readonly kind: "member-removal"; readonly bunker: string; readonly by: string; readonly member: string };

export interface AnnouncementFacts {
  readonly change: AnnouncedChange;
  readonly host: string;
  readonly announcedAt: number;
  readonly effectiveAt: number;
  readonly zone?: string;
  /** The page where an owner cancels; opening it cancels nothing. */
  readonly link: string;
  readonly reference: string;
}

export function announcementMail(facts: AnnouncementFacts): MailWords {
  const words = wordsOf(facts.change, facts.host);
  const when = momentInWords(facts.effectiveAt, facts.zone);
  return mailWords({
    ...("bunker" in facts.change ? { about: facts.change.bunker } : {}),
    subject: words.subject,
    lead: `${words.what} on ${when}, in ${durationInWords(facts.effectiveAt - facts.announcedAt)}, unless an owner cancels.`,
    blocks: [
      { kind: "say", text: words.cause },
      {
        kind: "action",
        label: "Review and cancel",
        url: facts.link,
        note: "Any owner can cancel, after signing in. Opening it cancels nothing.",
      },
      { kind: "say", text: "Expected? Then there is nothing to do." },
    ],
    because: words.because,
    reference: facts.reference,
  });
}

interface ChangeWords {
  readonly subject: string;
  /** The beginning of "… on 26 Nov 2026, 12:30 (UTC), in 72 hours, unless an owner cancels." */
  readonly what: string;
  readonly cause: string;
  readonly because: string;
}

function wordsOf(change: AnnouncedChange, host: string): ChangeWords {
  switch (change.kind) {
    case "owner-nomination": {
      const nominee = nameInText(change.nominee);
      return {
        subject: `${nominee} is to own every bunker at ${host}`,
        what: `${nominee} becomes an owner of every bunker at ${host}`,
        cause: "Whoever holds the setup token of this deployment asked for it. An owner may do everything, the keys included.",
        because: `You get this because you are a member at ${host}.`,
      };
    }
    case "key-export": {
      const [bunker, by] = [nameInText(change.bunker), nameInText(change.by)];
      return {
        subject: `The key of ${bunker} is to be exported`,
        what: `${by} can export the secret key of ${bunker}`,
        cause: `Whoever has the key can sign as ${bunker} without Countersign, and that cannot be taken back. It waits because ${by} asked without a passkey.`,
        because: `You get this because you own ${bunker}.`,
      };
    }
    case "bunker-deletion": {
      const [bunker, by] = [nameInText(change.bunker), nameInText(change.by)];
      return {
        subject: `${bunker} is to be deleted`,
        what: `The key of ${bunker} is destroyed`,
        cause: `${by} deleted it. Its apps are stopped already. Once the key is destroyed, the identity is gone unless somebody has a copy.`,
        because: `You get this because you own ${bunker}.`,
      };
    }
    case "member": {
      const [bunker, by, member] = [nameInText(change.bunker), nameInText(change.by), nameInText(change.member)];
      return {
        subject: `${member} is to become ${nameInText(change.role)} of ${bunker}`,
        what: `${member} becomes ${nameInText(change.role)} of ${bunker}`,
        cause: `${by} asked for it. It waits because ${by} asked without a passkey.`,
        because: `You get this because you own ${bunker}.`,
      };
    }
    case "member-removal": {
      const [bunker, by, member] = [nameInText(change.bunker), nameInText(change.by), nameInText(change.member)];
      return {
        subject: `${member} is to leave ${bunker}`,
        what: `${member} is no member of ${bunker} any more`,
        cause: `${by} asked for it. It waits because ${by} asked without a passkey.`,
        because: `You get this because you own ${bunker}.`,
      };
    }
  }
}
