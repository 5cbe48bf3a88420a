// Adding, removing and using passkeys. Each ceremony begins and ends in one session; while an answer is verified others may act, so
// everything is read again afterwards.

import { logInfo } from "../../src/log.ts";
import { readAnswer } from "../../src/people/passkey-answer.ts";
import { PASSKEY_PROBATION_MS, STEP_UP_MS, type StepUp } from "../../src/people/session.ts";
import { ok, refuse, type Result } from "../../src/result.ts";
import type { PasskeyAnswer, PasskeyPlace } from "../account-rpc.ts";
import { registrationOptions, stepUpOptions, verifiedAuthentication, verifiedRegistration } from "./ceremonies.ts";
import { isSteppedUp, type AccountContext, type Door } from "./context.ts";
import { tellWayIn } from "./own-mails.ts";
import { MAX_PASSKEYS } from "./passkeys.ts";
import type { Session } from "./sessions.ts";

/** A passkey's answer that verified, and what it is worth. */
export interface PasskeyUse {
  readonly id: string;
  readonly newCounter: number;
  readonly stepUp: StepUp;
}

type Options = Result<{ readonly optionsJson: string }>;
type CeremonyKind = "register" | "step-up";

export async function beginPasskey(door: Door, sessionSecret: string, place: PasskeyPlace): Promise<Options> {
  const allowed = door.as(sessionSecret, (context, session, now) => mayChangePasskeys(context, session, now));
  if (!allowed.ok) return allowed;
  const { context, session } = allowed.value;
  context.table.setPublicUrl(place.origin);
  const account = { id: context.id, email: context.table.read().email, passkeys: context.passkeys.list() };
  const { optionsJson, challenge } = await registrationOptions(account, place);
  beginCeremony(context, challenge, "register", session);
  return ok({ optionsJson });
}

export async function addPasskey(
  door: Door,
  sessionSecret: string,
  input: PasskeyAnswer & { readonly name: string },
): Promise<Result<null>> {
  const begun = endCeremony(door, sessionSecret, input.responseJson, "register");
  if (!begun.ok) return begun;
  const credential = await verifiedRegistration(input, begun.value.challenge);
  if (credential === undefined) return refuse("invalid", "the passkey was not accepted: try again");
  // Everything is read again: whoever verified meanwhile may have added the first passkey from another mailbox's session.
  return door.as(sessionSecret, (context, session, now) => {
    const { passkeys } = context;
    const allowed = mayChangePasskeys(context, session, now);
    if (!allowed.ok) return allowed;
    if (passkeys.count() >= MAX_PASSKEYS) return refuse("conflict", `an account has at most ${MAX_PASSKEYS} passkeys`);
    if (passkeys.find(credential.id) !== undefined) return refuse("conflict", "this passkey is here already");
    const { id, publicKey, counter, transports = [] } = credential;
    const isStrong = isSteppedUp(session, now) && session.stepUp?.by !== "mail";
    const times = { createdAt: now, trustedFrom: isStrong ? now : now + PASSKEY_PROBATION_MS, lastUsedAt: null };
    passkeys.add({ id, publicKey: new Uint8Array(publicKey), name: input.name, transports, counter, ...times });
    tellWayIn(context, "passkey-added", input.name, session.browser);
    logInfo("passkey added", { accountId: context.id });
    return ok(null);
  });
}

export function removePasskey(door: Door, sessionSecret: string, passkeyId: string): Result<null> {
  return door.as(sessionSecret, (context, session, now) => {
    const allowed = mayChangePasskeys(context, session, now);
    if (!allowed.ok) return allowed;
    const name = context.passkeys.list().find(({ id }) => id === passkeyId)?.name ?? "";
    if (!context.passkeys.remove(passkeyId)) return refuse("not-found", "no passkey has that id, or not any more");
    tellWayIn(context, "passkey-removed", name, session.browser);
    logInfo("passkey removed", { accountId: context.id });
    return ok(null);
  });
}

export async function beginStepUp(door: Door, sessionSecret: string, place: PasskeyPlace): Promise<Options> {
  const found = door.as(sessionSecret, (context, session) => {
    const passkeys = context.passkeys.list();
    return passkeys.length > 0 ? ok({ context, session, passkeys }) : refuse("conflict", "this account has no passkey yet");
  });
  if (!found.ok) return found;
  const { context, session, passkeys } = found.value;
  const { optionsJson, challenge } = await stepUpOptions(passkeys, place);
  beginCeremony(context, challenge, "step-up", session);
  return ok({ optionsJson });
}

export async function stepUpByPasskey(door: Door, sessionSecret: string, input: PasskeyAnswer): Promise<Result<StepUp>> {
  const begun = endCeremony(door, sessionSecret, input.responseJson, "step-up");
  if (!begun.ok) return begun;
  const use = await verifyUse(door, input, begun.value.challenge);
  return door.as(sessionSecret, (context, session) => {
    if (use === undefined || !noteUse(context, use)) return refuse("forbidden", "that passkey was not accepted");
    context.sessions.stepUp(session, sessionSecret, use.stepUp);
    return ok(use.stepUp);
  });
}

/** An answer of one of our passkeys that verifies; nothing is written yet. */
export async function verifyUse(door: Door, input: PasskeyAnswer, challenge: string): Promise<PasskeyUse | undefined> {
  const answer = readAnswer(input.responseJson);
  const passkey = answer && door.guarded(({ passkeys }) => passkeys.find(answer.passkeyId));
  const verified = passkey && (await verifiedAuthentication(input, challenge, passkey));
  if (passkey === undefined || verified === undefined) return undefined;
  const now = Date.now();
  return {
    id: passkey.id,
    newCounter: verified.newCounter,
    stepUp: { until: now + STEP_UP_MS, by: passkey.trustedFrom <= now ? "passkey" : "mail" },
  };
}

/** False when the passkey was removed while its answer was being verified, or its counter says that another copy was faster. */
export function noteUse({ passkeys }: AccountContext, { id, newCounter }: PasskeyUse): boolean {
  const passkey = passkeys.find(id);
  // WebAuthn section 6.1.1: counters that are used grow with every answer.
  if (passkey === undefined || (newCounter > 0 && newCounter <= passkey.counter)) return false;
  passkeys.noteUse(id, newCounter, Date.now());
  return true;
}

function beginCeremony({ passkeys, alarm }: AccountContext, challenge: string, kind: CeremonyKind, session: Session): void {
  passkeys.beginCeremony(challenge, kind, session.id, Date.now());
  alarm.armBy(passkeys.nextEnd() ?? Date.now());
}

/** The challenge that this session was given and answers now; it is used up with that. */
function endCeremony(door: Door, sessionSecret: string, responseJson: string, kind: CeremonyKind): Result<{ readonly challenge: string }> {
  const answer = readAnswer(responseJson);
  return door.as(sessionSecret, ({ passkeys }, session, now) => {
    const isOurs = answer !== undefined && passkeys.endCeremony(answer.challenge, kind, session.id, now);
    return isOurs ? ok(answer) : refuse("invalid", "this took too long, or was already answered: try again");
  });
}

/** The first passkey needs a signed-in session; from then on a mailbox alone changes none. */
function mayChangePasskeys(
  context: AccountContext,
  session: Session,
  now: number,
): Result<{ readonly context: AccountContext; readonly session: Session }> {
  if (context.passkeys.count() > 0 && !isSteppedUp(session, now)) {
    return refuse("step-up-required", "confirm with a passkey that you have, then try again");
  }
  return ok({ context, session });
}
