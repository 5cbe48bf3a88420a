// The API: one small app an area, and the two public documents.

import { policyJsonSchema } from "../../policy/document.ts";
import { acts } from "./acts.ts";
import { activity } from "./activity.ts";
import { approvals } from "./approvals.ts";
import { bunkers } from "./bunkers.ts";
import { connections } from "./connections.ts";
import { apiDocument } from "./document.ts";
import { instance } from "./instance.ts";
import { invites } from "./invites.ts";
import { members } from "./members.ts";
import { newApp } from "./new-app.ts";
import { nicknames } from "./nicknames.ts";
import { nominations } from "./nominations.ts";
import { policies } from "./policies.ts";
import { publishing } from "./publishing.ts";
import { sign } from "./sign.ts";
import { tokens } from "./tokens.ts";
import { webhook } from "./webhook.ts";

const PUBLIC_CACHE = { "Cache-Control": "public, max-age=300" };

export const api = newApp();
api.get("/openapi.json", (c) => c.json(apiDocument(), 200, PUBLIC_CACHE));
api.get("/policy.schema.json", (c) => c.json(policyJsonSchema(), 200, { ...PUBLIC_CACHE, "Content-Type": "application/schema+json" }));
const AREAS = [
  bunkers,
  invites,
  connections,
  policies,
  approvals,
  webhook,
  nicknames,
  members,
  acts,
  // Before the entries of the activity, whose numbers come at the same place of a path.
  publishing,
  activity,
  sign,
  tokens,
  instance,
  nominations,
];
for (const area of AREAS) api.route("/", area);
