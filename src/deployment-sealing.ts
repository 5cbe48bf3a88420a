// What a deployment seals with, out of its settings: its root secrets, its key services, and how long an opened key may stay in memory.

import { randomBytes } from "@noble/hashes/utils.js";
import type { Settings } from "./env.ts";
import { httpExchange } from "./http-exchange.ts";
import { OPENED_KEY_SECONDS } from "./sealing/opened-key.ts";
import { isKeyServiceName, KEY_SERVICES, keyServiceProvider } from "./sealing/providers/configured.ts";
import { KeyServiceError, type KeyProvider } from "./sealing/providers/provider.ts";
import { ROOT_PROVIDER, rootProvider } from "./sealing/providers/root.ts";
import { parseRootSecret, type RootSecret } from "./sealing/root-secret.ts";

export interface DeploymentSealing {
  /** What is sealed from now on rests under it: ROOT_SECRET_NEXT while that is there, else ROOT_SECRET. */
  readonly root: RootSecret;
  /** What is there may rest under any of them. */
  readonly roots: readonly RootSecret[];
  /** ROOT_SECRET, and ROOT_SECRET_NEXT while there is another one to go to. */
  readonly present: RootSecret;
  readonly next: RootSecret | undefined;
  /** For how long an opened key may be used; 0 = once. */
  readonly openedKeySeconds: number;
  /** The provider for what is sealed from now on. Throws a KeyServiceError that names the variable to put right. */
  providerForNew(): KeyProvider;
  /** The provider that a record names, whatever is configured for new ones. Throws the same. */
  provider(name: string): KeyProvider;
}

/** Undefined without a usable root secret: nothing is sealed or opened then. */
export function deploymentSealing(settings: Settings): DeploymentSealing | undefined {
  const parsed = parseRootSecret(settings.ROOT_SECRET);
  if (!parsed.ok) return undefined;
  const present = parsed.root;
  const next = nextRoot(settings, present);
  const root = next ?? present;
  const provider = (name: string) => (name === ROOT_PROVIDER ? rootProvider(root, randomBytes, [present]) : keyService(name, settings));
  return {
    root,
    roots: next === undefined ? [present] : [next, present],
    present,
    next,
    openedKeySeconds: openedKeySeconds(settings) ?? 0,
    provider,
    providerForNew: () => provider(nameForNew(settings)),
  };
}

// The same secret in both places is how a rotation ends: nothing is left to go to.
function nextRoot({ ROOT_SECRET_NEXT: text }: Settings, present: RootSecret): RootSecret | undefined {
  const parsed = parseRootSecret(text);
  return parsed.ok && parsed.root.id !== present.id ? parsed.root : undefined;
}

/** What new bunkers are sealed with, as anybody may see it. */
export interface SealingView {
  /** "unknown" when SEALING names none that there is. */
  readonly provider: string;
  /** What must be put right first; null when all is well. */
  readonly problem: string | null;
}

export function sealingView(settings: Settings): SealingView {
  const name = nameForNew(settings);
  const provider = name === ROOT_PROVIDER || isKeyServiceName(name) ? name : "unknown";
  return { provider, problem: sealingProblem(settings) ?? null };
}

function nameForNew(settings: Settings): string {
  return settings.SEALING?.trim() || ROOT_PROVIDER;
}

function sealingProblem(settings: Settings): string | undefined {
  const next = parseRootSecret(settings.ROOT_SECRET_NEXT);
  if (!next.ok && next.problem !== "missing") return "ROOT_SECRET_NEXT: expected base64 of 32 random bytes; until then nothing is rotated";
  if (openedKeySeconds(settings) === undefined) {
    return `OPENED_KEY_SECONDS: expected a whole number of seconds from 0 to ${MAX_OPENED_KEY_SECONDS}; until then a key is opened for one use`;
  }
  try {
    const name = nameForNew(settings);
    if (name !== ROOT_PROVIDER) keyService(name, settings);
    return undefined;
  } catch (error) {
    return error instanceof KeyServiceError ? error.message : "SEALING: expected settings that can be read";
  }
}

const MAX_OPENED_KEY_SECONDS = 86_400; // a key that is open for longer than a day is as good as not sealed

function openedKeySeconds({ OPENED_KEY_SECONDS: text = "" }: Settings): number | undefined {
  if (text.trim() === "") return OPENED_KEY_SECONDS;
  const seconds = /^[0-9]{1,5}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return seconds <= MAX_OPENED_KEY_SECONDS ? seconds : undefined;
}

// Shared by all objects of an isolate, so that they learn together that a service is away, and use one access token.
const known = new WeakMap<Settings, Map<string, KeyProvider>>();

function keyService(name: string, settings: Settings): KeyProvider {
  if (!isKeyServiceName(name)) {
    const names = [ROOT_PROVIDER, ...KEY_SERVICES].map((each) => `"${each}"`).join(", ");
    throw new KeyServiceError("misconfigured", `SEALING: expected one of ${names}`);
  }
  const made = known.get(settings) ?? new Map<string, KeyProvider>();
  known.set(settings, made);
  const provider = made.get(name) ?? keyServiceProvider(name, settings, PORTS, randomBytes);
  made.set(name, provider);
  return provider;
}

const PORTS = { exchange: httpExchange((url, init) => fetch(url, init)), now: () => Date.now() };
