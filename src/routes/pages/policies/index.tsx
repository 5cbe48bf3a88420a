// The Policies tab: the list, one policy, its versions, and deleting it. Mounted behind the guards of `/b/*`.

import { Hono } from "hono";
import { diffPolicies } from "../../../policy/diff.ts";
import { parsePolicy } from "../../../policy/document.ts";
import { presetNamed } from "../../../policy/presets.ts";
import { remarksOn } from "../../../policy/remarks.ts";
import { CONFIRM_FIELD, confirmNameError } from "../../../views/parts/confirm-name.tsx";
import { PoliciesPage } from "../../../views/policies/list.tsx";
import { policiesPath } from "../../../views/policies/page.ts";
import { DeletePolicyPage, PolicyPage } from "../../../views/policies/policy.tsx";
import { VersionPage, VersionsPage } from "../../../views/policies/versions.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { RefusedError, refusedBy, valueOf } from "../../errors.ts";
import { textField } from "../text-field.ts";
import { policyDrafts } from "./drafts.tsx";
import { editPolicies } from "./edit.tsx";
import { lookAt, lookAtAsEditor } from "./frame.ts";
import { publishPolicies } from "./review.tsx";

export const policies = new Hono<PersonEnv>();

policies.route("/", editPolicies);
policies.route("/", publishPolicies);
policies.route("/", policyDrafts);

policies.get("/b/:bunkerId/policies", async (c) => {
  const { stub, frame, done } = await lookAt(c);
  const { items } = valueOf(await stub.listPolicies(c.var.visit.person));
  return c.html(<PoliciesPage policies={items} frame={frame} done={done} />);
});

policies.get("/b/:bunkerId/policies/:name", async (c) => {
  const name = c.req.param("name");
  const { person } = c.var.visit;
  const { stub, bunker, frame, done } = await lookAt(c);
  const [read, drafts] = await Promise.all([stub.readPolicy(person, name), stub.listPolicyDrafts(person, name)]);
  const view = valueOf(read);
  const parsed = parsePolicy(view.document);
  const policy = parsed.ok ? parsed.policy : undefined;
  const remarks = policy === undefined || view.preset ? [] : remarksOn(policy, bunker.userPubkey);
  const page = { view, policy, preset: presetNamed(name), remarks, drafts: valueOf(drafts).items };
  return c.html(<PolicyPage {...page} frame={frame} done={done} />);
});

policies.get("/b/:bunkerId/policies/:name/delete", async (c) => {
  const { stub, frame } = await lookAtAsEditor(c);
  const view = valueOf(await stub.readPolicy(c.var.visit.person, c.req.param("name")));
  return c.html(<DeletePolicyPage view={view} formToken={c.var.visit.formToken} frame={frame} />);
});

policies.post("/b/:bunkerId/policies/:name/delete", async (c) => {
  const name = c.req.param("name");
  const { person, formToken } = c.var.visit;
  const { stub, bunker, frame } = await lookAtAsEditor(c);
  const typed = await textField(c, CONFIRM_FIELD);
  const wrong = confirmNameError(typed, name);
  const deleted = wrong === undefined ? await stub.deletePolicy(person, name) : undefined;
  if (deleted?.ok === true) return c.redirect(`${policiesPath(bunker.id)}?done=deleted`, 303);
  if (deleted !== undefined && deleted.refusal.code !== "conflict") throw refusedBy(deleted.refusal);
  // In use since the page was opened: the page names by what.
  const view = valueOf(await stub.readPolicy(person, name));
  const errors = wrong === undefined ? [] : [wrong];
  return c.html(
    <DeletePolicyPage view={view} formToken={formToken} typed={typed} errors={errors} frame={frame} />,
    wrong === undefined ? 409 : 422,
  );
});

policies.get("/b/:bunkerId/policies/:name/versions", async (c) => {
  const name = c.req.param("name");
  const { stub, frame } = await lookAt(c);
  const { items } = valueOf(await stub.listPolicyVersions(c.var.visit.person, name));
  return c.html(<VersionsPage name={name} versions={items} frame={frame} />);
});

policies.get("/b/:bunkerId/policies/:name/versions/:version", async (c) => {
  const { name, version } = c.req.param();
  const { stub, frame } = await lookAt(c);
  const versions = valueOf(await stub.listPolicyVersions(c.var.visit.person, name)).items;
  const view = versions.find((one) => String(one.version) === version && one.deleted !== true);
  if (view === undefined) throw new RefusedError("not-found", `${name} has no such version`);
  const others = versions.filter((one) => one !== view && one.deleted !== true);
  const chosen = others.find((one) => String(one.version) === c.req.query("with"));
  const [from, to] = [chosen, view].map((one) => (one === undefined ? undefined : parsePolicy(one.document)));
  const compared = from?.ok === true && to?.ok === true ? diffPolicies(from.policy, to.policy) : { summary: "", changes: [] };
  const difference = chosen === undefined ? (view.changes ?? compared) : compared;
  const page = {
    view,
    isInForce: view === versions[0],
    others: others.map((one) => one.version),
    with: chosen?.version ?? null,
    difference,
  };
  return c.html(<VersionPage {...page} frame={frame} />);
});
