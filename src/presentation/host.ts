// Hosts as people can trust them: the coded form first, because two alphabets have letters that look the same.

import type { Host } from "./presentation.ts";
import { ACE_PREFIX, decodeLabel } from "./punycode.ts";
import { line } from "./quote.ts";

const MAX_HOST_CHARACTERS = 253; // RFC 1035

/** Alphabets that names are written in, by their names. Marks and digits belong to all of them. */
const ALPHABETS = [
  "Latin",
  "Cyrillic",
  "Greek",
  "Armenian",
  "Georgian",
  "Hebrew",
  "Arabic",
  "Cherokee",
  "Devanagari",
  "Bengali",
  "Thai",
  "Han",
  "Hiragana",
  "Katakana",
  "Hangul",
  "Bopomofo",
].map((name) => ({ name, letters: new RegExp(`[\\p{sc=${name}}&&\\p{L}]`, "v") }));

/** What is written together in earnest, with Latin letters between: Chinese, Japanese and Korean (UTS 39, "highly restrictive"). */
const TOGETHER = [
  ["Latin", "Han", "Bopomofo"],
  ["Latin", "Han", "Hiragana", "Katakana"],
  ["Latin", "Han", "Hangul"],
];

/** A host in compared form (`hostOf`), with what it displays as. */
export function hostWords(name: string): Host {
  if (!name.split(".").some((label) => label.startsWith(ACE_PREFIX))) return { name };
  const displayed = displayedName(name);
  if (displayed === undefined) return { name };
  const mixing = mixedAlphabets(name);
  const all = alphabetsOf(displayed).filter((alphabet) => alphabet !== "Latin");
  const alphabets = mixing.length > 0 ? `mixing ${listed(mixing)}` : all.length > 0 ? `in ${listed(all)}` : "with marked letters";
  return { name, displays: { as: line(displayed, MAX_HOST_CHARACTERS), alphabets } };
}

/** The alphabets that one part of the name mixes and no language writes together; empty for names that can be told. */
export function mixedAlphabets(name: string): readonly string[] {
  for (const label of (displayedName(name) ?? name).split(".")) {
    const alphabets = alphabetsOf(label);
    if (alphabets.length > 1 && !TOGETHER.some((family) => alphabets.every((one) => family.includes(one)))) return alphabets;
  }
  return [];
}

/** True for a part that looks like Latin and holds no Latin letter: “аррӏе” in Cyrillic. */
export function isWhollyForeign(name: string): boolean {
  const last = name.split(".").at(-1) ?? "";
  if (last.startsWith(ACE_PREFIX)) return false;
  return (displayedName(name) ?? name).split(".").some((label) => {
    const alphabets = alphabetsOf(label);
    return alphabets.length === 1 && ["Cyrillic", "Greek", "Armenian", "Cherokee"].includes(alphabets[0] ?? "");
  });
}

export function isAddress(name: string): boolean {
  return name.startsWith("[") || /^[0-9]+(?:\.[0-9]+){3}$/.test(name);
}

function displayedName(name: string): string | undefined {
  const labels = name.split(".").map((label) => (label.startsWith(ACE_PREFIX) ? decodeLabel(label) : label));
  return labels.includes(undefined) ? undefined : labels.join(".");
}

function alphabetsOf(text: string): string[] {
  return ALPHABETS.filter(({ letters }) => letters.test(text)).map(({ name }) => name);
}

/** "Latin and Cyrillic", "Latin, Greek and Cyrillic". */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}
