// `/b/<id>/approvals`: the inbox of one bunker.

import { Hono } from "hono";
import type { ApprovalFilter } from "../../../../durable-objects/approvals-rpc.ts";
import { APPROVAL_FILTERS, ApprovalsPage, type ApprovalsFilter } from "../../../views/bunker/approvals.tsx";
import type { PersonEnv } from "../../authenticate-person.ts";
import { bunkerOf } from "../../context.ts";
import { valueOf } from "../../errors.ts";
import { bunkerFrame } from "../../frame.ts";
import { idOf } from "./id.ts";
import { together } from "./together.tsx";
import { typedKind } from "./typed-kind.ts";

export const approvals = new Hono<PersonEnv>();

approvals.get("/", async (c) => {
  const { person } = c.var.visit;
  const stub = bunkerOf(c.env, idOf(c));
  const filter = APPROVAL_FILTERS.find((each) => each === c.req.query("show")) ?? "mine";
  const frame = await bunkerFrame(c, idOf(c), "approvals");
  const apps = valueOf(await stub.listConnections(person)).items;
  const app = apps.find(({ id }) => id === c.req.query("app"))?.id ?? "";
  // What is no kind is left out, as if it had not been typed.
  const number = typedKind(c.req.query("kind") ?? "");
  const kind = number === undefined ? "" : (c.req.query("kind") ?? "");
  const wanted = { ...WANTED[filter], ...(app !== "" && { connection: app }), ...(number !== undefined && { kind: number }) };
  const listed = valueOf(await stub.listApprovals(person, wanted, c.req.query("cursor")));
  const items =
    filter === "others" ? listed.items.filter(({ you }) => you === null || you.vote !== null || you.cannot !== null) : listed.items;
  const decided = items.length > 0 ? [] : valueOf(await stub.listApprovals(person, { state: "decided" })).items;
  const reading = { now: Date.now(), zone: frame.person.zone };
  return c.html(<ApprovalsPage {...{ frame, items, filter, apps, app, kind, reading }} older={listed.next} lastDecided={decided[0]} />);
});

approvals.route("/together", together);

const WANTED: Readonly<Record<ApprovalsFilter, ApprovalFilter>> = {
  mine: { state: "pending", waitingForMe: true },
  others: { state: "pending" },
  decided: { state: "decided" },
};
