// Everything below `/b/<id>`: one small app for each tab. The bunker reads the role from its own table in every call; nothing is decided here.

import { Hono } from "hono";
import { authenticatePerson, requirePerson, type PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { fourEyes } from "../four-eyes.ts";
import { activity } from "./activity.tsx";
import { apps } from "./apps.tsx";
import { approvals } from "./approvals.tsx";
import { broken, insteadOfBroken } from "./broken.tsx";
import { deletion } from "./delete.tsx";
import { lock } from "./lock.tsx";
import { names } from "./names.tsx";
import { overview } from "./overview.tsx";
import { policies } from "../policies/index.tsx";
import { practice } from "./practice.ts";
import { publishing } from "./publishing.tsx";
import { restoring } from "./restore.tsx";
import { settings } from "./settings.tsx";
import { team } from "./team.tsx";
import { webhook } from "./webhook.tsx";

export const bunker = new Hono<PersonEnv>();

// Before any handler: those that are named after it are the ones that it stands for.
bunker.onError(insteadOfBroken);
bunker.use("/b/*", authenticatePerson, requirePerson);
// An id that no bunker can have ends here: pages ask for several things at once, and the first refusal would leave the others' unheard.
bunker.use("/b/:bunkerId/*", async function knownId(c, next) {
  bunkerOf(c.env, c.req.param("bunkerId"));
  await next();
});
bunker.route("/", fourEyes);
bunker.route("/b/:bunkerId", overview);
bunker.route("/b/:bunkerId", lock);
bunker.route("/b/:bunkerId", practice);
bunker.route("/b/:bunkerId", deletion);
bunker.route("/b/:bunkerId", restoring);
bunker.route("/b/:bunkerId", broken);
bunker.route("/b/:bunkerId/apps", apps);
bunker.route("/", policies);
bunker.route("/b/:bunkerId/approvals", approvals);
bunker.route("/b/:bunkerId/activity", activity);
bunker.route("/b/:bunkerId/names", names);
bunker.route("/b/:bunkerId/team", team);
bunker.route("/b/:bunkerId/settings/publishing", publishing);
bunker.route("/b/:bunkerId/settings", settings);
bunker.route("/b/:bunkerId/settings/webhook", webhook);
