// The editor's form as it was posted: fields on one side, JSON on the other, and which of the two counts. Whatever does not count and
// was changed is set aside, never dropped.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Context } from "hono";
import { parsePolicy } from "../../../policy/document.ts";
import { documentOf, fieldsOf, type Fields } from "../../../policy/form/form.ts";
import { readJson, writeJson } from "../../../policy/json-text.ts";
import { policyDocumentSchema } from "../../../policy/schema.ts";
import { npubToHex } from "../../../protocol/npub.ts";

export interface Sides {
  readonly fields: Fields;
  readonly json: string;
  /** What is wrong with the JSON where the JSON counts: the fields are then those of the last good state. */
  readonly problem: string | undefined;
  readonly setAside: string | undefined;
}

export interface Posted extends Sides {
  /** What was pressed. */
  readonly action: string;
  readonly base: number;
  readonly view: "fields" | "json";
}

/** Fields of the form that are no part of the document. */
const FRAME = ["form-token", "base", "view", "side", "fields-was", "json-was", "json", "json-aside", "do"] as const;

export async function readPosted(c: Context): Promise<Posted> {
  const fields = new Map<string, string[]>();
  for (const [name, values] of Object.entries(await c.req.parseBody({ all: true }))) {
    const texts = [values].flat().filter((value) => typeof value === "string");
    // HTML, "constructing the form data set": line breaks are sent as CR LF.
    fields.set(
      name,
      texts.map((text) => text.replace(/\r\n?/g, "\n")),
    );
  }
  const frame = Object.fromEntries(FRAME.map((name) => [name, fields.get(name)?.[0]]));
  for (const name of FRAME) fields.delete(name);
  nameCounterparties(fields);
  const action = frame["do"] ?? "show";
  return {
    ...sidesOf(fields, frame, action),
    action,
    base: Number(frame["base"] ?? "0") || 0,
    view: action === "view-json" || (frame["view"] === "json" && action !== "view-fields") ? "json" : "fields",
  };
}

/** Both sides of a document that nobody has touched yet. */
export function sidesFor(fields: Fields): Sides {
  return { fields, json: writeJson(documentOf(fields)), problem: undefined, setAside: undefined };
}

/** Changes the fields; the JSON follows. What was typed there and broken is set aside. */
export function withFields(sides: Sides, fields: Fields): Sides {
  const setAside = sides.problem === undefined ? sides.setAside : sides.json;
  return { fields, json: writeJson(documentOf(fields)), problem: undefined, setAside };
}

/** JSON with an error counts as changed until it is mended: whatever takes its place sets it aside. */
export function fingerprints({ fields, json, problem }: Sides): { fields: string; json: string } {
  return { fields: fingerprint(JSON.stringify(documentOf(fields))), json: problem === undefined ? fingerprint(json) : "" };
}

type Frame = Readonly<Record<string, string | undefined>>;

function sidesOf(fields: Fields, frame: Frame, action: string): Sides {
  const aside = frame["json-aside"];
  const isRestored = action === "restore-json" && aside !== undefined;
  const json = isRestored ? aside : (frame["json"] ?? "");
  const typed = { fields, json, problem: undefined, setAside: isRestored ? undefined : aside };
  const was = fingerprints(typed);
  const [fieldsChanged, jsonChanged] = [was.fields !== frame["fields-was"], was.json !== frame["json-was"]];
  // With a script the side says so; without one a side counts that was changed alone, and the fields where both were.
  const side = frame["side"] === "json" || frame["side"] === "fields" ? frame["side"] : jsonChanged && !fieldsChanged ? "json" : "fields";
  if (side === "json" || isRestored || action === "use-json") {
    const read = readDocument(json);
    return read.ok ? { ...typed, fields: new Map([...triedOf(fields), ...read.fields]) } : { ...typed, problem: read.problem };
  }
  const taken = withFields(typed, fields);
  return jsonChanged && json !== taken.json && json !== "" ? { ...taken, setAside: json } : taken;
}

/** Texts that patterns were tried on are of the page, not of the document. */
function triedOf(fields: Fields): [string, readonly string[]][] {
  return [...fields].filter(([name]) => name.endsWith(".try"));
}

function readDocument(text: string): { ok: true; fields: Fields } | { ok: false; problem: string } {
  const read = readJson(text);
  if (!read.ok) return { ok: false, problem: `The JSON has an error in line ${read.line}: expected ${read.expected}.` };
  const spelled = policyDocumentSchema.safeParse(read.value);
  if (spelled.success) return { ok: true, fields: fieldsOf(spelled.data) };
  // In the words of the one parser, and at the line of the first.
  const parsed = parsePolicy(read.value);
  const [first] = parsed.ok ? [] : parsed.problems;
  const where = first?.path === undefined || first.path === "" ? "" : `${first.path}: `;
  return {
    ok: false,
    problem: `The JSON has an error in line ${read.lineOf(first?.path ?? "")}: ${where}${first?.message ?? "expected a policy"}.`,
  };
}

/** People know each other's keys as npub; documents hold hex. */
function nameCounterparties(fields: Map<string, string[]>): void {
  for (const [name, [value = ""]] of fields) {
    if (!/^rules\.\d+\.counterparties$/.test(name)) continue;
    const lines = value.split("\n").map((line) => npubToHex(line.trim()) ?? line);
    fields.set(name, [lines.join("\n")]);
  }
}

function fingerprint(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)).slice(0, 8));
}
