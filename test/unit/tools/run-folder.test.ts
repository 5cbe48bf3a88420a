import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { claimStateFolder } from "../../../src/tools/run-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-folder-test-"));
vi.stubEnv("TMPDIR", join(folder, "tmp"));
mkdirSync(join(folder, "tmp"));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const state = (name: string) => join(folder, name);

describe("a state folder", () => {
  it("has one holder at a time, and a private folder beside it for the run", async () => {
    const held = await claimStateFolder(state("one"));
    expect(statSync(held.path).mode & 0o777).toBe(0o700);
    expect(held.path.startsWith(state("one"))).toBe(false);
    await expect(claimStateFolder(state("one"))).rejects.toThrow("Another instance runs on the state in");
    const other = await claimStateFolder(state("two"));
    other.release();
    held.release();
    expect(existsSync(held.path)).toBe(false);
    (await claimStateFolder(state("one"))).release();
  });

  it("is free again after its holder was killed, and what that run left is removed", async () => {
    const before = await claimStateFolder(state("three"));
    const place = join(before.path, "..");
    before.release();
    mkdirSync(join(place, "run-left"));
    writeFileSync(join(place, "run-left", "instance.env"), "");
    writeFileSync(join(place, "lock"), "");
    const after = await claimStateFolder(state("three"));
    expect(existsSync(join(place, "run-left"))).toBe(false);
    after.release();
  });

  it("is not taken when others could read or write its private folder", async () => {
    const held = await claimStateFolder(state("four"));
    const place = join(held.path, "..");
    held.release();
    chmodSync(place, 0o755);
    await expect(claimStateFolder(state("four"))).rejects.toThrow("open to others");
  });
});
