// Rules in words on a page: the effect first and bold, and where the page has fields, every piece that can be changed leads to its own.

import type { Child } from "hono/jsx";
import type { NamedActor } from "../../../durable-objects/insight-rpc.ts";
import type { Part } from "../../policy/clauses.ts";
import type { Effect } from "../../policy/question.ts";
import type { Sentence } from "../../policy/sentence.ts";
import { Icon } from "../parts/icons.tsx";
import { Pill } from "../parts/pill.tsx";

const EFFECTS = { allow: ["allowed", "Allow"], ask: ["asked", "Ask"], deny: ["denied", "Deny"] } as const;

export function EffectPill({ effect }: { effect: Effect }) {
  const [status, word] = EFFECTS[effect];
  return <Pill status={status}>{word}</Pill>;
}

const MARKS = { allow: ["yes", "tick-circle"], ask: ["ask", "clock"], deny: ["no", "crossed-circle"] } as const;

/** The effect's picture alone, where the word stands beside it. */
export function EffectMark({ effect }: { effect: Effect }) {
  const [tone, icon] = MARKS[effect];
  return (
    <span class={`mark ${tone}`}>
      <Icon name={icon} />
    </span>
  );
}

export interface SentenceProps {
  readonly sentence: Sentence;
  /** Where the field of a piece is on this page; without it nothing leads anywhere. */
  readonly placeOf?: (field: string) => string;
}

export function SentenceWords({ sentence, placeOf }: SentenceProps) {
  return <>{sentence.parts.map((part) => (placeOf === undefined ? words(part) : <PieceLink part={part} placeOf={placeOf} />))}</>;
}

function PieceLink({ part, placeOf }: { part: Part; placeOf: (field: string) => string }) {
  if (part.field === undefined) return <>{part.text}</>;
  return (
    <a class="piece" href={`#${placeOf(part.field)}`}>
      {words(part)}
    </a>
  );
}

function words({ text, field }: Part): Child {
  if (field === "effect") return <b>{text}</b>;
  return field === "content.matches" ? <code>{text}</code> : text;
}

/** Every sentence of a policy, one a line. */
export function Sentences({ sentences }: { sentences: readonly Sentence[] }) {
  return (
    <ul class="sentences">
      {sentences.map((sentence) => (
        <li>
          <SentenceWords sentence={sentence} />
        </li>
      ))}
    </ul>
  );
}

/** "ana@example.org", "the operator": whoever published or wrote. */
export function actorWords(actor: NamedActor | undefined): string {
  switch (actor?.kind) {
    case "person":
      return actor.email ?? "a former member";
    case "operator":
      return "the operator";
    case "token":
      return actor.name === null ? "a script" : `the script ${actor.name}`;
    case "app":
      return "an app";
    case "countersign":
    case undefined:
      return "Countersign";
  }
}

export function listNames(names: readonly string[], most = 3): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most - 1).join(", ")} and ${names.length - most + 1} more`;
}
