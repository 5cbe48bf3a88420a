// What a local instance is told: .dev.vars and the environment made one, the environment winning. Secrets pass through and are never printed.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseEnv } from "node:util";

/** Every secret and variable that the Worker knows. Nothing else of the environment reaches it. */
export const SETTING_NAMES = [
  "ROOT_SECRET",
  "ROOT_SECRET_NEXT",
  "SETUP_TOKEN",
  "ACCEPT_ROWS",
  "PUBLIC_URL",
  "PUBLIC_URL_ALIASES",
  "SEALING",
  "OPENED_KEY_SECONDS",
  "AWS_KMS_KEY_ID",
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_KMS_ENDPOINT",
  "GCP_KMS_KEY",
  "GCP_SERVICE_ACCOUNT",
  "GCP_KMS_ENDPOINT",
  "GCP_TOKEN_ENDPOINT",
  "VAULT_ADDR",
  "VAULT_TOKEN",
  "VAULT_TRANSIT_KEY",
  "VAULT_TRANSIT_MOUNT",
  "MAIL",
  "MAIL_FROM",
  "RESEND_API_KEY",
  "RESEND_ENDPOINT",
  "SMTP_URL",
  "ALLOW_INSECURE_RELAYS",
] as const;

export type Environment = Readonly<Record<string, string | undefined>>;
export type Settings = ReadonlyMap<string, string>;

/** 32 random bytes in base64: the size that sealing asks for. */
export function newRootSecret(): string {
  return randomBytes(32).toString("base64");
}

/** 256 random bits in letters that need no quoting in a shell or a header. */
export function newSetupToken(): string {
  return randomBytes(32).toString("base64url");
}

/** Writes .dev.vars with fresh secrets, readable by its owner alone, when there is none. Says whether it did. */
export function ensureDevVars(path: string): boolean {
  if (existsSync(path)) return false;
  const text =
    "# Secrets of your local instance, made by `npm start`. What is stored locally opens with this ROOT_SECRET only: keep it.\n" +
    `ROOT_SECRET=${newRootSecret()}\nSETUP_TOKEN=${newSetupToken()}\n`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600, flag: "wx" });
  return true;
}

/** The values of .dev.vars, none when there is no such file. */
export function readDevVars(path: string): Map<string, string> {
  if (!existsSync(path)) return new Map();
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(parseEnv(readFileSync(path, "utf8")))) if (value !== undefined) values.set(name, value);
  return values;
}

/** .dev.vars overlaid with the environment: a name that is set there wins, even when it is empty. */
export function mergeSettings(devVars: Settings, environment: Environment): Map<string, string> {
  const merged = new Map(devVars);
  for (const name of new Set([...SETTING_NAMES, ...devVars.keys()])) {
    const value = environment[name];
    if (value !== undefined) merged.set(name, value);
  }
  return merged;
}

/** The environment without any setting: what child processes get, so that no secret is in theirs. */
export function withoutSettings(environment: Environment, settings: Settings): Record<string, string> {
  const hidden = new Set<string>([...SETTING_NAMES, ...settings.keys()]);
  const rest: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined && !hidden.has(name)) rest[name] = value;
  return rest;
}
