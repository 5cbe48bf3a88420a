// Who may do what, line by line: every call that the objects take from a principal, and the route that leads to it. A call or a route
// without a line here fails the test beside this file; so does a line that is not true.

import type { Scope } from "../../../src/people/principal.ts";

export interface Line {
  /** A method of Bunker or Instance; behind the colon the case, where it depends on what is asked. */
  readonly call: string;
  /** Absent where only pages lead there, or another line of the same call names it. */
  readonly route?: string;
  /** An API token needs one of these. */
  readonly tokens: readonly Scope[];
  readonly setupToken: "always" | "until claimed" | "never";
  /** The least of the roles that may. "instance owner": being an owner of the bunker is not enough. */
  readonly people: "viewer" | "approver" | "admin" | "owner" | "instance owner" | "nobody";
  /** Whether people need their passkey within the last minutes. */
  readonly passkey: boolean;
}

const line = (
  call: string,
  route: string | null,
  tokens: readonly Scope[],
  setupToken: Line["setupToken"],
  people: Line["people"],
  passkey: "passkey" | "" = "",
): Line => ({ call, ...(route !== null && { route }), tokens, setupToken, people, passkey: passkey === "passkey" });

const B = "/bunkers/{bunkerId}";

export const MATRIX: readonly Line[] = [
  line("Bunker.create", "POST /bunkers", ["bunkers:write"], "always", "instance owner"),
  line("Bunker.describe", `GET ${B}`, ["bunkers:read", "bunkers:write"], "always", "viewer"),
  line("Bunker.delete", `DELETE ${B}`, [], "until claimed", "owner", "passkey"),
  line("Bunker.takeOut", `POST ${B}/backup`, [], "until claimed", "owner", "passkey"),
  line("Bunker.restore", "POST /bunkers/restore", [], "until claimed", "instance owner", "passkey"),
  line("Bunker.restoreHere", `POST ${B}/restore`, [], "until claimed", "owner", "passkey"),
  line("Bunker.cancelExports", null, [], "until claimed", "owner"),
  line("Bunker.undelete", `POST ${B}/undelete`, [], "until claimed", "owner"),
  line("Bunker.lock", `POST ${B}/lock`, ["lock"], "always", "approver"),
  line("Bunker.unlock", `POST ${B}/unlock`, [], "until claimed", "owner", "passkey"),
  line("Bunker.setRelays", `PUT ${B}/relays`, ["bunkers:write"], "always", "admin"),

  line("Bunker.readSettings", `GET ${B}/settings`, ["bunkers:read", "bunkers:write"], "always", "viewer"),
  line("Bunker.changeSettings: tighter", `PATCH ${B}/settings`, ["bunkers:write"], "always", "admin"),
  line("Bunker.changeSettings: looser", null, [], "until claimed", "owner", "passkey"),

  line("Bunker.readWebhook", `GET ${B}/webhook`, ["bunkers:read", "bunkers:write"], "always", "viewer"),
  line("Bunker.listNicknames", `GET ${B}/nicknames`, ["bunkers:read", "bunkers:write"], "always", "viewer"),
  line("Bunker.giveNickname", `PUT ${B}/nicknames/{pubkey}`, [], "until claimed", "admin"),
  line("Bunker.dropNickname", `DELETE ${B}/nicknames/{pubkey}`, [], "until claimed", "admin"),
  line("Bunker.setWebhook", `PUT ${B}/webhook`, ["bunkers:write"], "always", "admin"),
  line("Bunker.removeWebhook", `DELETE ${B}/webhook`, ["bunkers:write"], "always", "admin"),
  line("Bunker.testWebhook", `POST ${B}/webhook/test`, ["bunkers:write"], "always", "admin"),

  line("Bunker.createInvite", `POST ${B}/invites`, ["invites:write"], "always", "admin"),
  line("Bunker.listInvites", `GET ${B}/invites`, ["bunkers:read", "invites:write"], "always", "viewer"),
  line("Bunker.withdrawInvite", `DELETE ${B}/invites/{inviteId}`, ["invites:write", "lock"], "always", "approver"),

  line("Bunker.nostrConnect", `POST ${B}/nostrconnect`, ["connections:write"], "always", "admin"),
  line("Bunker.listConnections", `GET ${B}/connections`, ["bunkers:read", "connections:write", "lock"], "always", "viewer"),
  line("Bunker.patchConnection: suspend", `PATCH ${B}/connections/{connectionId}`, ["connections:write", "lock"], "always", "approver"),
  line("Bunker.patchConnection: resume", null, [], "until claimed", "admin", "passkey"),
  line("Bunker.patchConnection: confirm", null, [], "until claimed", "admin"),
  line("Bunker.patchConnection: to a tighter policy", null, ["connections:write"], "always", "admin"),
  line("Bunker.patchConnection: to a looser policy", null, [], "until claimed", "admin", "passkey"),

  line("Bunker.listPolicies", `GET ${B}/policies`, ["policies:read", "policies:write"], "always", "viewer"),
  line("Bunker.readPolicy", `GET ${B}/policies/{name}`, ["policies:read", "policies:write"], "always", "viewer"),
  line("Bunker.listPolicyVersions", `GET ${B}/policies/{name}/versions`, ["policies:read", "policies:write"], "always", "viewer"),
  line("Bunker.publishPolicy: tighter", `PUT ${B}/policies/{name}`, ["policies:write"], "always", "admin"),
  line("Bunker.publishPolicy: looser", null, [], "until claimed", "owner", "passkey"),
  line("Bunker.deletePolicy", `DELETE ${B}/policies/{name}`, [], "until claimed", "admin"),
  line("Bunker.listPolicyDrafts", `GET ${B}/policies/{name}/drafts`, ["policies:read", "policies:write"], "always", "viewer"),
  line("Bunker.publishPolicyDraft", `POST ${B}/policies/{name}/drafts/{draftId}/publish`, [], "until claimed", "owner", "passkey"),
  line("Bunker.discardPolicyDraft", `DELETE ${B}/policies/{name}/drafts/{draftId}`, ["policies:write"], "always", "admin"),
  line("Bunker.dryRunPolicy", `POST ${B}/policies/dry-run`, ["policies:read", "policies:write"], "always", "viewer"),
  line("Bunker.tryPolicy", null, ["policies:read", "policies:write"], "always", "viewer"),
  line("Bunker.policyPeaks", null, ["policies:read", "policies:write"], "always", "viewer"),

  line("Bunker.listApprovals", `GET ${B}/approvals`, ["approvals:read", "approvals:reject"], "always", "viewer"),
  line("Bunker.approval", `GET ${B}/approvals/{approvalId}`, ["approvals:read", "approvals:reject"], "always", "viewer"),
  line("Bunker.rejectApproval", `POST ${B}/approvals/{approvalId}/reject`, ["approvals:reject"], "always", "approver"),
  line("Bunker.vote", null, [], "never", "approver"),

  line("Bunker.listMembers", `GET ${B}/members`, ["members:read"], "always", "viewer"),
  line("Bunker.addMember", `POST ${B}/members`, [], "until claimed", "owner", "passkey"),
  line("Bunker.changeMember", `PATCH ${B}/members/{memberId}`, [], "until claimed", "owner", "passkey"),
  line("Bunker.removeMember: another", `DELETE ${B}/members/{memberId}`, [], "until claimed", "owner", "passkey"),
  line("Bunker.cancelMemberChange", `DELETE ${B}/member-changes/{changeId}`, [], "until claimed", "owner"),

  line("Bunker.listNominations", null, ["members:read"], "always", "viewer"),
  line("Bunker.cancelNomination", null, [], "until claimed", "owner"),
  line("Bunker.setFourEyes: on", null, [], "until claimed", "owner", "passkey"),
  line("Bunker.setFourEyes: off", null, [], "until claimed", "owner", "passkey"),
  line("Bunker.listActs", `GET ${B}/acts`, ["bunkers:read", "bunkers:write"], "always", "viewer"),
  line("Bunker.confirmAct", null, [], "until claimed", "owner", "passkey"),
  line("Bunker.cancelAct", `DELETE ${B}/acts/{actId}`, ["lock"], "always", "owner"),

  line("Bunker.listActivity", `GET ${B}/activity`, ["activity:read"], "always", "viewer"),
  line("Bunker.verifyActivity", `GET ${B}/activity/verify`, ["activity:read"], "always", "viewer"),
  line("Bunker.searchActivity", null, ["activity:read"], "always", "viewer"),
  line("Bunker.exportActivity", null, ["activity:read"], "always", "viewer"),
  line("Bunker.readActivity", `GET ${B}/activity/{seq}`, ["activity:read"], "always", "viewer"),
  line("Bunker.requestCounts", null, ["activity:read"], "always", "viewer"),
  line("Bunker.openLive", null, [], "until claimed", "viewer"),
  line("Bunker.listBudgets", null, ["bunkers:read", "connections:write", "lock"], "always", "viewer"),
  line("Bunker.attention", null, ["bunkers:read", "bunkers:write"], "always", "viewer"),
  line("Bunker.glance", null, ["bunkers:read", "bunkers:write"], "always", "viewer"),
  line("Bunker.sendPractice", null, [], "until claimed", "admin"),
  line("Bunker.readPractice", null, ["approvals:read", "approvals:reject"], "always", "viewer"),
  line("Bunker.checkChain", null, ["activity:read"], "always", "viewer"),
  line("Bunker.readInvite", null, ["bunkers:read", "invites:write"], "always", "viewer"),
  line("Bunker.readConnection", null, ["bunkers:read", "connections:write", "lock"], "always", "viewer"),
  line("Bunker.acknowledgeTrip", null, [], "until claimed", "admin"),
  line("Bunker.renameConnection", null, ["connections:write"], "always", "admin"),
  line("Bunker.summary", null, ["bunkers:read", "bunkers:write"], "always", "viewer"),
  line("Bunker.readPublishing", `GET ${B}/activity/publishing`, ["activity:read"], "always", "viewer"),
  line("Bunker.setPublishing: off", `PUT ${B}/activity/publishing`, ["bunkers:write"], "always", "admin"),
  line("Bunker.setPublishing: on", null, [], "until claimed", "owner", "passkey"),
  line("Bunker.signCheckpoint", `GET ${B}/activity/checkpoint`, ["activity:read"], "always", "viewer"),
  line("Bunker.signOverHttp", `POST ${B}/sign`, ["sign"], "always", "nobody"),

  line("Instance.beginBunker", null, ["bunkers:write"], "always", "instance owner"),
  line("Instance.beginRestoration", null, [], "until claimed", "instance owner", "passkey"),
  line("Instance.listBunkers", "GET /bunkers", ["bunkers:read", "bunkers:write"], "always", "instance owner"),
  line("Instance.listTombstones", "GET /tombstones", ["bunkers:read", "bunkers:write"], "always", "instance owner"),
  line("Instance.createToken", "POST /tokens", [], "until claimed", "instance owner", "passkey"),
  line("Instance.listTokens", "GET /tokens", [], "always", "instance owner"),
  line("Instance.listMails", null, [], "always", "instance owner"),
  line("Instance.revokeToken", "DELETE /tokens/{tokenId}", [], "always", "instance owner"),
  line("Instance.nominateOwner", "POST /instance/nominations", [], "always", "nobody"),
  line("Instance.listNominations", "GET /instance/nominations", [], "always", "instance owner"),
  line("Instance.cancelNomination", "DELETE /instance/nominations/{nominationId}", [], "always", "instance owner"),
  line("Instance.view", "GET /instance", ["bunkers:read", "lock"], "always", "instance owner"),
  line("Instance.lock", "POST /instance/lock", ["lock"], "always", "instance owner"),
  line("Instance.abandonBunker", null, [], "until claimed", "instance owner", "passkey"),
  line("Instance.removeOwner", null, [], "until claimed", "instance owner", "passkey"),
  line("Instance.unlock", "POST /instance/unlock", [], "until claimed", "instance owner", "passkey"),
  line("Instance.rotate", "POST /instance/rotate", [], "always", "instance owner", "passkey"),
];

/** What the objects answer without a principal: to each other and to the Worker, never to whoever calls from outside. */
export const WITHOUT_PRINCIPAL: Readonly<Record<string, string>> = {
  "Bunker.condition": "a page asks why a bunker answers nothing about itself",
  "Bunker.discardDamaged": "the Instance destroys what cannot be read any more, and the bunker makes sure of that",
  "Bunker.identity": "the Instance finishes creations that were cut off",
  "Bunker.approvalByLink": "a mailed link says who it is; reading changes nothing",
  "Bunker.voteByLink": "a mailed link says who it is",
  "Bunker.stopByLink": "a mailed link says who it is",
  "Bunker.setInstanceLock": "the Instance carries its lock to every bunker",
  "Bunker.reseal": "the Instance has everything sealed anew",
  "Bunker.mails": "the Instance lists what waits to be sent",
  "Bunker.keepLinks": "the Instance wakes bunkers that want relay links",
  "Instance.state": "the Worker learns what it serves under",
  "Instance.authenticate": "the Worker turns a token into a principal",
  "Instance.finishBunker": "the Worker has made a bunker",
  "Instance.settleBunker": "the Worker has tried to",
  "Instance.noteKeyService": "a bunker says how its key service fares",
  "Instance.noteLinks": "a bunker says whether it wants relay links",
  "Instance.bury": "a bunker that is about to be destroyed leaves what stays of it",
  "Instance.beginRestorationHere": "a bunker that has checked who asks is about to be restored in place",
  "Instance.knownBunker": "a page shows what is known of a bunker that cannot be believed",
  "Instance.heldMark": "a bunker compares its history with what is remembered",
  "Instance.noteMark": "a bunker says where its history stands",
  "Instance.signCheckpoint": "a bunker that has checked who asks has its head signed",
  "Instance.signForRelays": "a bunker whose owner wants it published has its head signed",
  "Instance.bunkersWantingLinks": "the scheduled run finds them",
  "Instance.claim": "the claim code speaks for the operator",
  "Instance.ensureAccount": "a bunker adds a member; an account alone has no rights",
  "Instance.beginSignIn": "the sign-in page, for anybody",
  "Instance.takeAttempt": "the Worker counts attempts of anybody",
  "Instance.newPasskeyChallenge": "the sign-in page, for anybody",
  "Instance.isOpenPasskeyChallenge": "an account checks a challenge",
  "Bunker.hearNomination": "the Instance tells every bunker of a nominated owner",
  "Instance.cancelNominationBy": "a bunker whose owner cancels",
  "Instance.lastNomination": "a bunker shows it to its members",
  "Instance.newNostrChallenge": "the sign-in page, for anybody",
  "Instance.findNostrKey": "the sign-in page, for anybody whose event verified; the account decides",
  "Instance.nameNostrKey": "an account names a key that its person showed to hold",
  "Instance.forgetNostrKey": "an account names it no more",
};
