// Notes, replies and the other kinds that are a text for readers.

import { count } from "../../policy/duration.ts";
import { oneOfKind } from "../../policy/kind-names.ts";
import { linksIn } from "../links.ts";
import type { Part, Piece, Sentence } from "../presentation.ts";
import { quote } from "../quote.ts";
import { firstValue, peopleSentence, targetsById, textPart, valuesOf, type Scene, type Shown } from "../scene.ts";
import { critical, dateOff, hiddenCharacters, warn, type RankedWarning } from "../warning.ts";
import { host, said } from "../words.ts";

const MAX_MENTIONS = 5;
const MAX_TAGS_SHOWN = 10;

/** Kinds beside 1 that are a text for readers and nothing else, so that a note's page says all of them. */
export const TEXT_KINDS: ReadonlySet<number> = new Set([1, 9, 11, 20, 21, 22, 42, 1068, 1111, 1222, 1311, 9802, 30_315]);

export function note(scene: Scene): Shown {
  const { event, material } = scene;
  const parent = parentOf(scene);
  const what = event.kind === 1 ? (parent === undefined ? "note" : "reply") : oneOfKind(event.kind).replace(/^an? /, "");
  const links = linksIn(event.content);
  const people = [...new Set(valuesOf(event, "p"))];
  return {
    phrase: `Publish this ${what}`,
    wish: `publish ${event.kind === 1 && parent !== undefined ? "a reply" : oneOfKind(event.kind)}`,
    parts: [
      textPart(scene, `No text: this ${what} is empty.`),
      ...(links.links.length === 0 ? [] : [{ part: "links" as const, links: links.links }]),
      ...(parent === undefined
        ? []
        : [{ part: "targets" as const, title: "In reply to", targets: targetsById([parent], "Note", material), more: 0 }]),
      ...factsOf(scene, people),
    ],
    warnings: [
      ...secretKeys(event.content),
      ...links.warnings,
      ...firstLinks(links.hosts, scene),
      ...hiddenCharacters(quote(event.content)),
      ...(material.hadSameText(event) ? [SAME_TEXT] : []),
      ...dateOff(event, material),
      ...(people.length > MAX_MENTIONS ? [manyMentions(people.length)] : []),
    ],
  };
}

/** The event that this one answers: NIP-10 with and without markers, NIP-22 for comments. */
function parentOf({ event }: Scene): string | undefined {
  const marked = event.tags.filter(([name]) => name === "e");
  const byMarker = (marker: string) => marked.find(([, , , role]) => role === marker)?.[1];
  const positional = marked.filter(([, , , role]) => role === undefined || role === "").at(-1)?.[1];
  return byMarker("reply") ?? byMarker("root") ?? positional;
}

function factsOf({ event, material }: Scene, people: readonly string[]): Part[] {
  const rows: { label: string; value: Sentence }[] = [];
  const warningTag = event.tags.find(([name]) => name === "content-warning");
  if (warningTag !== undefined) {
    const reason = warningTag[1] ?? "";
    rows.push({ label: "Content warning", value: reason === "" ? ["yes, without a reason"] : [said(reason)] });
  }
  const title = firstValue(event, "title") ?? firstValue(event, "subject");
  if (title !== undefined && title !== "") rows.push({ label: "Title", value: [said(title, 200)] });
  if (people.length > 0) rows.push({ label: "Notifies", value: peopleSentence(people, material) });
  const quoted = valuesOf(event, "q");
  if (quoted.length > 0) rows.push({ label: "Quotes", value: [count(quoted.length, "post")] });
  const hashtags = valuesOf(event, "t");
  if (hashtags.length > 0) rows.push({ label: "Hashtags", value: saidList(hashtags) });
  const images = valuesOf(event, "imeta").length;
  if (images > 0) rows.push({ label: "Media", value: [`${count(images, "file")}, not loaded here`] });
  const address = firstValue(event, "r");
  if (address !== undefined && address !== "" && event.kind !== 1) rows.push({ label: "Address", value: [said(address, 300)] });
  return rows.length === 0 ? [] : [{ part: "facts", rows }];
}

function saidList(values: readonly string[]): Sentence {
  const shown = values.slice(0, MAX_TAGS_SHOWN).flatMap((value, index): Piece[] => [...(index === 0 ? [] : [", "]), said(value)]);
  return values.length > MAX_TAGS_SHOWN ? [...shown, ` and ${values.length - MAX_TAGS_SHOWN} more`] : shown;
}

/** Hosts that no event signed here ever led to. */
export function firstLinks(hosts: readonly string[], { material }: Scene): RankedWarning[] {
  const fresh = hosts.filter((name) => !material.isFamiliar(`host/${name}`));
  const [only] = fresh;
  if (only === undefined) return [];
  const fact: Sentence = fresh.length === 1 ? ["First link to ", host(only), " from this identity."] : firstLinksTo(fresh);
  const consequence = "Readers trust links from here.";
  return [warn("new", `first-link-${fresh.length}-${only}`, fact, consequence, "Approve it only if you know that site.")];
}

function firstLinksTo(fresh: readonly string[]): Sentence {
  const shown = fresh.slice(0, 3).flatMap((name, index): Piece[] => [...(index === 0 ? [] : [", "]), host(name)]);
  return [`First links to ${fresh.length} sites from this identity: `, ...shown, fresh.length > 3 ? ` and ${fresh.length - 3} more.` : "."];
}

const SECRET_KEY = /nsec1[02-9ac-hj-np-z]{58}/i; // NIP-19

function secretKeys(text: string): RankedWarning[] {
  if (!SECRET_KEY.test(text)) return [];
  const consequence = "Whoever reads it can sign in that name for good.";
  return [critical("secret-key", "this publishes a secret key", ["The text holds a secret key (nsec)."], consequence, "Reject it.")];
}

const SAME_TEXT = warn(
  "loss",
  "same-text",
  ["The same text was signed in the past 24 hours."],
  "Readers see it twice.",
  "Reject it if the app only repeats itself.",
);

function manyMentions(people: number): RankedWarning {
  const consequence = "Each of them is told; to strangers that looks like advertising.";
  return warn("unusual", `mentions-${people}`, [`It notifies ${people} people.`], consequence, "Reject it if they do not expect it.");
}
