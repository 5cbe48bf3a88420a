import { describe, expect, it } from "vitest";
import { filterOutput, withoutCronNotice, withoutFrames } from "../../../src/tools/wrangler-output.ts";

function filtered(chunks: readonly string[], colours = false): string[] {
  const lines: string[] = [];
  const filter = filterOutput((line) => lines.push(line), { colours });
  filter.push("Using secrets defined in instance.env\n[wrangler:info] Ready on http://127.0.0.1:8787\n");
  filter.opened();
  for (const chunk of chunks) filter.push(chunk);
  return lines;
}

describe("wrangler's output", () => {
  it("before the Worker answers is kept back, for the case that it fails", () => {
    const filter = filterOutput(() => expect.unreachable(), { colours: false });
    filter.push("Using secrets\n\u001B[32mStarting\u001B[39m\n");
    expect(filter.setUp()).toBe("Using secrets\nStarting");
  });

  it("afterwards is the Worker's lines without request lines, however they are cut", () => {
    expect(filtered(['{"level":"info"}\n[wrangler:in', "fo] GET /approve/abc 200 OK (3ms)\nmail: hel", "lo\n⎔ Reloading\n"])).toEqual([
      '{"level":"info"}',
      "mail: hello",
    ]);
  });

  it("keeps request lines back in colour, too", () => {
    expect(filtered(["[\u001B[32mwrangler:info\u001B[39m] GET /approve/abc 200 OK\n"], true)).toEqual([]);
    expect(filtered(["\u001B[32mgreen\u001B[39m\n"], true)).toEqual(["\u001B[32mgreen\u001B[39m"]);
    expect(filtered(["\u001B[32mgreen\u001B[39m\n"], false)).toEqual(["green"]);
  });

  it("leaves out how a cron is run by hand, and nothing beside it", () => {
    const notice =
      "\u001B[33m▲ \u001B[43;33m[WARNING]\u001B[0m Scheduled Workers are not automatically triggered during local development.\n\n" +
      '  To manually trigger a scheduled event, run:\n    curl "http://127.0.0.1:1/cdn-cgi/local/scheduled"\n' +
      "  For more details, see \u001B[4mhttps://example.org/cron-triggers/#test-cron-triggers-locally\u001B[0m\n\n\n";
    expect(withoutCronNotice(`before\n${notice}after\n`)).toBe("before\nafter\n");
    expect(withoutCronNotice("▲ [WARNING] something else\n")).toBe("▲ [WARNING] something else\n");
  });

  it("shows structured warnings as they were written and leaves other errors framed", () => {
    expect(withoutFrames('▲ [WARNING] {"level":"warn","event":"a"}\n\n\n')).toBe('{"level":"warn","event":"a"}\n\n');
    expect(withoutFrames('✘ [ERROR] {"level":"error"}\n✘ [ERROR] Build failed\n')).toBe('{"level":"error"}\n✘ [ERROR] Build failed\n');
  });
});
