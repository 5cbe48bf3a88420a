// The Account's RPC surface as plain data. Whoever acts for a signed-in person shows the session's secret, and the account checks it in
// the same call; WebAuthn's messages travel as JSON text in the spelling of its JSON forms.

import type { EmailAddress } from "../src/notify/email-address.ts";
import type { Preferences } from "../src/people/preferences.ts";
import type { StepUp } from "../src/people/session.ts";
import type { Result } from "../src/result.ts";
import type { MailView } from "./mail-view.ts";
import type { Profile } from "./people-rpc.ts";

/** What a browser says of itself, in our words. */
export interface FromBrowser {
  readonly browser: string;
}

export interface SignedIn {
  readonly sessionId: string;
  readonly email: string;
  /** Null unless it holds now. */
  readonly stepUp: StepUp | null;
  readonly hasPasskey: boolean;
  readonly preferences: Preferences;
}

export interface SessionView {
  readonly id: string;
  readonly browser: string;
  readonly createdAt: number;
  /** To the hour. */
  readonly lastSeenAt: number;
  readonly isThisOne: boolean;
}

export interface PasskeyView {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

export interface NostrKeyView {
  readonly pubkey: string;
  readonly npub: string;
  readonly addedAt: number;
  readonly lastUsedAt: number | null;
}

export interface AccountView {
  readonly email: string;
  readonly sessions: readonly SessionView[];
  readonly passkeys: readonly PasskeyView[];
  readonly nostrKeys: readonly NostrKeyView[];
  readonly preferences: Preferences;
  readonly isSteppedUp: boolean;
}

/** What became of a mail; never its words. */
export interface OwnMailView {
  readonly topic: string;
  readonly state: "queued" | "sent" | "failed";
  readonly reason: string | null;
  readonly queuedAt: number;
  readonly nextTryAt: number | null;
}

export interface AskForSignIn {
  /** Chosen by the Worker, so that the answer to an unknown address looks the same. */
  readonly signInId: string;
  /** The secret of the browser that asked: the code works there only. */
  readonly browserSecret: string;
  readonly publicUrl: string;
}

export interface SignInByCode extends FromBrowser {
  readonly signInId: string;
  readonly browserSecret: string;
  readonly code: string;
}

/** Where a passkey ceremony takes place. */
export interface PasskeyPlace {
  /** Host name of the public URL. */
  readonly rpId: string;
  readonly origin: string;
}

export interface PasskeyAnswer extends PasskeyPlace {
  readonly responseJson: string;
}

export interface PasskeySignIn extends PasskeyAnswer, FromBrowser {
  /** Already known to be one of ours and still young. */
  readonly challenge: string;
}

/** A NIP-98 event as JSON text. */
interface NostrLogin {
  readonly eventText: string;
  readonly publicUrl: string;
}

export interface NostrSignIn extends NostrLogin, FromBrowser {}

export interface AddNostrKey extends NostrLogin {
  /** The secret of the browser that got the challenge. */
  readonly browserSecret: string;
}

export interface AccountRpc {
  /** Who this is; null where there is no account. */
  profile(): Promise<Profile | null>;
  /** Makes the account when there is none. Only the Instance calls this, for somebody who is a member or becomes one. */
  ensure(email: EmailAddress): Promise<Result<null>>;
  /** Seals the account's seed under that root, when it rests under another. Twice is harmless. Only the Instance calls this. */
  reseal(rootId: string): Promise<Result<null>>;
  /** A session without any proof: only the Instance calls this, for the person who showed the claim code. */
  openClaimedSession(from: FromBrowser): Promise<Result<{ sessionSecret: string }>>;

  /** Whose session that is; null for any other secret. Costs a read, and a write an hour. */
  authenticate(sessionSecret: string): Promise<SignedIn | null>;

  /** Mails a link and a code. Does nothing, and says nothing, where there is no account. */
  askForSignIn(input: AskForSignIn): Promise<void>;
  /** For the page behind a mailed link; changes nothing. */
  lookAtLink(linkSecret: string): Promise<{ email: string } | null>;
  signInByLink(linkSecret: string, from: FromBrowser): Promise<Result<{ sessionSecret: string }>>;
  signInByCode(input: SignInByCode): Promise<Result<{ sessionSecret: string }>>;
  signInByPasskey(input: PasskeySignIn): Promise<Result<{ sessionSecret: string }>>;
  /** With a key that the account names. The Instance has found its challenge to be ours, and no bunker here to hold the key. */
  signInByNostrKey(input: NostrSignIn): Promise<Result<{ sessionSecret: string }>>;

  view(sessionSecret: string): Promise<Result<AccountView>>;
  endSession(sessionSecret: string, sessionId: string): Promise<Result<null>>;
  endThisSession(sessionSecret: string): Promise<void>;
  endOtherSessions(sessionSecret: string): Promise<Result<{ ended: number }>>;

  /** WebAuthn creation options. With a passkey already there, only for a session that is stepped up by one. */
  beginPasskey(sessionSecret: string, place: PasskeyPlace): Promise<Result<{ optionsJson: string }>>;
  addPasskey(sessionSecret: string, input: PasskeyAnswer & { readonly name: string }): Promise<Result<null>>;
  removePasskey(sessionSecret: string, passkeyId: string): Promise<Result<null>>;
  beginStepUp(sessionSecret: string, place: PasskeyPlace): Promise<Result<{ optionsJson: string }>>;
  stepUp(sessionSecret: string, input: PasskeyAnswer): Promise<Result<StepUp>>;
  /** Mails a code that confirms this session; refused for an account that has a passkey, and where no mail can be sent. */
  mailStepUpCode(sessionSecret: string, from: { readonly publicUrl: string }): Promise<Result<null>>;
  /** Counts as "mail": not for what asks for a passkey and nothing less. */
  stepUpByCode(sessionSecret: string, code: string): Promise<Result<StepUp>>;

  /** From then on that key signs this person in. Asks for a step-up, and for proof that whoever asks holds the key. */
  addNostrKey(sessionSecret: string, input: AddNostrKey): Promise<Result<null>>;
  removeNostrKey(sessionSecret: string, pubkey: string): Promise<Result<null>>;
  /** For the Instance: whether a key that it once noted here is still named here. */
  namesNostrKey(pubkey: string): Promise<boolean>;

  setPreferences(sessionSecret: string, preferences: Preferences): Promise<Result<null>>;
  /** What became of the mails to this person, for the Instance; never their words. */
  mails(): Promise<readonly MailView[]>;
  /** Newest first. */
  ownMails(sessionSecret: string): Promise<Result<readonly OwnMailView[]>>;
  sendTestMail(sessionSecret: string, from: { readonly publicUrl: string }): Promise<Result<null>>;

  /** The list of bunkers is a hint for the first page; each bunker is the authority on its own members. */
  noteBunker(bunkerId: string): Promise<void>;
  forgetBunker(bunkerId: string): Promise<void>;
  bunkers(sessionSecret: string): Promise<Result<{ bunkerIds: readonly string[] }>>;
}
