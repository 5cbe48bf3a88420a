// What the fields of a policy are called on pages, and problems with them in a person's words.

import type { Problem } from "../../policy/document.ts";

/** By path within a rule. Conditions are named as they are in a rule that allows, then as in one that asks or denies. */
const LABELS: Readonly<Record<string, string | readonly [allow: string, others: string]>> = {
  id: "Name",
  description: "What it is for",
  effect: "What it does",
  methods: "What it is about",
  kinds: "Kinds of events",
  "content.matches": "Text matches",
  "content.words": "Text contains one of these words",
  "content.links.only": ["Links lead only to", "A link leads elsewhere than to"],
  "content.links.deny": ["No link leads to", "A link leads to"],
  "content.links.max": ["At most this many links", "More than this many links"],
  "content.mentions.max": ["At most this many mentions", "More than this many mentions"],
  "content.hashtags.max": ["At most this many hashtags", "More than this many hashtags"],
  "content.size.max": ["At most this many characters", "More than this many characters"],
  "tags.required": ["Has all of these tags", "Lacks one of these tags"],
  "tags.forbidden": ["Has none of these tags", "Has one of these tags"],
  counterparties: "With one of these people",
  "createdAt.skew": ["Its date is off by at most", "Its date is off by more than"],
  when: "Days and hours",
  "likeness.within": "Duplicates: the same was signed within",
  "http.urls": "Website logins to",
  "http.methods": "Website logins by HTTP method",
  relays: "Relay logins to",
  opens: "Opens gift wraps",
  guards: "Look-outs",
  budgets: "Limits",
  over: "Beyond that",
  approvals: "People",
};

export function labelOf(path: string, isAllow: boolean): string {
  const label = LABELS[path];
  return label === undefined ? path : typeof label === "string" ? label : label[isAllow ? 0 : 1];
}

/** The label of the nearest field around a path; undefined where there is none. */
function labelAround(path: string): string | undefined {
  const plain = path.replace(/\[\d+\]/g, "");
  const known = Object.keys(LABELS).find((field) => plain === field || plain.startsWith(`${field}.`) || field.startsWith(`${plain}.`));
  return known === undefined ? undefined : labelOf(known, true);
}

/** `short` stands beside the field, `long` says where that is. `ids` are the names of the rules, in order. */
export function problemWords({ path, message }: Problem, ids: readonly string[]): { short: string; long: string } {
  const short = sentence(message);
  const [, index, below = ""] = /^rules\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
  if (index === undefined) return { short, long: path === "" ? short : `${FRAME_LABELS[path.split(/[.[]/)[0] ?? ""] ?? path}: ${message}` };
  const rule = ids[Number(index)] || `rule ${Number(index) + 1}`;
  const label = labelAround(below);
  const isOwn = /^[A-Z]/.test(message);
  return {
    short,
    long: isOwn ? `‘${rule}’ ${message.charAt(0).toLowerCase()}${message.slice(1)}` : `‘${rule}’, ${label ?? below}: ${message}`,
  };
}

const FRAME_LABELS: Readonly<Record<string, string>> = {
  name: "Name",
  description: "What it is for",
  default: "Everything else",
  approvals: "Who is asked",
  rules: "Rules",
  examples: "Examples",
};

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}
