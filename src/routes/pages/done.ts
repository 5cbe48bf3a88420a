// What a page says was done, after a redirection: one of its own sentences, or nothing.

import type { Context } from "hono";

export function doneSentence(c: Context, sentences: Readonly<Record<string, string>>): string | undefined {
  const done = c.req.query("done") ?? "";
  return Object.hasOwn(sentences, done) ? sentences[done] : undefined;
}
