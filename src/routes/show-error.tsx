// What a person sees in place of a page. Whoever is signed in keeps the bar, so that no error is a dead end; whatever fails on the way to
// that leaves the plain page.

import type { Context } from "hono";
import { logError } from "../log.ts";
import { ErrorPage, errorWords, rolesWords } from "../views/error-page.tsx";
import type { FramePerson } from "../views/layout.tsx";
import { visitAnyway, type PersonEnv, type SignedInVisit } from "./authenticate-person.ts";
import { findBunker } from "./context.ts";
import type { RefusedError } from "./errors.ts";
import { framePerson } from "./frame.ts";

const BUNKER_PATH = /^\/b\/([0-9a-f]{64})(?:\/|$)/;

/** `answer`: the same for programs, whose status and headers it keeps. */
export async function showError(c: Context, error: RefusedError, answer: Response): Promise<Response> {
  const seen = await looking(c, error);
  if (seen !== undefined) c.set("runsScript", true);
  const words = seen?.words ?? errorWords(error.code, error.message, c.get("requestId") as string);
  return c.html(ErrorPage({ ...words, person: seen?.person }), {
    status: answer.status as 404,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => name !== "content-type")),
  });
}

interface Looking {
  readonly person: FramePerson;
  readonly words?: ReturnType<typeof errorWords> | undefined;
}

/** Undefined for nobody, and on mailed links, which know no browser session and answer everybody alike. */
async function looking(c: Context, error: RefusedError): Promise<Looking | undefined> {
  if (c.req.path.startsWith("/approve/")) return undefined;
  try {
    const visit = await visitAnyway(c);
    if (visit === undefined) return undefined;
    c.set("visit", visit);
    return { person: await framePerson(c as Context<PersonEnv>), words: await whoCan(c, visit, error) };
  } catch (failed) {
    logError("error page", { error: failed });
    return undefined;
  }
}

/** Which member may do what this one may not. */
async function whoCan(c: Context, { person }: SignedInVisit, { roles }: RefusedError) {
  const bunkerId = BUNKER_PATH.exec(c.req.path)?.[1];
  if (roles === undefined || bunkerId === undefined) return undefined;
  const listed = await findBunker((c as Context<PersonEnv>).env, bunkerId)?.listMembers(person);
  if (listed?.ok !== true) return undefined;
  const { items, instanceOwners } = listed.value;
  const owners = roles.needs.includes("owner") ? instanceOwners : [];
  const able = [...items.filter(({ role }) => roles.needs.includes(role)), ...owners].map(({ email }) => email);
  return rolesWords(roles, able);
}
