// `npm start`: a local instance in one command. Says where it is, how to claim it and how to get a first bunker URL; ends without a remainder.

import { once } from "node:events";
import { relative, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { parseRootSecret, ROOT_SECRET_BYTES } from "../sealing/root-secret.ts";
import type { RootSecretProblem } from "../sealing/root-secret.ts";
import { claimLink } from "../people/claim-code.ts";
import { sentenceIn } from "./api-client.ts";
import { buildClientScriptsAndStop } from "./client-scripts.ts";
import { PROJECT_FOLDER, startLocalInstance } from "./local-instance.ts";
import type { LocalInstance } from "./local-instance.ts";
import { parsePort } from "./ports.ts";
import { withoutFrames } from "./wrangler-output.ts";
import { ensureDevVars, mergeSettings, readDevVars } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { runTool, SetupError } from "./setup-error.ts";

// State and secrets are this user's alone, whatever the shell's umask says.
process.umask(0o077);

/** Ctrl-C reaches us twice under npm: from the terminal and from npm. */
const SAME_SIGNAL_MILLISECONDS = 1_000;
/** How long a killed npm may leave us behind. */
const PARENT_POLL_MILLISECONDS = 1_000;

const environment = process.env;
const devVarsFile = resolve(PROJECT_FOLDER, environment["DEV_VARS"] ?? ".dev.vars");
const devVarsName = relative(PROJECT_FOLDER, devVarsFile);

async function start(): Promise<void> {
  const port = parsePort(environment["PORT"]);
  if (ensureDevVars(devVarsFile)) console.log(`Wrote ${devVarsName} with fresh secrets.`);
  const settings = mergeSettings(readDevVars(devVarsFile), environment);
  const problem = rootSecretProblem(settings);
  if (problem !== undefined) console.error(problem);

  console.log("Starting…");
  await buildClientScriptsAndStop();
  const stateDir = resolve(PROJECT_FOLDER, environment["STATE_DIR"] ?? ".wrangler/state");
  const stopAsked = new AbortController();
  let askedAt = 0;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      // Asked again, somebody is in a hurry: our own end takes the whole group along.
      if (stopAsked.signal.aborted && Date.now() - askedAt > SAME_SIGNAL_MILLISECONDS) process.exit(1);
      if (!stopAsked.signal.aborted) askedAt = Date.now();
      stopAsked.abort();
    });
  }
  // For whoever supervises us through a pipe: when they are gone, so are we.
  if (environment["STOP_WITH_STDIN"] === "true") process.stdin.once("end", () => stopAsked.abort()).resume();
  stopWithNpm(stopAsked);
  const options = { port, stateDir, settings, environment, signal: stopAsked.signal, output: terminal() };
  const instance = await startLocalInstance(options).catch((error: unknown) => {
    if (stopAsked.signal.aborted) return undefined;
    throw error;
  });
  if (instance === undefined) return;
  console.log(welcome(instance, settings, port));
  if (!stopAsked.signal.aborted) await Promise.race([instance.ended, once(stopAsked.signal, "abort")]);
  const endedByItself = !stopAsked.signal.aborted;
  await instance.stop();
  if (endedByItself) throw new SetupError("Wrangler ended by itself; what it said is above.");
}

function terminal() {
  return {
    line: (line: string) => console.log(line),
    error: (text: string) => void process.stderr.write(process.stderr.isTTY ? text : withoutFrames(stripVTControlCharacters(text))),
    colours: process.stdout.isTTY,
  };
}

const ROOT_SECRET_PROBLEMS: Record<RootSecretProblem, string> = {
  missing: "is missing",
  malformed: "is no base64 of random bytes",
  short: "is too short",
};

function rootSecretProblem(settings: Settings): string | undefined {
  const parsed = parseRootSecret(settings.get("ROOT_SECRET"));
  if (parsed.ok) return undefined;
  return (
    `ROOT_SECRET ${ROOT_SECRET_PROBLEMS[parsed.problem]}: expected base64 of ${ROOT_SECRET_BYTES} random bytes. ` +
    "Nothing can be created or opened until it is right.\n" +
    `  A fresh one:  echo "ROOT_SECRET=$(openssl rand -base64 ${ROOT_SECRET_BYTES})" >> ${devVarsName}\n` +
    "  What is stored already opens only with the one that it was made with."
  );
}

function welcome(instance: LocalInstance, settings: Settings, port: number): string {
  const url = instance.publicUrl;
  if (instance.health.status !== 200)
    return `\nRunning at ${url}, but not ready: ${sentenceIn(instance.health.text)}.\nPut it right in ${devVarsName} or the environment, then start again.\n`;
  const setupToken = settings.get("SETUP_TOKEN") ?? "";
  const ready = `\nCountersign is ready at ${url}\n`;
  if (setupToken === "") return `${ready}\nSETUP_TOKEN is not set: nobody can claim this instance or use its API as the operator.\n`;
  const bearer = environment["SETUP_TOKEN"] === undefined ? `$(sed -n 's/^SETUP_TOKEN=//p' ${devVarsName})` : "$SETUP_TOKEN";
  const api = `http://localhost:${port}/api/v1`;
  const post = `curl -s -H "Authorization: Bearer ${bearer}" -H "Content-Type: application/json"`;
  return `${ready}
  Claim it, once:       ${claimLink(url, setupToken)}
  A first bunker URL:   npm run demo
  The same by hand:
    id=$(${post} \\
      -d '{"name":"my bunker"}' ${api}/bunkers | sed 's/.*"id":"\\([0-9a-f]*\\)".*/\\1/')
    ${post} \\
      -d '{"name":"my app","policy":"bot-notes"}' ${api}/bunkers/$id/invites

Ctrl-C ends it.
`;
}

/** A killed npm passes no signal on; what it leaves behind would hold the port. */
function stopWithNpm(stopAsked: AbortController): void {
  if (environment["npm_lifecycle_event"] === undefined) return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) stopAsked.abort();
  }, PARENT_POLL_MILLISECONDS).unref();
}

await runTool(start);
// Listened to or not, an open input would keep us here.
process.stdin.destroy();
