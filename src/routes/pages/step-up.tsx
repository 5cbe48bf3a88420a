// `/step-up`: where a person confirms that it is them, and goes on with what asked for it.

import { Hono, type Context } from "hono";
import { ownPath } from "../../people/own-path.ts";
import { parseCode } from "../../people/sign-in.ts";
import type { FieldError } from "../../views/forms.tsx";
import { carriedAlong, ConfirmedPage, StepUpPage, type HeldForm } from "../../views/step-up.tsx";
import { authenticatePerson, FORM_TOKEN_FIELD, isSignedIn, requirePerson, type PageEnv, type PersonEnv } from "../authenticate-person.ts";
import { findAccount, instanceOf } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { framePerson } from "../frame.ts";
import { runsScript } from "../security-headers.ts";
import { textField } from "./text-field.ts";

export const stepUp = new Hono<PersonEnv>();

stepUp.use("/step-up/*", authenticatePerson, requirePerson, runsScript);

stepUp.get("/step-up", (c) => stepUpPage(c, 200, { goal: ownPath(c.req.query("next")) ?? "/account" }));

stepUp.post("/step-up/mail", async (c) => {
  const { session, publicUrl } = c.var.visit;
  const goal = await goalOf(c);
  const counted = await instanceOf(c.env).takeAttempt([{ kind: "step-up/account", subject: session.accountId }]);
  if (!counted.ok) return stepUpPage(c, 429, { goal, isCodeSent: true, errors: [{ field: "code", message: counted.refusal.message }] });
  valueOf(await accountOf(c).mailStepUpCode(session.sessionSecret, { publicUrl }));
  return stepUpPage(c, 200, { goal, isCodeSent: true });
});

stepUp.post("/step-up/code", async (c) => {
  const { session, network } = c.var.visit;
  const goal = await goalOf(c);
  const again = (status: 422 | 429, message: string) =>
    stepUpPage(c, status, { goal, isCodeSent: true, errors: [{ field: "code", message }] });
  const code = parseCode(await textField(c, "code"));
  if (code === undefined) return again(422, "A code has 8 digits.");
  const counted = await instanceOf(c.env).takeAttempt([
    { kind: "code/account", subject: session.accountId },
    { kind: "code/network", subject: network },
  ]);
  if (!counted.ok) return again(429, counted.refusal.message);
  const confirmed = await accountOf(c).stepUpByCode(session.sessionSecret, code);
  if (!confirmed.ok) {
    if (confirmed.refusal.code !== "forbidden") throw new RefusedError(confirmed.refusal.code, confirmed.refusal.message);
    return again(422, "Wrong or old code.");
  }
  if (typeof goal === "string") return c.redirect(goal, 303);
  return c.html(<ConfirmedPage person={await framePerson(c)} form={goal} />);
});

/** In place of an error: what was asked for waits on the page. Undefined where no page of a signed-in person asked. */
export async function stepUpInstead(c: Context<PersonEnv>): Promise<Response | undefined> {
  const visit = c.get("visit") as PageEnv["Variables"]["visit"] | undefined;
  if (visit === undefined || !isSignedIn(visit) || c.req.method !== "POST") return undefined;
  c.set("runsScript", true);
  const fields = (await fieldsOf(c)).filter(([name]) => name !== FORM_TOKEN_FIELD);
  const goal: HeldForm = { action: c.req.path, fields };
  return c.html(<StepUpPage person={await framePerson(c)} hasPasskey={visit.person.hasPasskey} goal={goal} />, 403);
}

interface StepUpState {
  readonly goal: HeldForm | string;
  readonly isCodeSent?: boolean;
  readonly errors?: readonly FieldError[];
}

async function stepUpPage(c: Context<PersonEnv>, status: 200 | 422 | 429, state: StepUpState) {
  const { visit } = c.var;
  return c.html(<StepUpPage person={await framePerson(c)} hasPasskey={visit.person.hasPasskey} {...state} />, status);
}

/** What the form carried along; an address that is not ours is dropped. */
async function goalOf(c: Context<PersonEnv>): Promise<HeldForm | string> {
  const { held, next } = carriedAlong(await fieldsOf(c));
  const action = ownPath(held?.action);
  if (held !== undefined && action !== undefined) return { ...held, action };
  return ownPath(next) ?? "/account";
}

async function fieldsOf(c: Context): Promise<[string, string][]> {
  // Through parseBody, which reads forms alone and keeps what it read.
  await c.req.parseBody();
  const form = c.req.bodyCache.formData === undefined ? [] : [...(await c.req.formData())];
  return form.flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
}

function accountOf(c: Context<PersonEnv>) {
  const found = findAccount(c.env, c.var.visit.session.accountId);
  if (found === undefined) throw new RefusedError("unauthenticated", "this browser is not signed in any more");
  return found;
}
