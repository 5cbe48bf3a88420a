// The activity over HTTP: pages that fit together, and an export that is the same list.

import { beforeAll, describe, expect, it } from "vitest";
import { api, newBunker } from "./support.ts";

interface Entry {
  readonly seq: number;
  readonly method: string;
}
interface Page {
  readonly items: readonly Entry[];
  readonly next: string | null;
}

const ENTRIES = 13; // creation, and six times lock and unlock
let path = "";
beforeAll(async () => {
  const id = await newBunker();
  path = `/bunkers/${id}/activity`;
  for (let times = 0; times < 6; times += 1) {
    await api(`/bunkers/${id}/lock`, { method: "POST" });
    await api(`/bunkers/${id}/unlock`, { method: "POST" });
  }
});

const NDJSON = { Accept: "application/x-ndjson" };
const seqs = (entries: readonly Entry[]) => entries.map(({ seq }) => seq);
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("pages", () => {
  it("come in ascending order and join without gap or repetition", async () => {
    const seen: Entry[] = [];
    let after = "0";
    for (let pages = 0; pages < 10; pages += 1) {
      const { items, next } = (await api<Page>(`${path}?limit=5&after=${after}`)).body;
      seen.push(...items);
      if (next === null) break;
      after = next;
    }
    expect(seqs(seen)).toEqual(upTo(ENTRIES));
  });

  it("begin after the entry that is named", async () => {
    const { items } = (await api<Page>(`${path}?after=10`)).body;
    expect(seqs(items)).toEqual([11, 12, 13]);
    expect((await api<Page>(`${path}?after=13`)).body).toEqual({ items: [], next: null });
  });
});

describe("the export", () => {
  it("has every entry on a line of its own, as the pages have them", async () => {
    const answer = await api(path, { headers: NDJSON });
    expect(answer.headers.get("Content-Type")).toBe("application/x-ndjson");
    const lines = answer.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Entry);
    expect(lines).toEqual((await api<Page>(`${path}?limit=500`)).body.items);
    expect(lines).toHaveLength(ENTRIES);
  });

  it("keeps to after and limit, and may be empty", async () => {
    const some = await api(`${path}?after=3&limit=4`, { headers: NDJSON });
    expect(
      seqs(
        some.text
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as Entry),
      ),
    ).toEqual(upTo(7, 4));
    expect((await api(`${path}?after=999`, { headers: NDJSON })).text).toBe("");
  });

  it("of a bunker that is not there is 404, not a cut-off list", async () => {
    const answer = await api(
      path.replace(/[0-9a-f]{64}/, (id) => id.toUpperCase()),
      { headers: NDJSON },
    );
    expect(answer.status).toBe(404);
  });
});

describe("the check of the chain", () => {
  it("says that it is whole, with its length", async () => {
    expect((await api(`${path}/verify`)).body).toMatchObject({ ok: true, entries: ENTRIES });
  });
});
