// Articles and drafts: a text under a name, replaced as a whole each time.

import { linksIn } from "../links.ts";
import type { Part, Sentence } from "../presentation.ts";
import { diffLines } from "../line-diff.ts";
import { quote } from "../quote.ts";
import { firstValue, identifierOf, say, textPart, valuesOf, type Scene, type Shown } from "../scene.ts";
import { dateOff, hiddenCharacters, olderThanLast, warn, type RankedWarning } from "../warning.ts";
import { said } from "../words.ts";
import { firstLinks } from "./note.ts";

const MAX_TITLE = 200;
const MAX_SUMMARY = 1_000;
const MAX_HEADINGS = 40;

export function article(scene: Scene): Shown {
  const { event, material } = scene;
  const what = event.kind === 30_024 ? "draft article" : "article";
  const last = material.latest(event.kind, identifierOf(event));
  const links = linksIn(event.content);
  const lines = last === undefined || last.content === event.content ? undefined : diffLines(last.content, event.content);
  return {
    phrase: `${last === undefined ? "Publish" : "Replace"} this ${what}`,
    wish: `${last === undefined ? "publish" : "replace"} ${event.kind === 30_024 ? "a draft article" : "an article"}`,
    parts: [
      { part: "facts", rows: headRows(scene) },
      textPart(scene, `No text: this ${what} is empty.`),
      ...(links.links.length === 0 ? [] : [{ part: "links" as const, links: links.links }]),
      ...outline(event.content),
      ...(lines === undefined ? [] : [{ part: "diff" as const, title: "What changes against the last version signed here", lines }]),
      ...(last === undefined ? [say("Nothing to compare with: Countersign has not signed an article of this name.")] : []),
      ...(last !== undefined && last.content === event.content ? [say("The text is the same as in the last version signed here.")] : []),
    ],
    warnings: [
      ...olderThanLast(event, last, what, false),
      ...links.warnings,
      ...hiddenCharacters(quote(event.content)),
      ...replacing(scene, what),
      ...firstLinks(links.hosts, scene),
      ...dateOff(event, material),
    ],
  };
}

function headRows({ event }: Scene): { label: string; value: Sentence }[] {
  const title = firstValue(event, "title") ?? "";
  const summary = firstValue(event, "summary") ?? "";
  const hashtags = valuesOf(event, "t");
  return [
    { label: "Title", value: title === "" ? ["none"] : [said(title, MAX_TITLE)] },
    ...(summary === "" ? [] : [{ label: "Summary", value: [said(summary, MAX_SUMMARY)] }]),
    { label: "Name in its address", value: identifierOf(event) === "" ? ["none"] : [said(identifierOf(event))] },
    ...(hashtags.length === 0 ? [] : [{ label: "Hashtags", value: [said(hashtags.join(", "), MAX_TITLE)] }]),
  ];
}

/** The headings of its Markdown source. */
function outline(content: string): Part[] {
  const headings = content.split("\n").filter((line) => /^#{1,6} \S/.test(line));
  if (headings.length < 2) return [];
  const items = headings.slice(0, MAX_HEADINGS).map((heading): Sentence => [said(heading, MAX_TITLE)]);
  return [{ part: "list", title: `Headings, ${headings.length}`, items, more: headings.length - items.length }];
}

function replacing(scene: Scene, what: string): RankedWarning[] {
  const { event, material } = scene;
  const last = material.latest(event.kind, identifierOf(event));
  if (last === undefined) return [];
  const warnings: RankedWarning[] = [];
  const [was, is] = [Array.from(last.content).length, Array.from(event.content).length];
  if (is < was / 2 || is > was * 1.5) {
    const fact = `The text goes from ${was.toLocaleString("en-US")} to ${is.toLocaleString("en-US")} characters.`;
    warnings.push(
      warn(
        "loss",
        `length-${was}-${is}`,
        [fact],
        `The old ${what} is replaced; Countersign keeps no copy.`,
        "Read what changes before you approve.",
      ),
    );
  }
  const [oldTitle, title] = [firstValue(last, "title") ?? "", firstValue(event, "title") ?? ""];
  if (oldTitle !== title) {
    const fact: Sentence = ["The title changes from ", said(oldTitle, MAX_TITLE), " to ", said(title, MAX_TITLE), "."];
    const advice = "Reject it if a new one was meant: it needs a name of its own.";
    warnings.push(warn("loss", "title-changes", fact, "Another text takes the place of the old one under its address.", advice));
  }
  return warnings;
}
