// `/b/<id>/apps`: the apps of a bunker, each one's page, and the forms that stop, change and name them.

import { Hono, type Context } from "hono";
import type { ConnectionView, InviteView, Page, PatchConnection, PatchedConnection } from "../../../../durable-objects/bunker-rpc.ts";
import type { AttentionItem } from "../../../../durable-objects/insight-rpc.ts";
import { parsePermissions } from "../../../protocol/permission.ts";
import type { Result } from "../../../result.ts";
import { AppPage, RevokePage } from "../../../views/bunker/app.tsx";
import { APP_FILTERS, AppsPage, type AppFilter } from "../../../views/bunker/apps.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { readCookie, writeCookie } from "../../cookies.ts";
import { valueOf } from "../../errors.ts";
import { bunkerFrame, forgetGlances } from "../../frame.ts";
import { postedForm } from "../form.ts";
import { connectApp } from "./connect-app.tsx";
import { idOf } from "./id.ts";
import { doneSentence } from "../done.ts";

const MAX_NAME = 100;
const RECENT = 20;
/** Pages of a hundred: the most that a bunker may have. */
const MAX_PAGES = 20;

/** What has just happened, by the word in the address. */
const DONE: Readonly<Record<string, string>> = {
  connected: "It is connected. It has signed nothing yet; its policy decides what it may do.",
  "connected-held":
    "It is connected, under Ask everything, as four eyes is on here. The policy that you chose holds once another owner has confirmed it; all owners were told by mail.",
  "policy-held": "All owners were told by mail. It moves to that policy once another owner has confirmed it.",
  revoked: "It was revoked. It can never use that connection again.",
  withdrawn: "The connect link was withdrawn: nobody can use it any more.",
  resumed: "It may ask again.",
  confirmed: "It was let in. It has signed nothing yet.",
  policy: "Its policy was changed. It holds from its next request on.",
  named: "It was renamed.",
  suspended: "It is suspended: its requests are refused from now on.",
  left: "It stays suspended until an owner or an admin resumes it.",
};

export const apps = new Hono<PersonEnv>();

apps.route("/", connectApp);

apps.get("/", async (c) => {
  const { person, publicUrl } = c.var.visit;
  const stub = bunkerOf(c.env, idOf(c));
  const [frame, connections, invites] = await Promise.all([
    bunkerFrame(c, idOf(c), "apps"),
    everyPage<ConnectionView>((cursor) => stub.listConnections(person, cursor)),
    everyPage<InviteView>((cursor) => stub.listInvites(person, cursor)),
  ]);
  const rows = c.req.query("rows");
  if (rows === "compact" || rows === "roomy") writeCookie(c, publicUrl, "rows", rows);
  const undo = c.req.query("suspended");
  const page = {
    frame,
    apps: connections.toSorted(lastUsedFirst),
    invites,
    filter: filterOf(c.req.query("show")),
    search: (c.req.query("q") ?? "").slice(0, MAX_NAME),
    isCompact: (rows ?? readCookie(c, publicUrl, "rows")) === "compact",
    done: doneSentence(c, DONE),
    undo: connections.find(({ id, state }) => id === undo && state === "suspended"),
  };
  return c.html(<AppsPage {...page} />);
});

apps.get("/:appId", async (c) => {
  const page = await appPage(c);
  return c.html(<AppPage {...page} done={doneSentence(c, DONE)} />);
});

apps.get("/:appId/revoke", async (c) => c.html(<RevokePage {...await appPage(c)} />));

apps.post("/:appId/suspend", async (c) => {
  await patch(c, { state: "suspended" });
  return c.redirect(`/b/${idOf(c)}/apps?suspended=${c.req.param("appId")}`, 303);
});

apps.post("/:appId/resume", async (c) => {
  await patch(c, { state: "active" });
  return c.redirect(`/b/${idOf(c)}/apps/${c.req.param("appId")}?done=resumed`, 303);
});

apps.post("/:appId/acknowledge", async (c) => {
  valueOf(await bunkerOf(c.env, idOf(c)).acknowledgeTrip(c.var.visit.person, c.req.param("appId")));
  return c.redirect(`/b/${idOf(c)}/apps/${c.req.param("appId")}?done=left`, 303);
});

apps.post("/:appId/confirm", async (c) => {
  await patch(c, { state: "active" });
  return c.redirect(`/b/${idOf(c)}/apps/${c.req.param("appId")}?done=confirmed`, 303);
});

apps.post("/:appId/revoke", async (c) => {
  await patch(c, { state: "revoked" });
  return c.redirect(`/b/${idOf(c)}/apps?done=revoked`, 303);
});

apps.post("/:appId/policy", async (c) => {
  const { act } = await patch(c, { policy: (await postedForm(c)).typed("policy") });
  return c.redirect(`/b/${idOf(c)}/apps/${c.req.param("appId")}?done=${act === null ? "policy" : "policy-held"}`, 303);
});

apps.post("/:appId/name", async (c) => {
  const form = await postedForm(c);
  const name = form.line("name", "A name", MAX_NAME);
  if (form.errors.length > 0) return c.html(<AppPage {...await appPage(c)} typedName={name} errors={form.errors} />, 422);
  valueOf(await bunkerOf(c.env, idOf(c)).renameConnection(c.var.visit.person, c.req.param("appId"), name));
  return c.redirect(`/b/${idOf(c)}/apps/${c.req.param("appId")}?done=named`, 303);
});

apps.post("/links/:inviteId/withdraw", async (c) => {
  valueOf(await bunkerOf(c.env, idOf(c)).withdrawInvite(c.var.visit.person, c.req.param("inviteId")));
  return c.redirect(`/b/${idOf(c)}/apps?done=withdrawn`, 303);
});

async function patch(c: Context<PersonEnv>, change: PatchConnection): Promise<PatchedConnection> {
  const patched = valueOf(await bunkerOf(c.env, idOf(c)).patchConnection(c.var.visit.person, c.req.param("appId") ?? "", change));
  forgetGlances(c.var.visit.person.accountId);
  return patched;
}

async function appPage(c: Context<PersonEnv>) {
  const { person } = c.var.visit;
  const stub = bunkerOf(c.env, idOf(c));
  const appId = c.req.param("appId") ?? "";
  const [frame, app, policies, recent, pending, attention] = await Promise.all([
    bunkerFrame(c, idOf(c), "apps"),
    stub.readConnection(person, appId),
    stub.listPolicies(person),
    stub.searchActivity(person, { app: appId }, {}),
    stub.listApprovals(person, { state: "pending", connection: appId }),
    stub.attention(person),
  ]);
  const found = valueOf(app);
  return {
    frame,
    app: found,
    asked: parsePermissions(found.requestedPermissions.join(",")),
    policies: valueOf(policies).items,
    recent: valueOf(recent).items.slice(0, RECENT),
    trip: valueOf(attention).find((item) => isTripOf(item, appId)),
    waiting: pending.ok ? pending.value.items.length : 0,
  };
}

function isTripOf(item: AttentionItem, appId: string): item is Extract<AttentionItem, { kind: "app-tripped" }> {
  return item.kind === "app-tripped" && item.app.id === appId;
}

async function everyPage<Item>(read: (cursor: string) => Promise<Result<Page<Item>>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor = "";
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items: more, next } = valueOf(await read(cursor));
    items.push(...more);
    if (next === null) break;
    cursor = next;
  }
  return items;
}

function filterOf(text: string | undefined): AppFilter {
  return APP_FILTERS.find((filter) => filter === text) ?? "in-use";
}

/** Whoever waits for an answer comes first. */
function lastUsedFirst(one: ConnectionView, other: ConnectionView): number {
  const waits = Number(other.state === "waiting") - Number(one.state === "waiting");
  return waits !== 0 ? waits : (other.lastUsedAt ?? "").localeCompare(one.lastUsedAt ?? "");
}
