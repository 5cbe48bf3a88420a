// Where a path of a document lies in the form: the field that a problem, or a word of a sentence, leads to.

import { keptOf, rulePrefixes, valuesOf, type Fields } from "./form.ts";

/** Where the whole document can be seen, whatever the fields show. */
export const JSON_FIELD = "json";

const APPROVALS = ["need", "from", "within", "passkey", "notRequester", "vetoAfter"];
const RULE_FIELDS: ReadonlySet<string> = new Set(["id", "description", "effect", "methods", "kinds", "guards", "budgets", "over"]);
const WITHIN_BLOCKS: Readonly<Record<string, readonly string[]>> = { approvals: APPROVALS, when: ["days", "from", "to", "zone"] };
const FRAME_FIELDS: ReadonlySet<string> = new Set([
  "name",
  "description",
  "default",
  "approvals",
  ...APPROVALS.map((field) => `approvals.${field}`),
]);
const BUDGET_FIELDS = ["max", "per", "scope"];

/** The id of the field at "rules[1].content.matches" or of the nearest around it; that of the JSON for what no field shows. */
export function placeOf(path: string, fields: Fields): string {
  const [, index, below = ""] = /^rules\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
  if (index === undefined) return nearest(path, (field) => FRAME_FIELDS.has(field)) ?? JSON_FIELD;
  const prefix = rulePrefixes(fields)[Number(index)];
  if (prefix === undefined) return JSON_FIELD;
  if (Object.keys(keptOf(fields, prefix)).some((kept) => isWithin(below, kept))) return JSON_FIELD;
  const limit = /^budgets\[(\d+)\]\.?(.*)$/.exec(below);
  if (limit !== null) {
    const row = valuesOf(fields, `${prefix}.budgets`)[Number(limit[1])];
    if (row !== undefined) return `${prefix}.budgets.${row}.${BUDGET_FIELDS.find((field) => field === limit[2]) ?? "max"}`;
  }
  const field = nearest(below, (candidate) => isRuleField(candidate, valuesOf(fields, `${prefix}.has`)));
  return field === undefined ? prefix : `${prefix}.${field}`;
}

function isRuleField(field: string, has: readonly string[]): boolean {
  if (RULE_FIELDS.has(field) || has.includes(field)) return true;
  const [block = "", part = ""] = field.split(".");
  return has.includes(block) && WITHIN_BLOCKS[block]?.includes(part) === true;
}

function nearest(path: string, isField: (field: string) => boolean): string | undefined {
  for (let here = path; here !== ""; here = here.replace(/(\.[^.[]*|\[\d+\]|^[^.[]*)$/, "")) if (isField(here)) return here;
  return undefined;
}

function isWithin(path: string, block: string): boolean {
  return path === block || path.startsWith(`${block}.`) || path.startsWith(`${block}[`);
}
