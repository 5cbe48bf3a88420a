// `npm run soak`: a bunker that hangs on a foreign relay is left alone for 200 s, longer than an object lives that nothing keeps awake,
// and the relay restarts in between. Prints how often the object began anew and the link was opened. SOAK_SECONDS changes the length.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startRealRelay } from "../../test/support/real-relay.ts";
import { startLocalInstance } from "./local-instance.ts";
import { freePort } from "./ports.ts";
import { newRootSecret, newSetupToken } from "./settings.ts";
import { runTool } from "./setup-error.ts";
import { soak } from "./soak-run.ts";

/** An object without an alarm is gone after 70 to 140 s. */
const SILENCE_SECONDS = 200;
const RELAY_DOWN_MILLISECONDS = 5_000;

async function run(): Promise<void> {
  const silenceMilliseconds = Number(process.env["SOAK_SECONDS"] ?? SILENCE_SECONDS) * 1000;
  const folder = mkdtempSync(join(tmpdir(), "countersign-soak-"));
  const setupToken = newSetupToken();
  const settings = new Map([
    ["ROOT_SECRET", newRootSecret()],
    ["SETUP_TOKEN", setupToken],
    ["ALLOW_INSECURE_RELAYS", "true"],
  ]);
  const output = { line: () => undefined, error: (text: string) => void process.stderr.write(text), colours: false };
  let relay = await startRealRelay();
  let taken = 0;
  try {
    const instance = await startLocalInstance({
      port: await freePort(),
      stateDir: join(folder, "state"),
      settings,
      environment: process.env,
      output,
    });
    try {
      const report = await soak({
        url: instance.publicUrl,
        setupToken,
        relayUrl: relay.url,
        socketsTaken: () => taken + relay.taken(),
        silenceMilliseconds,
        async interrupt() {
          taken += relay.taken();
          await relay.close();
          await sleep(RELAY_DOWN_MILLISECONDS);
          relay = await startRealRelay({ port: relay.port });
          console.log("the relay restarted");
        },
        say: (line) => console.log(line),
      });
      console.log(`signed over the relay within ${report.signedWithinMilliseconds.toFixed(0)} ms`);
      console.log(`lives of the object: ${report.wakes}`);
      console.log(`reconnects: ${report.reconnects}; sockets opened in the silence: ${report.dialsInSilence}`);
    } finally {
      await instance.stop();
    }
  } finally {
    await relay.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

await runTool(run);
// Clients keep relay sockets open for a while; everything that was promised is done.
process.exit();
