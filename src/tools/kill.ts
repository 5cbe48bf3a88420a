// `npm run kill`: kills a real instance again and again in the middle of bursts and says what does not add up. Ends with 1 if anything does not.
// KILLS, BURST and SEED change how often, how much and which.

import { killRun } from "../../test/support/kill-run.ts";
import { runTool, SetupError } from "./setup-error.ts";

function setting(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new SetupError(`${name}: expected a whole number, got ${text.length} other characters`);
  return Number(text);
}

await runTool(async () => {
  const seed = setting("SEED", Date.now() % 1_000_000);
  const plan = { seed, kills: setting("KILLS", 20), burst: setting("BURST", 40), freeApps: 4, countedApps: 4, httpBurst: 20, racers: 4 };
  console.log(`${plan.kills} kills with SEED=${seed}`);
  const { problems, asked, signed, cutOff } = await killRun({ ...plan, say: (line) => console.log(line) });
  console.log(`${asked} questions, ${signed} signatures, ${cutOff} answers cut off`);
  if (problems.length > 0) throw new SetupError(`What does not add up (repeat it with SEED=${seed}):\n${problems.slice(0, 50).join("\n")}`);
  console.log("Everything adds up: every question has one answer, the chain is whole, budgets and invites are exact.");
});
