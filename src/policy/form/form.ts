// A policy document as the fields of a plain HTML form, and back, without loss: what the form does not show travels along as JSON.
// A field's name is its path in the document, with the rule's own prefix: "rules.0.content.matches".

import type { PolicyDocument } from "../schema.ts";
import {
  below,
  duration,
  group,
  guards,
  kinds,
  lines,
  number,
  optionalDuration,
  optionalNumber,
  optionalPercent,
  optionalSwitch,
  optionalText,
  rows,
  tags,
  text,
  ticks,
  type Codec,
} from "./codecs.ts";

/** Fields as a browser sends them: every value under its name, in order. */
export type Fields = ReadonlyMap<string, readonly string[]>;
type Writing = Map<string, readonly string[]>;

interface Block {
  /** Within the rule or the document: "content.matches". */
  readonly path: string;
  readonly codec: Codec;
  /** Only there once somebody added it: its path then stands in the rule's field `has`. */
  readonly isAdded: boolean;
}

const always = (path: string, codec: Codec): Block => ({ path, codec, isAdded: false });
const added = (path: string, codec: Codec): Block => ({ path, codec, isAdded: true });

const approvals = group({
  need: optionalNumber,
  from: ticks,
  within: optionalDuration,
  passkey: optionalSwitch,
  notRequester: optionalSwitch,
  vetoAfter: optionalDuration,
});

/** In the order in which a document is written. */
const RULE_BLOCKS: readonly Block[] = [
  always("id", text),
  always("description", optionalText),
  always("effect", text),
  always("methods", ticks),
  always("kinds", kinds),
  added("content.size.max", number),
  added("content.matches", text),
  added("content.words", lines),
  added("content.links.only", lines),
  added("content.links.deny", lines),
  added("content.links.max", number),
  added("content.mentions.max", number),
  added("content.hashtags.max", number),
  added("tags.required", tags),
  added("tags.forbidden", tags),
  added("createdAt.skew", duration),
  added("counterparties", lines),
  added("opens", text),
  added("http.urls", lines),
  added("http.methods", lines),
  added("relays", lines),
  added("when", group({ days: ticks, from: optionalText, to: optionalText, zone: optionalText })),
  added("likeness.within", duration),
  always(
    "guards",
    guards({
      "mass-unfollow": { share: optionalPercent },
      "profile-takeover": { fields: ticks },
      "deletion-storm": { max: optionalNumber, within: optionalDuration },
      "foreign-relay-list": { share: optionalPercent },
    }),
  ),
  always("budgets", rows({ max: number, per: text, scope: optionalText })),
  always("over", optionalText),
  added("approvals", approvals),
];

const DOCUMENT_BLOCKS: readonly Block[] = [
  always("name", text),
  always("description", optionalText),
  always("default", optionalText),
  always("approvals", approvals),
];

/** What a rule may have more of: "content.matches", "approvals". */
export const ADDED_BLOCKS: readonly string[] = RULE_BLOCKS.filter(({ isAdded }) => isAdded).map(({ path }) => path);

export function valuesOf(fields: Fields, name: string): readonly string[] {
  return fields.get(name) ?? [];
}

export function valueOf(fields: Fields, name: string): string {
  return valuesOf(fields, name)[0] ?? "";
}

/** The prefixes of the rules' fields, in order: "rules.0". */
export function rulePrefixes(fields: Fields): string[] {
  const numbers = valuesOf(fields, "rules").filter((rule) => /^[0-9]{1,6}$/.test(rule));
  return [...new Set(numbers)].map((rule) => `rules.${rule}`);
}

export function fieldsOf(document: PolicyDocument): Map<string, readonly string[]> {
  const { rules, ...frame } = document;
  const fields: Writing = new Map();
  writeBlocks(fields, "", DOCUMENT_BLOCKS, frame);
  if (rules === undefined) fields.set("rules.absent", ["1"]);
  else fields.set("rules", [...rules.keys()].map(String));
  for (const [index, rule] of (rules ?? []).entries()) writeBlocks(fields, `rules.${index}.`, RULE_BLOCKS, rule);
  return fields;
}

/** The document that these fields spell. Whether it is one is for its parser to say. */
export function documentOf(fields: Fields): Record<string, unknown> {
  const rules = rulePrefixes(fields).map((prefix) => readBlocks(fields, `${prefix}.`, RULE_BLOCKS));
  const { $schema, examples, ...frame } = readBlocks(fields, "", DOCUMENT_BLOCKS);
  const isAbsent = rules.length === 0 && fields.has("rules.absent");
  return {
    ...($schema !== undefined && { $schema }),
    ...frame,
    ...(!isAbsent && { rules }),
    ...(examples !== undefined && { examples }),
  };
}

/** What of a rule, or of the document (prefix ""), the form cannot show and keeps as it is: values by path. */
export function keptOf(fields: Fields, prefix: string): Record<string, unknown> {
  const kept = valueOf(fields, prefix === "" ? "kept" : `${prefix}.kept`);
  if (kept === "") return {};
  try {
    return JSON.parse(kept) as Record<string, unknown>;
  } catch {
    return { kept }; // the document's parser refuses it by its name: nothing is dropped in silence
  }
}

function writeBlocks(fields: Writing, prefix: string, blocks: readonly Block[], value: Readonly<Record<string, unknown>>): void {
  const kept: Record<string, unknown> = {};
  const has: string[] = [];
  for (const { path, codec, isAdded } of blocks) {
    const part = dig(value, path);
    if (part === undefined) continue;
    const written = codec.write(part);
    const entries = new Map(written?.map(([suffix, values]) => [below(path, suffix), values]));
    const read = codec.read((suffix) => entries.get(below(path, suffix)) ?? []);
    if (written === undefined || !isSame(read, part)) {
      kept[path] = part;
      continue;
    }
    for (const [name, values] of entries) fields.set(`${prefix}${name}`, values);
    if (isAdded) has.push(path);
  }
  fields.set(`${prefix}has`, has);
  fields.set(`${prefix}kept`, [JSON.stringify(kept)]);
  // What no block speaks of: fields of a later version, objects without anything in them. Then the form shows nothing of that field.
  const shown = readBlocks(fields, prefix, blocks);
  const unshown = Object.keys(value).filter((field) => !isSame(shown[field], value[field]));
  for (const field of unshown) {
    for (const { path } of blocks.filter((block) => fieldOf(block.path) === field)) {
      for (const name of fields.keys()) if (name === `${prefix}${path}` || name.startsWith(`${prefix}${path}.`)) fields.delete(name);
      delete kept[path];
    }
    kept[field] = value[field];
  }
  put(
    fields,
    `${prefix}has`,
    has.filter((path) => !unshown.includes(fieldOf(path))),
  );
  put(fields, `${prefix}kept`, Object.keys(kept).length === 0 ? [] : [JSON.stringify(kept)]);
}

function put(fields: Writing, name: string, values: readonly string[]): void {
  if (values.length > 0) fields.set(name, values);
  else fields.delete(name);
}

function readBlocks(fields: Fields, prefix: string, blocks: readonly Block[]): Record<string, unknown> {
  const kept = keptOf(fields, prefix.slice(0, -1));
  const has = valuesOf(fields, `${prefix}has`);
  const value: Record<string, unknown> = {};
  for (const [path, part] of Object.entries(kept)) bury(value, path, part);
  for (const { path, codec, isAdded } of blocks) {
    if (path in kept || (isAdded && !has.includes(path))) continue;
    const part = codec.read(at(fields, `${prefix}${path}`));
    if (part !== undefined && !(prefix === "" && isEmpty(part))) bury(value, path, part);
  }
  return value;
}

function at(fields: Fields, name: string) {
  return (suffix: string) => valuesOf(fields, below(name, suffix));
}

function fieldOf(path: string): string {
  return path.split(".", 1)[0] ?? "";
}

function dig(value: unknown, path: string): unknown {
  return path.split(".").reduce((here, field) => (isObject(here) && Object.hasOwn(here, field) ? here[field] : undefined), value);
}

function bury(value: Record<string, unknown>, path: string, part: unknown): void {
  const [field = "", ...rest] = path.split(".");
  if (rest.length === 0) {
    value[field] = part;
    return;
  }
  const inner = isObject(value[field]) ? value[field] : {};
  value[field] = inner;
  bury(inner, rest.join("."), part);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** Equal as JSON, whatever the order of fields. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((entry, index) => isSame(entry, other[index]));
  if (!isObject(one) || !isObject(other)) return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => name in other && isSame(one[name], other[name]));
}
