// The provider `gcp-kms`: Google Cloud KMS has no data keys, so ours are drawn here and encrypted there, bound to the bunker's id by
// additional authenticated data. Google keeps old versions of a key and opens with whichever one wrapped.

import { KEY_BYTES } from "../derive.ts";
import { expectBytes } from "../seal-error.ts";
import type { Random } from "../seal.ts";
import { contextBytes, dataKeyIn, toBase64, wrappedIn } from "./bytes.ts";
import { GcpToken } from "./gcp-token.ts";
import type { ServiceAccount } from "./gcp-token.ts";
import { codeIn, KeyService, objectIn } from "./key-service.ts";
import type { HttpAnswer, KeyServicePorts } from "./key-service.ts";
import { KeyServiceError } from "./provider.ts";
import type { KeyContext, KeyName, KeyProvider, WrappedDataKey } from "./provider.ts";

export const GCP_KMS = "gcp-kms";

export interface GcpKmsSettings {
  /** projects/…/locations/…/keyRings/…/cryptoKeys/… */
  readonly key: string;
  readonly account: ServiceAccount;
  readonly endpoint: string;
  readonly tokenEndpoint: string;
  readonly tokenAudience: string;
}

type Operation = "encrypt" | "decrypt";

const TITLE = "Google Cloud KMS";
/** A name goes into the address that is asked, so a record's must be one as well. */
const KEY_NAME = /^projects\/[a-z0-9.:-]+\/locations\/[a-z0-9-]+\/keyRings\/[A-Za-z0-9_-]+\/cryptoKeys\/[A-Za-z0-9_-]+$/;
const VERSION_NAME = /^(.+)\/cryptoKeyVersions\/([0-9]+)$/;

export function isGcpKeyName(text: string): boolean {
  return KEY_NAME.test(text);
}

export function gcpKmsProvider(settings: GcpKmsSettings, ports: KeyServicePorts, random: Random): KeyProvider {
  const service = new KeyService(TITLE, ports);
  const token = new GcpToken(settings.account, { endpoint: settings.tokenEndpoint, audience: settings.tokenAudience }, ports);

  async function call(operation: Operation, key: string, input: object, context: KeyContext): Promise<Readonly<Record<string, unknown>>> {
    if (!isGcpKeyName(key)) throw new KeyServiceError("corrupt", `${TITLE}: the record names no key of Google Cloud`);
    const body = JSON.stringify({ ...input, additionalAuthenticatedData: toBase64(contextBytes(context)) });
    const ask = async () => {
      const bearer = await token.text();
      return service.ask(async () => ({
        method: "POST",
        url: `${settings.endpoint}/v1/${key}:${operation}`,
        headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
        body,
      }));
    };
    let answer = await ask();
    if (answer.status === 401) {
      // A kept token may have been revoked; a fresh one that is refused as well is an answer.
      token.forget();
      answer = await ask();
    }
    if (answer.status === 200) return objectIn(answer);
    throw problemOf(answer, operation);
  }

  async function wrap(dataKey: Uint8Array, context: KeyContext): Promise<WrappedDataKey> {
    const made = await call("encrypt", settings.key, { plaintext: toBase64(dataKey) }, context);
    return { wrapped: wrappedIn(made["ciphertext"], TITLE), ...versionIn(made["name"], settings.key) };
  }

  async function openDataKey(wrapped: Uint8Array, key: KeyName, context: KeyContext): Promise<Uint8Array> {
    const opened = await call("decrypt", key.keyId, { ciphertext: toBase64(wrapped) }, context);
    return dataKeyIn(opened["plaintext"], TITLE);
  }

  return {
    name: GCP_KMS,
    openDataKey,
    async newDataKey(context) {
      const dataKey = expectBytes(random(KEY_BYTES), KEY_BYTES, "a random data key");
      try {
        return { dataKey, ...(await wrap(dataKey, context)) };
      } catch (error) {
        dataKey.fill(0);
        throw error;
      }
    },
    // Google has no operation for it: the data key comes here and goes back.
    async rewrap(wrapped, key, context) {
      const dataKey = await openDataKey(wrapped, key, context);
      try {
        return await wrap(dataKey, context);
      } finally {
        dataKey.fill(0);
      }
    },
  };
}

/** The version that wrapped, out of its resource name. */
function versionIn(name: unknown, key: string): KeyName {
  const [, keyId, keyVersion] = (typeof name === "string" ? VERSION_NAME.exec(name) : null) ?? [];
  if (keyId !== key || keyVersion === undefined) throw new KeyServiceError("corrupt", `${TITLE} answered without the version of its key`);
  return { keyId, keyVersion };
}

function problemOf(answer: HttpAnswer, operation: Operation): KeyServiceError {
  const error = objectIn(answer)["error"];
  const { status, details } = (typeof error === "object" && error !== null ? error : {}) as { status?: unknown; details?: unknown };
  const said = codeIn(status);
  const place = `(${operation}, ${said === "no code" ? `status ${answer.status}` : said})`;
  const problem = (kind: KeyServiceError["kind"], words: string) => new KeyServiceError(kind, `${TITLE}: ${words} ${place}`);
  switch (answer.status) {
    case 400:
      if (said === "FAILED_PRECONDITION") return problem("denied", "the version of the key is disabled or destroyed: enable it");
      return operation === "decrypt"
        ? problem("corrupt", "it does not open this data key: changed, of another bunker, or of another key")
        : problem("misconfigured", "expected a symmetric key for encryption in GCP_KMS_KEY");
    case 401:
      return problem("misconfigured", "it does not take the token of GCP_SERVICE_ACCOUNT");
    case 403:
      return hasReason(details, "SERVICE_DISABLED")
        ? problem("misconfigured", "enable the Cloud KMS API in the project of GCP_SERVICE_ACCOUNT")
        : problem("denied", "give the service account the role Cloud KMS CryptoKey Encrypter/Decrypter on the key in GCP_KMS_KEY");
    case 404:
      return problem("misconfigured", "the key does not exist: check project, location, key ring and name in GCP_KMS_KEY");
    case 429:
      return problem("unavailable", "its quota is used up");
    default:
      return problem("misconfigured", "it refuses; check GCP_KMS_KEY and GCP_KMS_ENDPOINT");
  }
}

function hasReason(details: unknown, reason: string): boolean {
  return Array.isArray(details) && details.some((detail: unknown) => (detail as { reason?: unknown } | null)?.reason === reason);
}
