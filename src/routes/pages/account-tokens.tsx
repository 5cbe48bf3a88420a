// `/account/tokens`: API tokens, for owners of the instance. A token's text is in the answer to whoever made it and nowhere else.

import { Hono, type Context } from "hono";
import { momentInWords } from "../../notify/templates/moment.ts";
import { SCOPES } from "../../people/principal.ts";
import { MAX_TOKEN_DAYS } from "../../people/tokens.ts";
import { TokensPage, type TokensPageData } from "../../views/account-parts.tsx";
import type { PersonEnv } from "../authenticate-person.ts";
import { instanceOf } from "../context.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { framePerson } from "../frame.ts";
import { postedForm } from "./form.ts";

const DAY_SECONDS = 86_400;
const POLICY_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Mounted behind the guards of `/account/*`. */
export const tokenPages = new Hono<PersonEnv>();

tokenPages.get("/account/tokens", async (c) => {
  const done = c.req.query("done") === "revoked" ? "The token was revoked: it opens nothing any more." : undefined;
  return c.html(<TokensPage {...await pageData(c)} done={done} />);
});

tokenPages.post("/account/tokens", async (c) => {
  const form = await postedForm(c);
  const name = form.line("name", "A name", 100);
  const scopes = SCOPES.filter((scope) => form.isTicked(`scope:${scope}`));
  if (scopes.length === 0) form.wrong("scopes", "Choose at least one thing that it may do.");
  const policies = form
    .typed("policies")
    .split(/[\s,]+/)
    .filter((policy) => policy !== "");
  if (policies.some((policy) => !POLICY_NAME.test(policy))) form.wrong("policies", "Expected names of policies between commas.");
  const days = Number(form.typed("days"));
  if (!Number.isInteger(days) || days < 1 || days > MAX_TOKEN_DAYS)
    form.wrong("days", `Expected a whole number from 1 to ${MAX_TOKEN_DAYS}.`);
  const typed = { name, scopes, bunker: form.typed("bunker"), policies: form.typed("policies"), days: form.typed("days") };
  if (form.errors.length > 0) return c.html(<TokensPage {...await pageData(c)} typed={typed} errors={form.errors} />, 422);
  const input = { name, scopes, bunker: typed.bunker, policies, expiresInSeconds: days * DAY_SECONDS };
  const made = await instanceOf(c.env).createToken(c.var.visit.person, input);
  if (!made.ok) {
    if (made.refusal.code !== "invalid") throw new RefusedError(made.refusal.code, made.refusal.message);
    const errors = [{ field: "bunker", message: made.refusal.message }];
    return c.html(<TokensPage {...await pageData(c)} typed={typed} errors={errors} />, 422);
  }
  return c.html(<TokensPage {...await pageData(c)} made={{ name, text: made.value.token }} />, 201);
});

tokenPages.post("/account/tokens/:tokenId/revoke", async (c) => {
  valueOf(await instanceOf(c.env).revokeToken(c.var.visit.person, c.req.param("tokenId")));
  return c.redirect("/account/tokens?done=revoked", 303);
});

async function pageData(c: Context<PersonEnv>): Promise<TokensPageData> {
  const { person: who, preferences } = c.var.visit;
  const instance = instanceOf(c.env);
  const [person, tokens, bunkers] = await Promise.all([framePerson(c), instance.listTokens(who, ""), instance.listBunkers(who, "")]);
  const zone = preferences.zone ?? undefined;
  const moment = (at: number | string) => momentInWords(typeof at === "number" ? at : Date.parse(at), zone);
  return { person, tokens: valueOf(tokens).items, bunkers: valueOf(bunkers).items, moment };
}
