// How one value of a policy document lies in fields of an HTML form, and how it is read back. What somebody typed wrongly is read as they
// typed it: the policy's own parser says what was expected. What a form cannot carry unchanged is not written at all.

import { kindNamed } from "../kind-names.ts";

/** The values under a name that ends so; none where there is no such field. */
export type Values = (suffix: string) => readonly string[];
export type Written = readonly (readonly [suffix: string, values: readonly string[]])[];

export interface Codec {
  /** Undefined where the form cannot show this value. */
  write(value: unknown): Written | undefined;
  /** Undefined where the field is absent. */
  read(values: Values): unknown;
}

/** Text fields lose line breaks, and no field carries NUL or half a character: browsers change them without a word. */
function survives(text: string): boolean {
  return text.isWellFormed() && !/[\r\n\0]/.test(text);
}

const one = (values: Values, suffix = "") => values(suffix)[0] ?? "";

/** A number where it is one, else the text. */
function numberOr(text: string): number | string {
  return /^-?[0-9]+(\.[0-9]+)?$/.test(text.trim()) ? Number(text) : text;
}

export const text: Codec = {
  write: (value: string) => (survives(value) ? [["", [value]]] : undefined),
  read: (values) => one(values),
};

/** Text that is absent where it is empty. */
export const optionalText: Codec = { write: text.write, read: (values) => one(values) || undefined };

export const number: Codec = {
  write: (value: number) => [["", [String(value)]]],
  read: (values) => numberOr(one(values)),
};

export const optionalNumber: Codec = { write: number.write, read: (values) => (one(values) === "" ? undefined : number.read(values)) };

/** "true", "false" or nothing: a setting that may be left to the policy. */
export const optionalSwitch: Codec = {
  write: (value: boolean) => [["", [String(value)]]],
  read: (values) => ({ true: true, false: false })[one(values)],
};

/** A share as a percentage: 0.1 is 10. */
export const optionalPercent: Codec = {
  write: (value: number) => [["", [String(Number((value * 100).toPrecision(12)))]]],
  read: (values) => {
    const typed = numberOr(one(values));
    return typed === "" ? undefined : typeof typed === "number" ? Number((typed / 100).toPrecision(12)) : typed;
  },
};

/** "24h" as an amount and a unit. */
export const duration: Codec = {
  write: (value: string) => [
    ["amount", [value.slice(0, -1)]],
    ["unit", [value.slice(-1)]],
  ],
  read: (values) => `${one(values, "amount").trim()}${one(values, "unit")}`,
};

export const optionalDuration: Codec = {
  write: duration.write,
  read: (values) => (one(values, "amount").trim() === "" ? undefined : duration.read(values)),
};

/** One entry a line. */
export const lines: Codec = {
  write: (value: readonly string[]) =>
    value.every((entry) => survives(entry) && entry.trim() === entry && entry !== "") ? [["", [value.join("\n")]]] : undefined,
  read: (values) =>
    one(values)
      .split("\n")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ""),
};

/** Tick boxes: absent without a tick. `was` keeps the order in which they were written, which boxes do not have. */
export const ticks: Codec = {
  write: (value: readonly string[]) =>
    new Set(value).size < value.length
      ? undefined
      : [
          ["", value],
          ["was", [value.join(" ")]],
        ],
  read: (values) => {
    const ticked = values("");
    const was = one(values, "was").split(" ");
    const ordered = [...was.filter((entry) => ticked.includes(entry)), ...ticked.filter((entry) => !was.includes(entry))];
    return ordered.length === 0 ? undefined : ordered;
  },
};

/** Kinds as removable entries, and what was typed to be added: "notes, 1000-1999". */
export const kinds: Codec = {
  write: (value: readonly (number | string)[]) => [["", value.map(String)]],
  read: (values) => {
    const all = [...values("").map(kindOf), ...typedKinds(one(values, "add"))];
    return all.length === 0 ? undefined : all;
  },
};

export function typedKinds(typed: string): (number | string)[] {
  return typed
    .split(/[,;\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map(kindOf);
}

function kindOf(typed: string): number | string {
  const entry = typed.replace(/^kinds? (?=[0-9])/i, "");
  if (/^[0-9]{1,5}$/.test(entry)) return Number(entry);
  const [, first, last] = /^([0-9]{1,5}) *(?:-|–|to) *([0-9]{1,5})$/.exec(entry) ?? [];
  return first === undefined || last === undefined ? (kindNamed(entry) ?? typed) : `${first}-${last}`;
}

/** Tags, one a line: "t", or "t: news, sport" for its values. */
export const tags: Codec = {
  write: (value: readonly (string | { name: string; values: readonly string[] })[]) =>
    lines.write(value.map((tag) => (typeof tag === "string" ? tag : `${tag.name}: ${tag.values.join(", ")}`))),
  read: (values) =>
    (lines.read(values) as string[]).map((line) => {
      const colon = line.indexOf(":");
      if (colon === -1) return line;
      const listed = line.slice(colon + 1).split(",");
      return { name: line.slice(0, colon).trim(), values: listed.map((entry) => entry.trim()).filter((entry) => entry !== "") };
    }),
};

/** An object of fields that may each be absent. */
export function group(shape: Readonly<Record<string, Codec>>): Codec {
  return {
    write: (value: Readonly<Record<string, unknown>>) => writeGroup(shape, value),
    read: (values) => readGroup(shape, values),
  };
}

function writeGroup(shape: Readonly<Record<string, Codec>>, value: Readonly<Record<string, unknown>>): Written | undefined {
  const written: [string, readonly string[]][] = [];
  for (const [field, part] of Object.entries(value)) {
    const entries = shape[field]?.write(part);
    if (entries === undefined) return undefined;
    for (const [suffix, values] of entries) written.push([below(field, suffix), values]);
  }
  return written;
}

function readGroup(shape: Readonly<Record<string, Codec>>, values: Values): Record<string, unknown> {
  const fields = Object.entries(shape).map(([field, codec]) => [field, codec.read((suffix) => values(below(field, suffix)))] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

export function below(field: string, suffix: string): string {
  return suffix === "" ? field : `${field}.${suffix}`;
}

/** Rows of the same fields. The field itself lists the rows by the names that their fields begin with. */
export function rows(shape: Readonly<Record<string, Codec>>): Codec {
  return {
    write: (value: readonly Readonly<Record<string, unknown>>[]) => {
      const written: [string, readonly string[]][] = [["", value.map((_, index) => String(index))]];
      for (const [index, row] of value.entries()) {
        const entries = writeGroup(shape, row);
        if (entries === undefined) return undefined;
        for (const [suffix, values] of entries) written.push([below(String(index), suffix), values]);
      }
      return written;
    },
    read: (values) => {
      const all = values("").map((row) => readGroup(shape, (suffix) => values(below(row, suffix))));
      return all.length === 0 ? undefined : all;
    },
  };
}

/** Look-outs: ticked by name, each with figures of its own. */
export function guards(settings: Readonly<Record<string, Readonly<Record<string, Codec>>>>): Codec {
  type Guard = string | { guard: string };
  const nameOf = (guard: Guard) => (typeof guard === "string" ? guard : guard.guard);
  return {
    write: (value: readonly Guard[]) => {
      const names = ticks.write(value.map(nameOf));
      const figures = value.flatMap((guard) => {
        if (typeof guard === "string") return [];
        const { guard: name, ...rest } = guard;
        return (writeGroup(settings[name] ?? {}, rest) ?? []).map(([suffix, values]) => [below(name, suffix), values] as const);
      });
      return names && [...names, ...figures];
    },
    read: (values) =>
      (ticks.read(values) as string[] | undefined)?.map((name) => {
        const figures = readGroup(settings[name] ?? {}, (suffix) => values(below(name, suffix)));
        return Object.keys(figures).length === 0 ? name : { guard: name, ...figures };
      }),
  };
}
