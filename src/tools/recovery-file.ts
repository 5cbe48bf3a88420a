// The one copy of what cannot be read back: written once, for its owner alone, never over another file.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes the secrets into a new file of mode 0600 in the folder and returns its name. */
export function writeRecoveryFile(folder: string, secrets: ReadonlyMap<string, string>, now: Date = new Date()): string {
  const name = `recovery-${now.toISOString().replace(/[:.]/g, "-")}.txt`;
  const lines = [
    `# Countersign, secrets made on ${now.toISOString()}. Whoever has this file and a copy of the data has every key.`,
    "# To bring an instance back under them: put these names into the environment and run `npm run deploy`.",
    ...[...secrets].map(([secretName, value]) => `${secretName}=${value}`),
  ];
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`, { mode: 0o600, flag: "wx" });
  return name;
}
