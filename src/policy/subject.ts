// A question as conditions look at it: its text is normalised, and its links are found, at most once and only if a rule asks.

import type { Question } from "./question.ts";
import { isEncryptedKind } from "./kinds.ts";
import { findLinks, type LinksSeen } from "./links.ts";
import { readText, type TextSeen } from "./text.ts";

export interface Subject {
  readonly question: Question;
  /** False where there is no text that could be looked at: decrypts, and events whose content is ciphertext. */
  readonly hasText: boolean;
  /** The event's content or the plaintext to encrypt; undefined when it was not kept (a replay). */
  text(): TextSeen | undefined;
  links(): LinksSeen | undefined;
}

export function createSubject(question: Question): Subject {
  const raw = rawText(question);
  let text: TextSeen | undefined;
  let links: LinksSeen | undefined;
  const seenText = () => (raw === undefined ? undefined : (text ??= readText(raw)));
  return {
    question,
    hasText: question.method === "sign_event" ? !isEncryptedKind(question.event.kind) : "plaintext" in question,
    text: seenText,
    links() {
      const seen = seenText();
      return seen === undefined ? undefined : (links ??= findLinks(seen.visible));
    },
  };
}

function rawText(question: Question): string | undefined {
  if (question.method === "sign_event") return question.event.content;
  return "plaintext" in question ? question.plaintext : undefined;
}
