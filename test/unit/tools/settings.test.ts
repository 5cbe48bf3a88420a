import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseRootSecret } from "../../../src/sealing/root-secret.ts";
import { renderEnvFile } from "../../../src/tools/env-file.ts";
import { ensureDevVars, mergeSettings, readDevVars, withoutSettings } from "../../../src/tools/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-settings-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe(".dev.vars", () => {
  it("is written once, for its owner alone, with a root secret that sealing takes", () => {
    const path = join(folder, "fresh");
    expect(ensureDevVars(path)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const first = readDevVars(path);
    expect(parseRootSecret(first.get("ROOT_SECRET")).ok).toBe(true);
    expect(first.get("SETUP_TOKEN")).toMatch(/^[\w-]{43}$/);
    expect(ensureDevVars(path)).toBe(false);
    expect(readDevVars(path)).toEqual(first);
  });

  it("is read with quotes, comments and lines of a JSON document", () => {
    const path = join(folder, "quoted");
    writeFileSync(path, `# a comment\nMAIL=log # here too\nGCP_SERVICE_ACCOUNT='{\n  "key": "a\\nb"\n}'\nPLAIN=a$b\n`);
    expect(Object.fromEntries(readDevVars(path))).toEqual({
      MAIL: "log",
      GCP_SERVICE_ACCOUNT: '{\n  "key": "a\\nb"\n}',
      PLAIN: "a$b",
    });
  });
});

describe("the environment", () => {
  it("wins over .dev.vars, even with an empty value, and adds known names only", () => {
    const merged = mergeSettings(
      new Map([
        ["MAIL", "log"],
        ["SMTP_URL", "smtp://a"],
        ["OWN", "1"],
      ]),
      { MAIL: "smtp", SMTP_URL: "", OWN: "2", SEALING: "root", HOME: "/" },
    );
    expect(Object.fromEntries(merged)).toEqual({ MAIL: "smtp", SMTP_URL: "", OWN: "2", SEALING: "root" });
  });

  it("of child processes holds no setting", () => {
    expect(withoutSettings({ ROOT_SECRET: "x", OWN: "x", PATH: "/bin", NOTHING: undefined }, new Map([["OWN", "x"]]))).toEqual({
      PATH: "/bin",
    });
  });
});

describe("the env file", () => {
  it("quotes every value and escapes every dollar", () => {
    expect(
      renderEnvFile(
        new Map([
          ["A", "x"],
          ["B", "$PATH ${HOME} \\$x"],
          ["C", "it's"],
          ["D", '{"a": "b\\n"}'],
        ]),
      ),
    ).toBe("A='x'\nB='\\$PATH \\${HOME} \\\\$x'\nC=`it's`\nD='{\"a\": \"b\\n\"}'\n");
  });

  it("refuses what dotenv cannot carry, by name and without the value", () => {
    expect(() => renderEnvFile(new Map([["SMTP_URL", "hidden'`"]]))).toThrow(/^SMTP_URL holds both/);
    expect(() => renderEnvFile(new Map([["SMTP_URL", "hidden\\"]]))).toThrow(/^SMTP_URL ends in a backslash/);
    expect(() => renderEnvFile(new Map([["SMTP_URL", "hidden\\"]]))).not.toThrow(/hidden/);
  });
});
