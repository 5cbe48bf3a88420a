// Conditions on what is said: size, patterns in linear time, word lists, links, mentions and hashtags.

import type { RE2JS } from "re2js";
import type { Effect } from "./question.ts";
import type { ContentDocument } from "./schema.ts";
import type { Finding } from "./findings.ts";
import type { Subject } from "./subject.ts";
import { count } from "./duration.ts";
import { isWithinDomains, normalHost } from "./hosts.ts";
import { compilePattern } from "./pattern.ts";
import { foldText, holdsWord, normalWord, type TextSeen } from "./text.ts";

export interface ContentTest {
  readonly document: ContentDocument;
  readonly pattern?: RE2JS;
  /** The words as they were written, by the form that is compared. */
  readonly words?: ReadonlyMap<string, string>;
  readonly onlyHosts?: ReadonlySet<string>;
  readonly deniedHosts?: ReadonlySet<string>;
}

type Report = (path: (string | number)[], message: string) => void;

/** Prepares the tests of a rule; what cannot be prepared is reported with its path below `content`. */
export function compileContent(document: ContentDocument, report: Report): ContentTest {
  const hosts = (field: "only" | "deny") => compileHosts(document, field, report);
  const [pattern, words] = [patternOf(document, report), compileWords(document, report)];
  const [onlyHosts, deniedHosts] = [hosts("only"), hosts("deny")];
  return {
    document,
    ...(pattern === undefined ? {} : { pattern }),
    ...(words === undefined ? {} : { words }),
    ...(onlyHosts === undefined ? {} : { onlyHosts }),
    ...(deniedHosts === undefined ? {} : { deniedHosts }),
  };
}

function compileHosts({ links }: ContentDocument, field: "only" | "deny", report: Report): Set<string> | undefined {
  const listed = links?.[field];
  if (listed === undefined) return undefined;
  const hosts = new Set<string>();
  for (const [index, name] of listed.entries()) {
    const host = /[*:]/.test(name) ? undefined : normalHost(name);
    if (host !== undefined) hosts.add(host);
    else
      report(
        ["links", field, index],
        'expected a host name such as "example.com", without scheme, port, path or *; names below it are included',
      );
  }
  return hosts;
}

function patternOf({ matches }: ContentDocument, report: Report): RE2JS | undefined {
  const compiled = matches === undefined ? undefined : compilePattern(matches);
  if (compiled?.ok === false) report(["matches"], compiled.message);
  return compiled?.ok === true ? compiled.pattern : undefined;
}

function compileWords({ words }: ContentDocument, report: Report): Map<string, string> | undefined {
  if (words === undefined) return undefined;
  const compared = new Map<string, string>();
  for (const [index, word] of words.entries()) {
    const normal = normalWord(word);
    if (normal === undefined) report(["words", index], "expected a word that can be seen");
    else compared.set(normal, word);
  }
  return compared;
}

/** What the text is: the traits of a content condition. */
export function contentTraits(test: ContentTest, effect: Effect, subject: Subject): Finding[] {
  const findings: Finding[] = [];
  const text = subject.text();
  if (test.pattern !== undefined) findings.push(text === undefined ? unseen("text") : patternFinding(test.pattern, effect, text, subject));
  if (test.words !== undefined) findings.push(text === undefined ? unseen("text") : wordsFinding(test.words, effect, text, subject));
  return findings;
}

/** What the text must keep to: the demands of a content condition. */
export function contentDemands(test: ContentTest, subject: Subject): Finding[] {
  const { size, links, mentions, hashtags } = test.document;
  const findings: Finding[] = [];
  if (size !== undefined) {
    const seen = subject.text()?.size;
    findings.push(seen === undefined ? unseen("text") : atMost(seen, size.max, count(seen, "character")));
  }
  if (links !== undefined) findings.push(...linkDemands(test, subject));
  if (subject.question.method === "sign_event") {
    const { tags } = subject.question.event;
    const tagged = (name: string) => tags.filter(([first]) => first === name).length;
    if (mentions !== undefined) findings.push(atMost(tagged("p"), mentions.max, count(tagged("p"), "mention")));
    if (hashtags !== undefined) findings.push(atMost(tagged("t"), hashtags.max, count(tagged("t"), "hashtag")));
  }
  return findings;
}

function patternFinding(pattern: RE2JS, effect: Effect, text: TextSeen, subject: Subject): Finding {
  const matcher = pattern.matcher(text.normal);
  const found = matcher.find();
  const alsoVisible = text.visible === text.normal ? found : pattern.test(text.visible);
  // Invisible characters help nobody: they neither hide from an ask or deny rule nor slip into an allow rule.
  const holds = effect === "allow" ? found && alsoVisible : found || alsoVisible;
  if (!holds) return { answer: "no", fact: `the text does not match ${pattern.pattern()}` };
  const piece = found ? (matcher.group()?.toLowerCase() ?? "") : "";
  // Reasons are kept when payloads are not: a piece is named only where it is the policy's own word, and never of private text.
  const named = subject.question.method === "sign_event" && piece.length > 2 && pattern.pattern().toLowerCase().includes(piece);
  return { answer: "yes", fact: named ? `the text contains “${piece}”` : `the text matches ${pattern.pattern()}` };
}

function wordsFinding(words: ReadonlyMap<string, string>, effect: Effect, text: TextSeen, subject: Subject): Finding {
  const normal = foldText(text.normal);
  const visible = text.visible === text.normal ? normal : foldText(text.visible);
  const hit = [...words].find(([word]) =>
    effect === "allow" ? holdsWord(normal, word) && holdsWord(visible, word) : holdsWord(normal, word) || holdsWord(visible, word),
  );
  if (hit === undefined) return { answer: "no", fact: "the text holds none of the listed words" };
  return {
    answer: "yes",
    fact: subject.question.method === "sign_event" ? `the text contains “${hit[1]}”` : "the text contains a listed word",
  };
}

function linkDemands(test: ContentTest, subject: Subject): Finding[] {
  const seen = subject.links();
  if (seen === undefined) return [unseen("links")];
  const findings: Finding[] = [];
  const { onlyHosts, deniedHosts } = test;
  const max = test.document.links?.max;
  const isPublic = subject.question.method === "sign_event";
  const name = (host: string | undefined) => (isPublic && host !== undefined ? `a link to ${host}` : "a link");
  if (onlyHosts !== undefined) {
    const stray = seen.hosts.find((host) => !isWithinDomains(host, onlyHosts));
    const kept = stray === undefined && seen.unreadable === 0;
    findings.push({
      answer: kept ? "yes" : "no",
      fact: kept ? "links to listed sites only" : `${name(stray)}, which is not among the listed sites`,
    });
  }
  if (deniedHosts !== undefined) {
    const hit = seen.hosts.find((host) => isWithinDomains(host, deniedHosts));
    const clean: Finding =
      seen.unreadable > 0
        ? { answer: "unknown", fact: "a link whose site cannot be read" }
        : { answer: "yes", fact: "no link to a listed site" };
    findings.push(hit === undefined ? clean : { answer: "no", fact: `${name(hit)}, which is listed` });
  }
  if (max !== undefined) findings.push(atMost(seen.count, max, count(seen.count, "link")));
  return findings;
}

function atMost(seen: number, max: number, words: string): Finding {
  return { answer: seen <= max ? "yes" : "no", fact: seen <= max ? words : `${words}, more than ${max}` };
}

function unseen(what: string): Finding {
  return { answer: "unknown", fact: `the ${what} cannot be seen` };
}
