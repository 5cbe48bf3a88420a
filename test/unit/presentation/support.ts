// A bunker's memory as a test wants it, and presentations flattened to what a reader gets.

import type { EventTemplate } from "../../../src/protocol/event.ts";
import type { Asked, ComparisonMaterial, FamiliarName } from "../../../src/presentation/material.ts";
import type { Presentation, Segment } from "../../../src/presentation/presentation.ts";
import { present } from "../../../src/presentation/present.ts";
import { partLines, sentenceText } from "../../../src/presentation/text-form.ts";
import { other, user } from "../protocol/support.ts";

export const NOW = Date.UTC(2026, 10, 26, 11, 30, 5);
export const NOW_SECONDS = Math.floor(NOW / 1000);
export const USER = user;
export const OTHER = other;

export interface Memory {
  readonly latest?: readonly EventTemplate[];
  readonly signed?: Readonly<Record<string, EventTemplate>>;
  readonly familiar?: readonly FamiliarName[];
  readonly hadSameText?: boolean;
  readonly receiver?: ReturnType<ComparisonMaterial["receiverOf"]>;
  readonly conversations?: number;
  readonly nicknames?: Readonly<Record<string, string>>;
  readonly bunkerName?: string;
  readonly appName?: string;
  readonly now?: number;
}

export function material(memory: Memory = {}): ComparisonMaterial {
  const identifier = (event: EventTemplate) => (event.kind >= 30_000 ? (event.tags.find(([name]) => name === "d")?.[1] ?? "") : "");
  return {
    bunkerName: memory.bunkerName ?? "Daily News",
    appName: memory.appName ?? "news-bot",
    user: USER,
    now: memory.now ?? NOW,
    askedAt: NOW,
    latest: (kind, name) => memory.latest?.find((event) => event.kind === kind && identifier(event) === name),
    signedHere: (ids) => new Map(ids.flatMap((id) => (memory.signed?.[id] === undefined ? [] : [[id, memory.signed[id]]]))),
    isFamiliar: (name) => memory.familiar?.includes(name) ?? false,
    hadSameText: () => memory.hadSameText ?? false,
    receiverOf: () => memory.receiver,
    conversationsInHour: () => memory.conversations ?? 0,
    nickname: (pubkey) => memory.nicknames?.[pubkey],
  };
}

export function event(kind: number, content = "", tags: string[][] = [], created_at = NOW_SECONDS): EventTemplate {
  return { kind, content, tags, created_at };
}

export function shown(template: EventTemplate, memory?: Memory): Presentation {
  return present({ method: "sign_event", event: template }, material(memory));
}

export function shownMessage(method: Exclude<Asked["method"], "sign_event">, characters: number, memory?: Memory): Presentation {
  return present({ method, counterparty: OTHER, characters }, material(memory));
}

/** Every segment of a presentation: wherever somebody else's text could be. */
export function segmentsOf(value: unknown): Segment[] {
  if (Array.isArray(value)) return value.flatMap(segmentsOf);
  if (typeof value !== "object" || value === null) return [];
  if ("is" in value && ["text", "chip", "mention", "reference"].includes(String(value.is))) return [value as Segment];
  return Object.values(value).flatMap(segmentsOf);
}

/** Each line that a reader of plain text meets, in order. */
export function linesOf({ parts }: Presentation): string[] {
  return parts.flatMap(partLines);
}

export function facts({ warnings }: Presentation): string[] {
  return warnings.map(({ fact }) => sentenceText(fact));
}
