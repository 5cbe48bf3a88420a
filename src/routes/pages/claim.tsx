// `/claim`: whoever shows the claim code becomes the first owner, and this browser is signed in.

import { Hono, type Context } from "hono";
import { momentInWords } from "../../notify/templates/moment.ts";
import { parseEmail } from "../../notify/email-address.ts";
import { isUsableSetupToken } from "../../people/setup-token.ts";
import { CannotClaimPage, ClaimedPage, ClaimPage } from "../../views/claim.tsx";
import type { FieldError } from "../../views/forms.tsx";
import { authenticatePerson, startSession, type PageEnv } from "../authenticate-person.ts";
import { instanceOf } from "../context.ts";
import { RefusedError } from "../errors.ts";
import { instanceState, forgetInstanceState } from "../instance-state.ts";
import { setupTokenProblem } from "../setup-token-problem.ts";
import { textField } from "./text-field.ts";

const WRONG_CODE = "That code does not match. It was printed by the start or deploy command.";

export const claim = new Hono<PageEnv>();

claim.get("/claim", authenticatePerson, (c) => {
  const { instance, formToken } = c.var.visit;
  if (instance.claimed) return c.html(<ClaimedPage claimedOn={claimedOn(instance.claimedAt)} />);
  if (!isUsableSetupToken(c.env.SETUP_TOKEN)) return c.html(<CannotClaimPage {...setupTokenProblem(c.env.SETUP_TOKEN)} />, 503);
  return c.html(<ClaimPage formToken={formToken} code={c.req.query("code") ?? ""} />);
});

claim.post("/claim", authenticatePerson, async (c) => {
  const { visit } = c.var;
  const [code, typed] = [await textField(c, "code"), await textField(c, "email")];
  const email = parseEmail(typed);
  if (email === undefined) return retry(c, 422, { code, email: typed }, { field: "email", message: "That is no email address." });
  const input = { claimCode: code, email, browser: visit.browser, network: visit.network, seenAt: c.req.url };
  const claimed = await instanceOf(c.env).claim(input);
  forgetInstanceState(c.env);
  if (claimed.ok) {
    await startSession(c, claimed.value);
    return c.redirect("/?done=claimed", 303);
  }
  const { refusal } = claimed;
  if (refusal.code === "conflict") {
    return c.html(<ClaimedPage claimedOn={claimedOn((await instanceState(c.env)).claimedAt)} />, 409);
  }
  if (refusal.code === "forbidden") return retry(c, 403, { code, email }, { field: "code", message: WRONG_CODE });
  if (refusal.code === "rate-limited") return retry(c, 429, { code, email }, { field: "code", message: refusal.message });
  throw new RefusedError(refusal.code, refusal.message);
});

function retry(c: Context<PageEnv>, status: 403 | 422 | 429, typed: { code: string; email: string }, error: FieldError) {
  return c.html(<ClaimPage formToken={c.var.visit.formToken} {...typed} errors={[error]} />, status);
}

/** "3 May 2027", in UTC: nobody is signed in whose zone we would know. */
function claimedOn(at: number | null): string {
  return momentInWords(at ?? Date.now()).split(",")[0] ?? "";
}
