// The provider `vault`: the transit engine of HashiCorp Vault or OpenBao, bound to the bunker's id by the context of a derived key. With
// any other key Vault ignores the context and says nothing, so such a key is refused before it wraps anything.

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { decodeBase64 } from "../base64.ts";
import { contextBytes, dataKeyIn, toBase64 } from "./bytes.ts";
import { KeyService, objectIn } from "./key-service.ts";
import type { HttpAnswer, KeyServicePorts } from "./key-service.ts";
import { KeyServiceError } from "./provider.ts";
import type { KeyContext, KeyName, KeyProvider, WrappedDataKey } from "./provider.ts";

export const VAULT = "vault";

export interface VaultSettings {
  readonly address: string;
  readonly token: string;
  readonly key: string;
  readonly mount: string;
}

type Operation = "keys" | "datakey/plaintext" | "encrypt" | "decrypt" | "rewrap";

const TITLE = "Vault";
/** A name goes into the address that is asked: no segment may climb. */
const SEGMENTS = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/;
/** `vault:v3:…`: which version of the key wrapped. */
const CIPHERTEXT = /^vault:v([1-9][0-9]*):([A-Za-z0-9+/]+={0,2})$/;

export function isVaultPath(text: string): boolean {
  return SEGMENTS.test(text);
}

export function vaultProvider(settings: VaultSettings, ports: KeyServicePorts): KeyProvider {
  const service = new KeyService(TITLE, ports);
  const ours = { mount: settings.mount, key: settings.key };

  async function call(operation: Operation, { mount, key }: typeof ours, input?: object): Promise<Readonly<Record<string, unknown>>> {
    const answer = await service.ask(async () => ({
      method: input === undefined ? "GET" : "POST",
      url: `${settings.address}/v1/${mount}/${operation}/${key}`,
      headers: { "x-vault-token": settings.token, "x-vault-request": "true", "content-type": "application/json" },
      ...(input === undefined ? {} : { body: JSON.stringify(input) }),
    }));
    const data = answer.status === 200 ? objectIn(answer)["data"] : undefined;
    if (typeof data === "object" && data !== null) return data as Record<string, unknown>;
    throw problemOf(answer, operation);
  }

  /** Asked before every wrapping: a key may have been made anew under the same name. */
  async function expectDerived(): Promise<void> {
    const { derived } = await call("keys", ours);
    if (derived === true) return;
    const words =
      "the key in VAULT_TRANSIT_KEY is not derived, so it would open any bunker's data key for any other: make one with derived=true";
    throw new KeyServiceError("misconfigured", `${TITLE}: ${words}`);
  }

  async function openDataKey(wrapped: Uint8Array, key: KeyName, context: KeyContext): Promise<Uint8Array> {
    const opened = await call("decrypt", placeOf(key), { ciphertext: textOf(wrapped), context: contextOf(context) });
    return dataKeyIn(opened["plaintext"], TITLE);
  }

  return {
    name: VAULT,
    openDataKey,
    async newDataKey(context) {
      await expectDerived();
      const made = await call("datakey/plaintext", ours, { context: contextOf(context), bits: 256 });
      return { dataKey: dataKeyIn(made["plaintext"], TITLE), ...wrappedBy(ours, made["ciphertext"]) };
    },
    async rewrap(wrapped, key, context) {
      await expectDerived();
      const place = placeOf(key);
      if (place.mount === ours.mount && place.key === ours.key) {
        const moved = await call("rewrap", place, { ciphertext: textOf(wrapped), context: contextOf(context) });
        return wrappedBy(place, moved["ciphertext"]);
      }
      // Vault rewraps within one key alone: to another one the data key comes here and goes back.
      const dataKey = await openDataKey(wrapped, key, context);
      try {
        const moved = await call("encrypt", ours, { plaintext: toBase64(dataKey), context: contextOf(context) });
        return wrappedBy(ours, moved["ciphertext"]);
      } finally {
        dataKey.fill(0);
      }
    },
  };
}

function contextOf(context: KeyContext): string {
  return toBase64(contextBytes(context));
}

function wrappedBy({ mount, key }: { readonly mount: string; readonly key: string }, ciphertext: unknown): WrappedDataKey {
  const version = typeof ciphertext === "string" ? CIPHERTEXT.exec(ciphertext)?.[1] : undefined;
  if (version === undefined) throw new KeyServiceError("corrupt", `${TITLE} answered no wrapped data key`);
  return { wrapped: utf8ToBytes(String(ciphertext)), keyId: `${mount}/${key}`, keyVersion: version };
}

/** A record goes on opening with the key that it names, whatever the settings name today. */
function placeOf({ keyId }: KeyName): { mount: string; key: string } {
  const at = keyId.lastIndexOf("/");
  if (at < 1 || !isVaultPath(keyId)) throw new KeyServiceError("corrupt", `${TITLE}: the record names no transit key`);
  return { mount: keyId.slice(0, at), key: keyId.slice(at + 1) };
}

function textOf(wrapped: Uint8Array): string {
  const text = new TextDecoder().decode(wrapped);
  const body = CIPHERTEXT.exec(text)?.[2];
  // Vault reads base64 loosely: without this, a changed last letter would go unseen.
  if (body !== undefined && decodeBase64(body) !== undefined) return text;
  throw new KeyServiceError("corrupt", `${TITLE}: the record holds no data key that it wrapped`);
}

const CAPABILITIES: Readonly<Record<Operation, string>> = {
  keys: '"read" on <mount>/keys/<key>',
  "datakey/plaintext": '"update" on <mount>/datakey/plaintext/<key>',
  encrypt: '"update" on <mount>/encrypt/<key>',
  decrypt: '"update" on <mount>/decrypt/<key>',
  rewrap: '"update" on <mount>/rewrap/<key>',
};

function problemOf(answer: HttpAnswer, operation: Operation): KeyServiceError {
  const problem = (kind: KeyServiceError["kind"], words: string) =>
    new KeyServiceError(kind, `${TITLE}: ${words} (${operation}, status ${answer.status})`);
  switch (answer.status) {
    case 400:
      return badRequest(answer, operation, problem);
    case 403:
      return problem("denied", `VAULT_TOKEN has ended or lacks the capability ${CAPABILITIES[operation]}`);
    case 404:
      return problem("misconfigured", "no such key: check VAULT_TRANSIT_KEY and VAULT_TRANSIT_MOUNT");
    case 429:
    case 412:
      return problem("unavailable", "it cannot do that at the moment");
    default:
      // A standby redirects to the active node; a token does not follow redirects.
      return answer.status >= 300 && answer.status < 400
        ? problem("misconfigured", "it sends us elsewhere: VAULT_ADDR must be the active node or a balancer in front of it")
        : problem("misconfigured", "it refuses; check VAULT_ADDR and VAULT_TRANSIT_MOUNT");
  }
}

type Problem = (kind: KeyServiceError["kind"], words: string) => KeyServiceError;

// Vault says everything by its texts; we read them and show none.
function badRequest(answer: HttpAnswer, operation: Operation, problem: Problem): KeyServiceError {
  const text = answer.body;
  if (text.includes("key not found")) return problem("misconfigured", "no such key: check VAULT_TRANSIT_KEY and VAULT_TRANSIT_MOUNT");
  if (text.includes("too old"))
    return problem("denied", "min_decryption_version of the key rules out the version that wrapped this data key");
  if (text.includes("soft delete")) return problem("denied", "the key is deleted: restore it");
  return operation === "decrypt" || operation === "rewrap"
    ? problem("corrupt", "it does not open this data key: changed, of another bunker, or of another key")
    : problem("misconfigured", "expected a key for encryption in VAULT_TRANSIT_KEY");
}
