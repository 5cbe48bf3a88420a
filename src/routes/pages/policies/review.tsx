// From the editor to a version in force: the page with old and new sentences, publishing, and the way around when somebody was quicker.

import { Hono, type Context } from "hono";
import type { PolicyUse, PolicyView, PublishOutcome } from "../../../../durable-objects/bunker-rpc.ts";
import type { PersonPrincipal } from "../../../people/principal.ts";
import { isLooser } from "../../../policy/compare.ts";
import { diffPolicies } from "../../../policy/diff.ts";
import { parsePolicy, type Policy } from "../../../policy/document.ts";
import { readJson } from "../../../policy/json-text.ts";
import { mergePolicies } from "../../../policy/merge.ts";
import type { FieldError } from "../../../views/forms.tsx";
import { policiesPath } from "../../../views/policies/page.ts";
import { ConflictPage, PublishPage, type Way } from "../../../views/policies/publish.tsx";
import { actorWords } from "../../../views/policies/words.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import type { BunkerStub } from "../../context.ts";
import { RefusedError, refusedBy } from "../../errors.ts";
import { textField } from "../text-field.ts";
import { lookAtAsEditor } from "./frame.ts";
import type { Asked } from "./state.ts";

export const publishPolicies = new Hono<PersonEnv>();

interface Reviewed {
  readonly policy: Policy;
  /** What is under it now. */
  readonly usedBy: PolicyUse | undefined;
  /** Of its name, newest first. */
  readonly versions: readonly PolicyView[];
}

export function reviewPage(
  c: Context<PersonEnv>,
  asked: Asked,
  { policy, versions, usedBy }: Reviewed,
  errors: readonly FieldError[] = [],
) {
  const { looking, base, formToken } = asked;
  const { bunker } = looking;
  const latest = versions[0];
  if ((latest?.version ?? 0) !== base) return conflictPage(c, asked, policy, versions);
  const before = versions.map(readVersion).find((version) => version !== undefined);
  const inForce = latest?.deleted === true ? undefined : before;
  const loosens = before !== undefined && isLooser(before, policy, bunker.userPubkey);
  return c.html(
    <PublishPage
      frame={looking.frame}
      formToken={formToken}
      name={policy.name}
      version={base + 1}
      base={base}
      document={{ ...policy.document }}
      difference={diffPolicies(inForce, policy)}
      loosens={loosens}
      way={loosens ? wayOf(c, asked) : "publish"}
      confirmWith={c.var.visit.person.hasPasskey ? "passkey" : "a mailed code"}
      usedBy={usedBy}
      editor={asked.action}
      action={policiesPath(bunker.id, policy.name, "publish")}
      errors={errors}
    />,
    errors.length > 0 ? 422 : 200,
  );
}

function wayOf(c: Context<PersonEnv>, { looking }: Asked): Way {
  if (looking.role !== "owner") return "hand-over";
  if (c.var.visit.person.steppedUpUntil <= Date.now()) return "confirm";
  return looking.bunker.fourEyes ? "two-owners" : "publish";
}

function conflictPage(c: Context<PersonEnv>, asked: Asked, policy: Policy, versions: readonly PolicyView[]) {
  const { looking, base, formToken, action } = asked;
  const [latest] = versions;
  if (latest === undefined || latest.deleted === true)
    throw new RefusedError("conflict", `${policy.name} was deleted meanwhile; nothing was published`);
  const written = versions.find(({ version }) => version === base);
  const [from, theirs] = [written && readVersion(written), readVersion(latest)];
  const together = from && theirs && mergePolicies(from.document, theirs.document, policy.document);
  return c.html(
    <ConflictPage
      frame={looking.frame}
      formToken={formToken}
      name={policy.name}
      base={base}
      latest={{ version: latest.version, publishedAt: latest.publishedAt, by: actorWords(latest.publisher) }}
      theirs={theirs === undefined ? { summary: "", changes: [] } : diffPolicies(from, theirs)}
      mine={diffPolicies(from, policy)}
      together={together && { ...together }}
      document={{ ...policy.document }}
      editor={action}
    />,
    409,
  );
}

function readVersion({ document, deleted }: PolicyView): Policy | undefined {
  const parsed = deleted === true ? undefined : parsePolicy(document);
  return parsed?.ok === true ? parsed.policy : undefined;
}

publishPolicies.post("/b/:bunkerId/policies/:name/publish", async (c) => {
  const name = c.req.param("name");
  const { person, formToken, publicUrl } = c.var.visit;
  const looking = await lookAtAsEditor(c);
  const { stub, bunker } = looking;
  const [json, base] = [readJson(await textField(c, "json")), Number(await textField(c, "base")) || 0];
  const document: unknown = json.ok ? json.value : undefined;
  // An owner who has still to confirm is asked for that by the one onError, which sends this form again.
  const published = await stub.publishPolicy(person, name, document, { base });
  if (published.ok) return c.redirect(afterPublishing(bunker.id, name, published.value), 303);
  const parsed = parsePolicy(document);
  if (!parsed.ok || !["conflict", "invalid"].includes(published.refusal.code)) {
    throw refusedBy(published.refusal);
  }
  const reviewed = { policy: parsed.policy, ...(await lookUp(stub, person, name)) };
  const action = policiesPath(bunker.id, name, "edit");
  const asked = { looking, env: c.env, publicUrl, formToken, name, base, action, view: "fields" as const };
  const message = `${published.refusal.message.charAt(0).toUpperCase()}${published.refusal.message.slice(1)}`;
  return reviewPage(c, asked, reviewed, [{ field: "content", message }]);
});

/** What there is under a name: nothing of one that is new. */
export async function lookUp(stub: BunkerStub, person: PersonPrincipal, name: string): Promise<Omit<Reviewed, "policy">> {
  const [versions, inForce] = await Promise.all([stub.listPolicyVersions(person, name), stub.readPolicy(person, name)]);
  return { versions: versions.ok ? versions.value.items : [], usedBy: inForce.ok ? inForce.value.usedBy : undefined };
}

export function afterPublishing(bunkerId: string, name: string, outcome: PublishOutcome): string {
  if (outcome.done === "published") return `${policiesPath(bunkerId, name)}?done=published`;
  const path = policiesPath(bunkerId, name, "drafts", outcome.draft.id);
  return `${path}?done=${outcome.act === undefined ? "draft" : "asked"}`;
}
