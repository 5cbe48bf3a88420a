import { describe, expect, test } from "vitest";
import { likenessOf } from "../../../src/protocol/likeness.ts";

const note = { kind: 1, content: "hello", tags: [["t", "a"]], created_at: 1 };

describe("a likeness", () => {
  test("does not see the time", () => {
    expect(likenessOf({ ...note, created_at: 2 })).toBe(likenessOf(note));
  });

  test("sees kind, tags, their order and content", () => {
    const others = [{ kind: 2 }, { content: "hello " }, { tags: [] }, { tags: [["t"], ["a"]] }, { tags: [["a", "t"]] }];
    const all = [note, ...others.map((change) => ({ ...note, ...change }))].map(likenessOf);
    expect(new Set(all).size).toBe(all.length);
  });

  test("is the SHA-256 of canonical JSON, for ever: stored likenesses are compared with new ones", () => {
    expect(likenessOf(note)).toBe("8fbd5bb5d1b2e38d81d5bd4aa69b69eda396ac835f41eb446defd37737e28869");
  });
});
