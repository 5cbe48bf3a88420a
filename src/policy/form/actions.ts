// What the editor's buttons do to its fields: rules come, go and move, conditions and limits are added and taken away. Nothing is judged.

import { typedKinds } from "./codecs.ts";
import { ADDED_BLOCKS, rulePrefixes, valueOf, valuesOf, type Fields } from "./form.ts";

type Writing = Map<string, readonly string[]>;

export interface Acted {
  readonly fields: Fields;
  /** The name of the field, or of the rule, that a person goes on with. */
  readonly focus: string | undefined;
}

/**
 * Carries out "add-rule", "remove-rule rules.3", "move-up rules.3", "move-down rules.3", "add rules.3 content.matches" (or without the
 * last word, what is chosen in the rule's field `add`), "drop rules.3 content.matches", "drop-kind rules.3 1000-1999",
 * "add-kinds rules.3", "add-limit rules.3", "drop-limit rules.3 0". Anything else changes nothing but that typed kinds become entries.
 */
export function act(before: Fields, action: string): Acted {
  const fields = settled(before);
  const [verb = "", rule = "", what = ""] = action.split(" ");
  if (verb === "add-rule") return addRule(fields, {});
  if (!rulePrefixes(fields).includes(rule)) return { fields, focus: undefined };
  switch (verb) {
    case "remove-rule":
      return removeRule(fields, rule);
    case "move-up":
      return move(fields, rule, -1);
    case "move-down":
      return move(fields, rule, 1);
    case "add":
      return addBlock(fields, rule, what === "" ? valueOf(fields, `${rule}.add`) : what);
    case "drop":
      return dropBlock(fields, rule, what);
    case "drop-kind":
      put(fields, `${rule}.kinds`, without(valuesOf(fields, `${rule}.kinds`), what));
      return { fields, focus: `${rule}.kinds` };
    case "add-kinds":
      return { fields, focus: `${rule}.kinds` };
    case "add-limit":
      return addLimit(fields, rule);
    case "drop-limit":
      put(fields, `${rule}.budgets`, without(valuesOf(fields, `${rule}.budgets`), what));
      removeAll(fields, `${rule}.budgets.${what}`);
      return { fields, focus: `${rule}.budgets` };
    default:
      return { fields, focus: undefined };
  }
}

/** Typed kinds that are some become entries of their own; what is none stays where it was typed. */
function settled(before: Fields): Writing {
  const fields = new Map(before);
  for (const rule of rulePrefixes(fields)) {
    const typed = typedKinds(valueOf(fields, `${rule}.kinds.add`));
    const isKind = (kind: number | string) => typeof kind === "number" || /^[0-9]+-[0-9]+$/.test(kind);
    put(fields, `${rule}.kinds`, [...new Set([...valuesOf(fields, `${rule}.kinds`), ...typed.filter(isKind).map(String)])]);
    put(fields, `${rule}.kinds.add`, typed.every(isKind) ? [] : [typed.filter((kind) => !isKind(kind)).join(", ")]);
  }
  return fields;
}

/** A rule more, with these fields below its prefix. It asks until somebody says otherwise: a forgotten rule must not allow. */
export function addRule(before: Fields, given: Readonly<Record<string, readonly string[]>>): Acted {
  const fields = new Map(before);
  const rules = valuesOf(fields, "rules");
  const number = String(1 + Math.max(-1, ...rules.map(Number)));
  const rule = `rules.${number}`;
  fields.set("rules", [...rules, number]);
  fields.delete("rules.absent");
  const taken = new Set(rulePrefixes(before).map((prefix) => valueOf(before, `${prefix}.id`)));
  const entries = { effect: ["ask"], ...given, id: [freeName(given["id"]?.[0] ?? `rule-${rules.length + 1}`, taken)] };
  for (const [name, values] of Object.entries(entries)) fields.set(`${rule}.${name}`, values);
  return { fields, focus: `${rule}.id` };
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`;
  return name;
}

function removeRule(fields: Writing, rule: string): Acted {
  const rules = rulePrefixes(fields);
  const next = rules[rules.indexOf(rule) + 1] ?? rules[rules.indexOf(rule) - 1];
  fields.set("rules", without(valuesOf(fields, "rules"), rule.slice("rules.".length)));
  removeAll(fields, rule);
  return { fields, focus: next ?? "add-rule" };
}

function move(fields: Writing, rule: string, by: number): Acted {
  const rules = rulePrefixes(fields);
  const from = rules.indexOf(rule);
  const to = Math.min(Math.max(from + by, 0), rules.length - 1);
  const moved = rules.toSpliced(from, 1).toSpliced(to, 0, rule);
  fields.set(
    "rules",
    moved.map((prefix) => prefix.slice("rules.".length)),
  );
  return { fields, focus: rule };
}

function addBlock(fields: Writing, rule: string, block: string): Acted {
  const has = valuesOf(fields, `${rule}.has`);
  if (!ADDED_BLOCKS.includes(block)) return { fields, focus: `${rule}.add` };
  put(fields, `${rule}.has`, [...new Set([...has, block])]);
  put(fields, `${rule}.add`, []);
  if (block === "opens") {
    fields.set(`${rule}.opens`, ["gift-wrap"]);
    fields.set(`${rule}.methods`, ["nip44_decrypt"]);
  }
  return { fields, focus: `${rule}.${block}` };
}

function dropBlock(fields: Writing, rule: string, block: string): Acted {
  put(fields, `${rule}.has`, without(valuesOf(fields, `${rule}.has`), block));
  removeAll(fields, `${rule}.${block}`);
  return { fields, focus: `${rule}.add` };
}

function addLimit(fields: Writing, rule: string): Acted {
  const rows = valuesOf(fields, `${rule}.budgets`);
  const row = String(1 + Math.max(-1, ...rows.map(Number)));
  const per = rows.some((one) => valueOf(fields, `${rule}.budgets.${one}.per`) === "hour") ? "day" : "hour";
  fields.set(`${rule}.budgets`, [...rows, row]);
  fields.set(`${rule}.budgets.${row}.per`, [per]);
  return { fields, focus: `${rule}.budgets.${row}.max` };
}

function without(values: readonly string[], gone: string): string[] {
  return values.filter((value) => value !== gone);
}

function removeAll(fields: Writing, prefix: string): void {
  for (const name of fields.keys()) if (name === prefix || name.startsWith(`${prefix}.`)) fields.delete(name);
}

function put(fields: Writing, name: string, values: readonly string[]): void {
  if (values.length > 0) fields.set(name, values);
  else fields.delete(name);
}
