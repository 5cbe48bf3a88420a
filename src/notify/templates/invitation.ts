// The mail that tells a new member what they may do from now on. It invites to sign in and grants nothing by itself.

import type { MailWords } from "../message.ts";
import { mailWords, nameInText } from "./body.ts";

export type InvitedRole = "owner" | "admin" | "approver" | "viewer";

export interface InvitationFacts {
  /** Who invites, as members know them. */
  readonly inviter: string;
  readonly bunker: string;
  readonly role: InvitedRole;
  readonly host: string;
  /** The sign-in page. */
  readonly link: string;
  readonly reference: string;
}

export function invitationMail(facts: InvitationFacts): MailWords {
  const bunker = nameInText(facts.bunker);
  const inviter = nameInText(facts.inviter);
  const { invites, may } = wordsOf(facts.role, bunker);
  return mailWords({
    about: facts.bunker,
    subject: `${inviter} invites you to ${invites}`,
    lead: `${inviter} invites you to ${invites}.`,
    blocks: [
      { kind: "say", text: `${bunker} is a bunker at ${facts.host}: it keeps one Nostr identity, and apps ask it to sign. ${may}` },
      {
        kind: "action",
        label: "Sign in",
        url: facts.link,
        note: "Sign in with this address: a link or a code comes by mail. There is no password.",
      },
      { kind: "say", text: `Not expected? Do nothing, or ask ${inviter}. Nobody acts in your name unless they can read your mail.` },
    ],
    because: `You get this because ${inviter} added your address to ${bunker}.`,
    reference: facts.reference,
  });
}

function wordsOf(role: InvitedRole, bunker: string): { invites: string; may: string } {
  switch (role) {
    case "owner":
      return { invites: `own ${bunker}`, may: "As an owner you may do everything: people, policies, locking and the key itself." };
    case "admin":
      return { invites: `manage ${bunker}`, may: "As an admin you manage its apps and policies." };
    case "approver":
      return {
        invites: `approve posts of ${bunker}`,
        may: "As an approver you get a mail when an app asks for something that people decide, and vote on it.",
      };
    case "viewer":
      return { invites: `see what ${bunker} signs`, may: "As a viewer you read its activity and decide nothing." };
  }
}
