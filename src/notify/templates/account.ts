// Mails about a person's own account: a way in that was added or taken away, and a test that mail arrives.

import type { MailWords } from "../message.ts";
import { mailWords, nameInText } from "./body.ts";
import { momentInWords } from "./moment.ts";

export type WayInChange = "passkey-added" | "passkey-removed" | "nostr-key-added" | "nostr-key-removed";

const CHANGES: Readonly<Record<WayInChange, { readonly what: string; readonly means: string }>> = {
  "passkey-added": { what: "A passkey was added to your account", means: "It signs in as you, and confirms what loosens protection." },
  "passkey-removed": { what: "A passkey was removed from your account", means: "It signs nobody in any more." },
  "nostr-key-added": { what: "A Nostr key was added to your account", means: "Whoever holds it signs in as you. It confirms nothing." },
  "nostr-key-removed": { what: "A Nostr key was removed from your account", means: "It signs nobody in any more." },
};

export interface WayInFacts {
  readonly change: WayInChange;
  /** The passkey's name, or the key. */
  readonly name: string;
  /** "Firefox on Windows", in our words. */
  readonly browser: string;
  readonly host: string;
  readonly at: number;
  readonly zone?: string;
  readonly link: string;
  readonly reference: string;
}

export function wayInMail(facts: WayInFacts): MailWords {
  const { what, means } = CHANGES[facts.change];
  return mailWords({
    subject: `${what} at ${facts.host}`,
    lead: `${what} on ${momentInWords(facts.at, facts.zone)}.`,
    blocks: [
      { kind: "say", text: `${nameInText(facts.name)}, from ${nameInText(facts.browser)}. ${means}` },
      { kind: "action", label: "See your account", url: facts.link, note: "It asks you to sign in. Opening it changes nothing." },
      { kind: "say", text: "Not you? Remove what you do not know, sign out all other browsers, and tell the other owners." },
    ],
    because: `You get this because it is your account at ${facts.host}. It is always sent.`,
    reference: facts.reference,
  });
}

export function testMail(facts: {
  readonly host: string;
  readonly at: number;
  readonly zone?: string;
  readonly link: string;
  readonly reference: string;
}): MailWords {
  return mailWords({
    subject: `A test from Countersign at ${facts.host}`,
    lead: `Mail from ${facts.host} arrives. You asked for this test on ${momentInWords(facts.at, facts.zone)}.`,
    blocks: [{ kind: "action", label: "Go back", url: facts.link, note: "It asks you to sign in." }],
    because: `You get this because you pressed “Send a test to me” at ${facts.host}.`,
    reference: facts.reference,
  });
}
