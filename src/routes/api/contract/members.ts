// Members: who belongs to a bunker, and as what.

import { createRoute, z } from "@hono/zod-openapi";
import { ROLES } from "../../../people/principal.ts";
import { asks, body, inBunker, json, moment, object, oneOf, page, refusals, text } from "./parts.ts";

const tags = ["Members"];
const MAX_EMAIL_CHARACTERS = 254; // RFC 5321: with its brackets a path has 256

const role = oneOf(ROLES).openapi({ description: "owner: everything; admin: apps and policies; approver: votes; viewer: reads." });
const warnings = z.array(z.string()).readonly().openapi({ description: "What will expire for want of people, as sentences." });

const member = z
  .object({
    id: z.string(),
    email: z.string(),
    role,
    state: z.enum(["invited", "active"]).openapi({ description: "invited: the member was never here yet." }),
    hasPasskey: z.boolean().openapi({ description: "As it was when the member was last here." }),
    addedAt: moment,
    addedBy: z.string(),
    lastSeenAt: moment.nullable().openapi({ description: "To the hour." }),
  })
  .openapi("Member");

const change = z
  .object({
    id: z.string(),
    kind: z.enum(["add", "role", "remove"]),
    email: z.string(),
    role: role.nullable(),
    askedBy: z.string(),
    askedAt: moment,
    effectiveAt: moment,
  })
  .openapi("MemberChange", {
    description: "Waits a day, because whoever asked has no passkey. Every owner is told and any of them cancels.",
  });

const members = page(member)
  .extend({
    instanceOwners: z
      .array(z.object({ email: z.string(), hasPasskey: z.boolean() }))
      .readonly()
      .openapi({ description: "Owners of the instance: they own every bunker." }),
    changes: z.array(change).readonly().openapi({ description: "What waits." }),
    warnings,
  })
  .openapi("Members");

const invitation = z
  .enum(["queued", "not-sent"])
  .openapi({ description: "Whether the invitation mail is on its way. It invites to sign in; the membership does not depend on it." });

const addMember = object({ email: text(MAX_EMAIL_CHARACTERS).openapi({ example: "ben@example.org" }), role }).openapi("AddMember");
const changeMember = object({ role }).openapi("ChangeMember");

const memberId = z.string().openapi({ param: { name: "memberId", in: "path" } });
const changeId = z.string().openapi({ param: { name: "changeId", in: "path" } });
const waiting = json(change, "Without a passkey: the change waits a day");

export const listMembersRoute = createRoute({
  ...asks("members:read"),
  tags,
  method: "get",
  path: "/bunkers/{bunkerId}/members",
  summary: "List members, and the changes that wait",
  request: { params: inBunker },
  responses: { 200: json(members, "The members"), ...refusals },
});

export const addMemberRoute = createRoute({
  ...asks("members:write", "members:announce"),
  tags,
  method: "post",
  path: "/bunkers/{bunkerId}/members",
  summary: "Add a member by mail address",
  description: "For people once the instance is claimed; until then for the setup token. The mail only invites to sign in.",
  request: { params: inBunker, body: body(addMember) },
  responses: { 201: json(member.extend({ invitation, warnings }), "The member"), 202: waiting, ...refusals },
});

export const changeMemberRoute = createRoute({
  ...asks("members:write", "members:announce"),
  tags,
  method: "patch",
  path: "/bunkers/{bunkerId}/members/{memberId}",
  summary: "Give a member another role",
  request: { params: inBunker.extend({ memberId }), body: body(changeMember) },
  responses: { 200: json(member.extend({ warnings }), "The member"), 202: waiting, ...refusals },
});

export const removeMemberRoute = createRoute({
  ...asks("members:write", "members:announce", "members:leave"),
  tags,
  method: "delete",
  path: "/bunkers/{bunkerId}/members/{memberId}",
  summary: "Remove a member, at once in every browser",
  request: { params: inBunker.extend({ memberId }) },
  responses: { 200: json(z.object({ warnings }), "Removed"), 202: waiting, ...refusals },
});

export const cancelMemberChangeRoute = createRoute({
  ...asks("members:cancel"),
  tags,
  method: "delete",
  path: "/bunkers/{bunkerId}/member-changes/{changeId}",
  summary: "Cancel a change of members that waits",
  request: { params: inBunker.extend({ changeId }) },
  responses: { 204: { description: "Cancelled" }, ...refusals },
});
