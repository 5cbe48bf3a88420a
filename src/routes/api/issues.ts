// What is wrong with a body, a query or a path, in one sentence: where, and what was expected. Never what was sent.

import type { z } from "zod";

const MAX_ISSUES = 5; // whoever sends more mistakes than that reads the document

/** "rules[1].kindz: unknown field, expected: …; name: expected text of 1 to 100 characters" */
export function issuesMessage(issues: readonly z.core.$ZodIssue[]): string {
  const problems = issues.flatMap(problemsOf);
  const shown = problems.slice(0, MAX_ISSUES);
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`);
  return shown.join("; ");
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  const message = issue.message.replace(/^Invalid input: /, "");
  // The path of an unknown field is that of its object: the field's own name says where to look.
  const paths = issue.code === "unrecognized_keys" ? issue.keys.map((field) => [...issue.path, shortened(field)]) : [issue.path];
  return paths.map((path) => (path.length === 0 ? message : `${spellPath(path)}: ${message}`));
}

const MAX_FIELD_CHARACTERS = 64; // a field's name is the sender's text: enough to recognise it, not enough to echo a secret or a page

function shortened(field: string): string {
  return field.length <= MAX_FIELD_CHARACTERS ? field : `${field.slice(0, MAX_FIELD_CHARACTERS)}…`;
}

function spellPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((spelled, part) => {
    if (typeof part === "number") return `${spelled}[${part}]`;
    return spelled === "" ? String(part) : `${spelled}.${String(part)}`;
  }, "");
}
