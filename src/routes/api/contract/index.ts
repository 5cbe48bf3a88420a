// Every route of the API, and its shape as a type: what the typed client is made of.

import type { RouteConfig, RouteConfigToTypedResponse, RouteHandler } from "@hono/zod-openapi";
import type { Handler, Hono, ToSchema } from "hono";
import type { BlankEnv, Input, MergePath } from "hono/types";
import * as acts from "./acts.ts";
import * as activity from "./activity.ts";
import * as approvals from "./approvals.ts";
import * as bunkers from "./bunkers.ts";
import * as connections from "./connections.ts";
import * as instance from "./instance.ts";
import * as invites from "./invites.ts";
import * as members from "./members.ts";
import * as nominations from "./nominations.ts";
import * as policies from "./policies.ts";
import * as publishing from "./publishing.ts";
import * as sign from "./sign.ts";
import * as tokens from "./tokens.ts";
import * as nicknames from "./nicknames.ts";
import * as webhook from "./webhook.ts";

export const API_PATH = "/api/v1";

/** In the order of the document. */
export const ROUTES = [
  bunkers.createBunkerRoute,
  bunkers.listBunkersRoute,
  bunkers.readBunkerRoute,
  bunkers.deleteBunkerRoute,
  bunkers.undeleteBunkerRoute,
  bunkers.backupRoute,
  bunkers.restoreBunkerRoute,
  bunkers.restoreHereRoute,
  bunkers.listTombstonesRoute,
  bunkers.lockBunkerRoute,
  bunkers.unlockBunkerRoute,
  bunkers.setRelaysRoute,
  bunkers.readSettingsRoute,
  bunkers.changeSettingsRoute,
  webhook.readWebhookRoute,
  webhook.setWebhookRoute,
  webhook.removeWebhookRoute,
  webhook.testWebhookRoute,
  nicknames.listNicknamesRoute,
  nicknames.giveNicknameRoute,
  nicknames.dropNicknameRoute,
  invites.createInviteRoute,
  invites.listInvitesRoute,
  invites.withdrawInviteRoute,
  connections.nostrConnectRoute,
  connections.listConnectionsRoute,
  connections.patchConnectionRoute,
  policies.listPoliciesRoute,
  policies.readPolicyRoute,
  policies.publishPolicyRoute,
  policies.deletePolicyRoute,
  policies.listPolicyVersionsRoute,
  policies.listPolicyDraftsRoute,
  policies.publishPolicyDraftRoute,
  policies.discardPolicyDraftRoute,
  policies.dryRunRoute,
  approvals.listApprovalsRoute,
  approvals.readApprovalRoute,
  approvals.rejectApprovalRoute,
  members.listMembersRoute,
  members.addMemberRoute,
  members.changeMemberRoute,
  members.removeMemberRoute,
  members.cancelMemberChangeRoute,
  acts.listActsRoute,
  acts.cancelActRoute,
  activity.listActivityRoute,
  activity.readActivityRoute,
  activity.verifyActivityRoute,
  activity.checkpointRoute,
  publishing.readPublishingRoute,
  publishing.setPublishingRoute,
  sign.signRoute,
  tokens.createTokenRoute,
  tokens.listTokensRoute,
  tokens.revokeTokenRoute,
  instance.readInstanceRoute,
  instance.lockInstanceRoute,
  instance.unlockInstanceRoute,
  instance.rotateInstanceRoute,
  nominations.nominateRoute,
  nominations.listNominationsRoute,
  nominations.cancelNominationRoute,
] as const;

// One route at a time: the outer condition spreads the union.
type Described<Route> = Route extends RouteConfig
  ? RouteHandler<Route, BlankEnv> extends Handler<BlankEnv, infer Path extends string, infer Asked extends Input>
    ? ToSchema<Route["method"], MergePath<typeof API_PATH, Path>, Asked, RouteConfigToTypedResponse<Route>>
    : never
  : never;

type Together<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer All) => void ? All : never;

/** What `hc` of hono/client takes. */
export type Api = Hono<BlankEnv, Together<Described<(typeof ROUTES)[number]>> & Record<never, never>>;
