// The transit engine of Vault and OpenBao as its API reference describes it. As the real one does, it ignores the context of a key that
// is not derived.

import { randomBytes } from "node:crypto";
import { KeyMaterial, startKeyServer, type Answer, type KeyServer, type Request } from "./key-server.ts";

interface TransitKey {
  readonly versions: KeyMaterial[];
  readonly derived: boolean;
  minDecryptionVersion: number;
}

export interface VaultServer extends KeyServer {
  readonly settings: Readonly<Record<string, string>>;
  addKey(name: string, options?: { derived?: boolean }): void;
  rotate(name: string): void;
  setMinDecryptionVersion(name: string, version: number): void;
}

export async function startVaultServer(): Promise<VaultServer> {
  const token = `hvs.${randomBytes(24).toString("base64url")}`;
  const keys = new Map<string, TransitKey>();
  const dataKeys: Uint8Array[] = [];
  const addKey = (name: string, { derived = true } = {}) =>
    void keys.set(name, { versions: [new KeyMaterial()], derived, minDecryptionVersion: 1 });
  addKey("bunkers");

  function material(key: TransitKey, version: number, context: string | undefined): KeyMaterial {
    const made = key.versions[version - 1];
    if (made === undefined) throw new VaultFault(400, "invalid ciphertext: version is too new");
    if (!key.derived) return made;
    if (context === undefined || context === "")
      throw new VaultFault(400, "missing 'context' for key derivation; the key was created using a derived key");
    return made.derived(Buffer.from(context, "base64"));
  }

  function wrap(key: TransitKey, dataKey: Uint8Array, context: string | undefined): string {
    const version = key.versions.length;
    return `vault:v${version}:${material(key, version, context).wrap(dataKey, "").toString("base64")}`;
  }

  function unwrap(key: TransitKey, ciphertext: string, context: string | undefined): Buffer {
    const [, version = "0", body = ""] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? [];
    if (Number(version) < key.minDecryptionVersion)
      throw new VaultFault(400, "ciphertext or signature version is disallowed by policy (too old)");
    const opened = material(key, Number(version), context).unwrap(Buffer.from(body, "base64"), "");
    if (opened === undefined) throw new VaultFault(400, "cipher: message authentication failed");
    return opened;
  }

  function act({ method, path, body }: Request, mixedUp: boolean): unknown {
    const [, operation, name = ""] = /^\/v1\/transit\/(keys|datakey\/plaintext|encrypt|decrypt|rewrap)\/([^/]+)$/.exec(path) ?? [];
    if (operation === undefined) throw new VaultFault(404, "no handler for route");
    const key = keys.get(name);
    if (key === undefined) throw operation === "keys" ? new VaultFault(404) : new VaultFault(400, "encryption key not found");
    if ((operation === "keys") !== (method === "GET")) throw new VaultFault(405, "unsupported operation");
    const input = (body === "" ? {} : JSON.parse(body)) as Record<string, string>;
    const { context } = input;
    switch (operation) {
      case "keys":
        return { name, derived: key.derived, latest_version: key.versions.length, min_decryption_version: key.minDecryptionVersion };
      case "datakey/plaintext": {
        const dataKey = randomBytes(32);
        dataKeys.push(new Uint8Array(dataKey));
        return { plaintext: dataKey.toString("base64"), ciphertext: wrap(key, dataKey, context) };
      }
      case "encrypt":
        return { ciphertext: wrap(key, Buffer.from(input["plaintext"] ?? "", "base64"), context) };
      case "decrypt": {
        const opened = unwrap(key, input["ciphertext"] ?? "", context);
        return { plaintext: (mixedUp ? randomBytes(32) : opened).toString("base64") };
      }
      default:
        return { ciphertext: wrap(key, unwrap(key, input["ciphertext"] ?? "", context), context) };
    }
  }

  const refusal = (status: number, text?: string): Answer => ({ status, body: { errors: text === undefined ? [] : [text] } });
  const server = await startKeyServer(
    {
      operationOf: ({ path }) => path.replace(/^\/v1\/transit\//, "").replace(/\/[^/]+$/, ""),
      denial: () => refusal(403, "permission denied"),
      answer(request, mixedUp) {
        if (request.headers["x-vault-token"] !== token) return refusal(403, "permission denied");
        try {
          return { status: 200, body: { request_id: crypto.randomUUID(), lease_id: "", data: act(request, mixedUp) } };
        } catch (error) {
          if (error instanceof VaultFault) return refusal(error.status, error.text);
          throw error;
        }
      },
    },
    dataKeys,
  );
  const keyOf = (name: string): TransitKey => {
    const key = keys.get(name);
    if (key === undefined) throw new Error(`expected a transit key ${name}`);
    return key;
  };
  return Object.assign(server, {
    addKey,
    rotate: (name: string) => void keyOf(name).versions.push(new KeyMaterial()),
    setMinDecryptionVersion: (name: string, version: number) => {
      keyOf(name).minDecryptionVersion = version;
    },
    settings: { SEALING: "vault", VAULT_ADDR: server.url, VAULT_TOKEN: token, VAULT_TRANSIT_KEY: "bunkers" },
  });
}

class VaultFault extends Error {
  readonly status: number;
  readonly text: string | undefined;

  constructor(status: number, text?: string) {
    super(text ?? String(status));
    this.status = status;
    this.text = text;
  }
}
