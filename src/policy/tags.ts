// Conditions on an event's tags: which must be there, which must not, by name or by name and value.

import type { EventTemplate } from "../protocol/event.ts";
import type { Finding } from "./findings.ts";
import type { RuleDocument, TagDocument } from "./schema.ts";

/** What the tags must keep to: every required one, none of the forbidden ones. Values are compared letter by letter. */
export function tagDemands({ required = [], forbidden = [] }: NonNullable<RuleDocument["tags"]>, event: EventTemplate): Finding[] {
  return [
    ...required.map((tag): Finding => {
      const there = carries(event, tag);
      return { answer: there ? "yes" : "no", fact: `${there ? "with" : "without"} ${tagWords(tag)}` };
    }),
    ...forbidden.map((tag): Finding => {
      const there = carries(event, tag);
      return { answer: there ? "no" : "yes", fact: `${there ? "with" : "without"} ${tagWords(tag)}` };
    }),
  ];
}

function carries(event: EventTemplate, tag: TagDocument): boolean {
  if (typeof tag === "string") return event.tags.some(([name]) => name === tag);
  return event.tags.some(([name, value]) => name === tag.name && value !== undefined && tag.values.includes(value));
}

/** "a tag t", "a tag t that says news or sport". */
export function tagWords(tag: TagDocument): string {
  if (typeof tag === "string") return `a tag “${tag}”`;
  return `a tag “${tag.name}” that says ${tag.values.map((value) => `“${value}”`).join(" or ")}`;
}
