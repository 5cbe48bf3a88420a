// The profile (kind 0): replaced as a whole, so that what vanishes matters as much as what is new.

import { isJsonObject, parseJson, type JsonObject } from "../../protocol/json.ts";
import { hostOf } from "../../policy/hosts.ts";
import type { FieldChange, Part, Piece, Sentence } from "../presentation.ts";
import { quote } from "../quote.ts";
import { BY_THE_APP, nothingToCompare, say, type Scene, type Shown } from "../scene.ts";
import { critical, olderThanLast, warn, type RankedWarning } from "../warning.ts";
import { host, said } from "../words.ts";

/** The fields that people know, in the order of their weight. Others are shown under the name that the app gave them. */
const FIELDS: readonly (readonly [string, string])[] = [
  ["lud16", "Payment address"],
  ["lud06", "Payment address (LNURL)"],
  ["nip05", "Verified name"],
  ["name", "Name"],
  ["display_name", "Display name"],
  ["about", "About"],
  ["website", "Website"],
  ["picture", "Picture"],
  ["banner", "Banner"],
  ["bot", "Automated account"],
  ["birthday", "Birthday"],
];
const PICTURES: ReadonlySet<string> = new Set(["picture", "banner"]);
const PAYMENT = ["lud16", "lud06"] as const;

export function profile(scene: Scene): Shown {
  const { event, material, bunker } = scene;
  const last = material.latest(0, "");
  const [before, after] = [last && fieldsOf(last.content), fieldsOf(event.content)];
  const rows = after === undefined ? [] : changesOf(before, after);
  return {
    phrase: "Change the profile",
    wish: "change the profile",
    parts: [...thing(scene, rows, after), ...(last === undefined ? [nothingToCompare(bunker, "a profile", "profile")] : [])],
    warnings: [
      ...olderThanLast(event, last, "profile", true),
      ...(after === undefined ? [NOT_JSON] : [...paymentWarnings(before, after), ...nameWarning(before, after), ...vanishing(rows)]),
    ],
  };
}

function fieldsOf(content: string): JsonObject | undefined {
  const parsed = parseJson(content);
  return isJsonObject(parsed) ? parsed : undefined;
}

function thing({ event }: Scene, rows: readonly FieldChange[], after: JsonObject | undefined): Part[] {
  if (after === undefined && event.content === "") return [say("The new profile is empty.")];
  if (after === undefined) return [{ part: "quote", label: BY_THE_APP, text: quote(event.content) }];
  if (rows.length === 0) return [say("The new profile has no fields.")];
  return [{ part: "fields", rows }];
}

function changesOf(before: JsonObject | undefined, after: JsonObject): FieldChange[] {
  const known = FIELDS.map(([name]) => name);
  const others = [...Object.keys(after), ...Object.keys(before ?? {})].filter((name) => !known.includes(name));
  const rows = [...new Set([...known, ...others])].flatMap((name): FieldChange[] => {
    const [was, willBe] = [valueOf(name, before?.[name]), valueOf(name, after[name])];
    if (was === undefined && willBe === undefined) return [];
    const isSame = JSON.stringify(before?.[name]) === JSON.stringify(after[name]);
    const change = isSame ? "same" : was === undefined ? "added" : willBe === undefined ? "removed" : "changed";
    return [{ label: labelOf(name), change, ...(was && { was }), ...(willBe && { willBe }) }];
  });
  // What goes and what changes before what stays.
  const order = ["removed", "changed", "added", "same"];
  return rows.toSorted((a, b) => order.indexOf(a.change) - order.indexOf(b.change));
}

function labelOf(name: string): Sentence {
  const known = FIELDS.find(([field]) => field === name);
  return known === undefined ? ["Field ", said(name)] : [known[1]];
}

/** Undefined for what readers see nothing of. */
function valueOf(name: string, value: unknown): Sentence | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") return [saidWhole(JSON.stringify(value))];
  const pictureHost = PICTURES.has(name) ? hostOf(value) : undefined;
  return pictureHost === undefined ? [saidWhole(value)] : ["at ", host(pictureHost)];
}

function saidWhole(text: string): Piece {
  return { is: "said", segments: quote(text).segments };
}

function isSet(fields: JsonObject | undefined, name: string): boolean {
  return valueOf(name, fields?.[name]) !== undefined;
}

function differs(before: JsonObject, after: JsonObject, name: string): boolean {
  return (isSet(before, name) || isSet(after, name)) && JSON.stringify(before[name]) !== JSON.stringify(after[name]);
}

function paymentWarnings(before: JsonObject | undefined, after: JsonObject): RankedWarning[] {
  const goesTo = PAYMENT.map((name) => valueOf(name, after[name])).find((value) => value !== undefined);
  if (before === undefined) {
    if (goesTo === undefined) return [];
    const consequence = "Countersign cannot tell whether that is new.";
    return [warn("new", "payment-address", ["Tips go to ", ...goesTo, "."], consequence, "Approve it only if that address is yours.")];
  }
  if (!PAYMENT.some((name) => differs(before, after, name))) return [];
  const fact: Sentence = goesTo === undefined ? ["The payment address vanishes: tips go nowhere."] : ["Tips would go to ", ...goesTo, "."];
  const consequence = "Whoever owns that address gets the money, and payments cannot be called back.";
  const advice = "Ask somebody of the team whether this address is theirs.";
  return [critical("payment-address-changes", "the payment address changes", fact, consequence, advice)];
}

function nameWarning(before: JsonObject | undefined, after: JsonObject): RankedWarning[] {
  if (before === undefined || !differs(before, after, "nip05")) return [];
  const name = valueOf("nip05", after["nip05"]);
  const fact: Sentence = name === undefined ? ["The verified name vanishes."] : ["The verified name becomes ", ...name, "."];
  const consequence = "Readers tell this identity from impostors by it.";
  return [warn("loss", "verified-name", fact, consequence, "Approve it only if that site vouches for you.")];
}

function vanishing(rows: readonly FieldChange[]): RankedWarning[] {
  const gone = rows.filter(({ change }) => change === "removed");
  if (gone.length === 0) return [];
  const names = gone.flatMap(({ label }, index): Piece[] => [...(index === 0 ? [] : [", "]), ...label]);
  const fact: Sentence = [gone.length === 1 ? "1 field vanishes: " : `${gone.length} fields vanish: `, ...names, "."];
  const advice = "Reject it if the app does not know these fields and drops them.";
  return [warn("loss", `vanishing-${gone.length}`, fact, "A new profile replaces the whole old one.", advice)];
}

const NOT_JSON = warn(
  "loss",
  "not-json",
  ["This is no profile that apps can read: not valid JSON."],
  "Most apps would show no name and no picture.",
  "Reject it and tell whoever runs the app.",
);
