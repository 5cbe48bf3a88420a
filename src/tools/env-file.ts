// Writes values so that `wrangler dev --env-file` reads them back unchanged: dotenv's quoting, and `$` escaped against its expansion.

import { SetupError } from "./setup-error.ts";

const QUOTES = ["'", "`"] as const;

/** The text of an env file. Throws a SetupError that names the variable, never its value, when dotenv cannot carry it. */
export function renderEnvFile(values: ReadonlyMap<string, string>): string {
  return [...values].map(([name, value]) => `${name}=${quoted(name, value)}\n`).join("");
}

function quoted(name: string, value: string): string {
  // A double-quoted `\n` would become a line break, so these two quotes alone; dotenv knows no escape inside them.
  const quote = QUOTES.find((candidate) => !value.includes(candidate));
  if (quote === undefined) throw new SetupError(`${name} holds both ' and \`: an env file cannot carry both in one value.`);
  if (value.endsWith("\\")) throw new SetupError(`${name} ends in a backslash: in an env file it would swallow the closing quote.`);
  return quote + value.replaceAll("$", "\\$") + quote;
}
