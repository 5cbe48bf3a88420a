// The blocks of a page that its script asks for afresh; undefined when the whole page is wanted.

import type { Context } from "hono";
import { LIVE_BLOCKS } from "../../live.ts";

export function liveBlocksOf<Block extends string>(c: Context, known: readonly Block[]): readonly Block[] | undefined {
  const asked = c.req.query(LIVE_BLOCKS)?.split(" ");
  return asked === undefined ? undefined : known.filter((block) => asked.includes(block));
}
