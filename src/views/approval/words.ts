// The sentences around a request: who asks, how long there is, who voted, what becomes of it. All of them ours.

import type { ApprovalSummary, ApprovalView, NoVote, ViewerView, VoterView } from "../../../durable-objects/approvals-rpc.ts";
import { count } from "../../policy/duration.ts";
import { durationInWords, momentInWords } from "../../notify/templates/moment.ts";

/** What every sentence depends on beside the approval. Milliseconds. */
export interface Reading {
  readonly now: number;
  /** The reader's time zone; absent: UTC. */
  readonly zone?: string | undefined;
}

/** How whoever came by a link reads: by the clock of their account. */
export function readingOf({ zone }: Pick<ViewerView, "zone">, now: number): Reading {
  return { now, zone: zone ?? undefined };
}

/** "13:00", with its date where that is not today's. For sentences that name the zone once. */
export function clock(at: string, { now, zone }: Reading): string {
  const [date = "", time = ""] = partsOf(Date.parse(at), zone);
  return date === partsOf(now, zone)[0] ? time : `${time} on ${date.replace(/ \d{4}$/, "")}`;
}

/** "13:00 (Berlin, UTC+1)" */
export function clockWithZone(at: string, reading: Reading): string {
  return `${clock(at, reading)} (${partsOf(Date.parse(at), reading.zone)[2] ?? "UTC"})`;
}

function partsOf(at: number, zone: string | undefined): string[] {
  return /^(.+), (\d\d:\d\d) \((.+)\)$/.exec(momentInWords(at, zone))?.slice(1) ?? [];
}

export function agoWords(at: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(at)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 120) return `${count(minutes, "minute")} ago`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} hours ago` : `${Math.floor(minutes / 1440)} days ago`;
}

export function leftWords(until: string, now: number): string {
  const left = Date.parse(until) - now;
  return left <= 0 ? "no time left" : `${durationInWords(left)} left`;
}

/** What people call each other where all are of one team: the part before the @, the whole address where two share it. */
export function shortNames(emails: readonly string[]): (email: string) => string {
  const local = (email: string) => email.split("@")[0] ?? email;
  const shared = new Set(emails.map(local).filter((name, index, all) => all.indexOf(name) !== index));
  return (email) => (shared.has(local(email)) ? email : local(email));
}

/** "Ben", "Ben or Lea", "Ben, Lea or Tom"; from the fourth on "Ben, Lea or 2 others". */
export function anyOf(names: readonly string[]): string {
  if (names.length > 3) return `${names.slice(0, 2).join(", ")} or ${names.length - 2} others`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;
}

/** Of all rules that ask, the one that needs most. */
export function needOf({ asking }: ApprovalSummary): { readonly need: number; readonly votes: number } {
  const [first = { need: 1, votes: 0 }, ...others] = asking;
  return others.reduce((most, rule) => (rule.need - rule.votes > most.need - most.votes ? rule : most), first);
}

export function whoMayStillVote({ asking }: ApprovalSummary): readonly string[] {
  return [...new Set(asking.flatMap(({ waitingFor }) => waitingFor))];
}

export function voteWords({ state, votedAt }: VoterView, reading: Reading): string {
  const at = votedAt === null ? "" : ` ${clock(votedAt, reading)}`;
  switch (state) {
    case "approved":
      return `approved${at}`;
    case "rejected":
      return `rejected${at}`;
    case "again":
      return "is asked again";
    case "gone":
      return `approved${at}, and may not vote any more`;
    case "waiting":
      return "";
  }
}

/** Signed to be shown to one server, which lets its bearer in; never published. */
const LOGINS: ReadonlySet<number> = new Set([22_242, 24_242, 27_235]);

/** What happens when enough people say yes, and when they do not. */
export function consequences(approval: ApprovalView): readonly [string, string] {
  const { connection, request } = approval;
  const { need } = needOf(approval);
  if (approval.isPractice) return ["This is practice: whatever you decide, nothing is signed.", "It ends like a real request does."];
  const app = connection.name;
  const yes = need === 1 ? "If you approve" : `If ${need} approve`;
  const otherwise = `If one person rejects, or time runs out, ${request?.method === "sign_event" ? "nothing is signed" : "nothing is done"} and ${app} is told no.`;
  if (request === null || request.method === "sign_event") {
    const use = LOGINS.has(approval.kind ?? -1) ? "log in with it" : "publish it";
    return [`${yes}, Countersign signs it and ${app} can ${use} at once. Once signed, Countersign cannot take it back.`, otherwise];
  }
  const isReading = request.method.endsWith("decrypt");
  const gets = isReading ? `${app} receives the readable text` : `${app} receives the encrypted message and can send it at once`;
  return [`${yes}, ${gets}. Countersign cannot take it back.`, otherwise];
}

/** Why somebody cannot vote here, and what they can do. */
export function noVoteWords(cannot: NoVote, { bunker, connection, asking }: ApprovalSummary, you: ViewerView): string {
  switch (cannot) {
    case "locked":
      return `${bunker.name} is locked. The request stays; nobody can approve it until an owner unlocks.`;
    case "role":
      return `Only ${rolesOf(asking)} vote on this. Your role here is ${you.role}.`;
    case "requester":
      return `You set up ${connection.name} yourself, so the rule leaves the decision to others.`;
    case "voted":
      return "You have voted. Your answer stands.";
    case "over":
      return "It is decided, or its time is over.";
    case "sign-in":
      return "People must be signed in to vote here. This link alone is not enough.";
    case "passkey":
      return "This needs your passkey.";
    case "no-passkey":
      return "This rule needs a passkey. Add one (1 minute), then come back to this link.";
    case "not-yours":
      return `This link belongs to ${you.email}, and this browser is signed in as somebody else. Sign out there, or open your own link.`;
  }
}

function rolesOf(asking: ApprovalSummary["asking"]): string {
  const roles = [...new Set(asking.flatMap(({ from }) => from))].map((role) => `${role}s`);
  return roles.length < 2 ? roles.join("") : `${roles.slice(0, -1).join(", ")} and ${roles.at(-1) ?? ""}`;
}

/** How it stands, for whoever opens a link again: one sentence or two, and no word of the request. */
export function standing(summary: ApprovalSummary, you: ViewerView, reading: Reading): readonly string[] {
  const { outcome, connection } = summary;
  if (outcome !== null) {
    const at = ` It ended at ${clockWithZone(outcome.at, reading)}.`;
    const delivery = outcome.delivery === "waiting" ? [`The answer waits for ${connection.name} to come back.`] : [];
    const again = summary.state === "expired" ? [`${connection.name} may ask again.`] : [];
    return [`${outcome.sentence}${at}`, ...delivery, ...again];
  }
  const names = shortNames(summary.voters.map(({ email }) => email));
  const own =
    you.votedAt === null ? [] : [`You ${you.vote === "reject" ? "rejected" : "approved"} at ${clockWithZone(you.votedAt, reading)}.`];
  if (summary.state === "signing") return [...own, "The votes are there. It is signed as soon as the key can be opened."];
  const { need, votes } = needOf(summary);
  const missing = Math.max(1, need - votes);
  const others = whoMayStillVote(summary).filter((email) => email !== you.email);
  const who = others.length === 0 ? "" : `: ${anyOf(others.map(names))}`;
  return [...own, `${missing === 1 ? "One more person is" : `${missing} more people are`} needed${who}. You can close this page.`];
}
