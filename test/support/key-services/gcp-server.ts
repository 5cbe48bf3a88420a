// Google's token service and Cloud KMS as their REST references describe them. The assertion is verified by jose, the additional
// authenticated data by the cipher itself.

import { randomBytes } from "node:crypto";
import { exportPKCS8, generateKeyPair, jwtVerify } from "jose";
import { KeyMaterial, startKeyServer, type Answer, type KeyServer, type Request } from "./key-server.ts";

const EMAIL = "bunkers@example-project.iam.gserviceaccount.com";
const AUDIENCE = "https://oauth2.example.test/token";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

export interface GcpServer extends KeyServer {
  readonly settings: Readonly<Record<string, string>>;
  readonly keyName: string;
  /** Makes a new primary version. */
  rotate(): void;
  /** Versions that were disabled open nothing. */
  disable(version: number): void;
  /** What was handed out so far is not taken any more. */
  revokeTokens(): void;
  /** The service account's key is deleted. */
  forgetAccount(): void;
}

export async function startGcpServer(): Promise<GcpServer> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const keyName = "projects/example-project/locations/europe-west3/keyRings/bunkers/cryptoKeys/users";
  const versions = [new KeyMaterial()];
  const disabled = new Set<number>();
  const dataKeys: Uint8Array[] = [];
  let tokens = new Set<string>();
  let isKnown = true;

  async function exchangeToken(body: string): Promise<Answer> {
    const form = new URLSearchParams(body);
    try {
      if (form.get("grant_type") !== GRANT || !isKnown) throw new Error("no grant");
      const checks = {
        issuer: EMAIL,
        audience: AUDIENCE,
        algorithms: ["RS256"],
        requiredClaims: ["iat", "exp"],
        maxTokenAge: "10 minutes",
      };
      const { payload, protectedHeader } = await jwtVerify(form.get("assertion") ?? "", publicKey, checks);
      const lasts = Number(payload.exp) - Number(payload.iat);
      if (payload["scope"] !== "https://www.googleapis.com/auth/cloudkms" || lasts > 3600 || protectedHeader.kid !== "key-1") {
        throw new Error("not what was agreed");
      }
    } catch {
      return { status: 400, body: { error: "invalid_grant", error_description: "Invalid JWT Signature." } };
    }
    const token = `ya29.${randomBytes(24).toString("base64url")}`;
    tokens.add(token);
    return { status: 200, body: { access_token: token, expires_in: 3599, token_type: "Bearer" } };
  }

  function kms({ path, headers, body }: Request, mixedUp: boolean): Answer {
    if (!tokens.has((headers.authorization ?? "").replace(/^Bearer /, ""))) return fault(401, "UNAUTHENTICATED");
    const [, name, operation] = /^\/v1\/(projects\/[^:]+):(encrypt|decrypt)$/.exec(path) ?? [];
    if (name !== keyName) return fault(404, "NOT_FOUND");
    const input = JSON.parse(body) as Record<string, string>;
    const bound = input["additionalAuthenticatedData"] ?? "";
    if (operation === "encrypt") {
      const version = versions.length;
      if (disabled.has(version)) return fault(400, "FAILED_PRECONDITION");
      const dataKey = Buffer.from(input["plaintext"] ?? "", "base64");
      dataKeys.push(new Uint8Array(dataKey));
      const wrapped = Buffer.concat([Buffer.from([version]), versions.at(-1)?.wrap(dataKey, bound) ?? Buffer.alloc(0)]);
      return { status: 200, body: { name: `${keyName}/cryptoKeyVersions/${version}`, ciphertext: wrapped.toString("base64") } };
    }
    const wrapped = Buffer.from(input["ciphertext"] ?? "", "base64");
    const version = wrapped[0] ?? 0;
    if (disabled.has(version)) return fault(400, "FAILED_PRECONDITION");
    const opened = versions[version - 1]?.unwrap(wrapped.subarray(1), bound);
    if (opened === undefined) return fault(400, "INVALID_ARGUMENT");
    return { status: 200, body: { plaintext: (mixedUp ? randomBytes(32) : opened).toString("base64") } };
  }

  const server = await startKeyServer(
    {
      operationOf: ({ path }) => (path === "/token" ? "token" : (path.split(":").at(-1) ?? "")),
      // Who is denied the key has a token all the same.
      denial: (request) =>
        request.path === "/token" ? { status: 403, body: { error: "access_denied" } } : fault(403, "PERMISSION_DENIED"),
      answer: (request, mixedUp) => (request.path === "/token" ? exchangeToken(request.body) : kms(request, mixedUp)),
    },
    dataKeys,
  );
  const account = {
    type: "service_account",
    client_email: EMAIL,
    private_key_id: "key-1",
    private_key: await exportPKCS8(privateKey),
    token_uri: AUDIENCE,
  };
  return Object.assign(server, {
    keyName,
    rotate: () => void versions.push(new KeyMaterial()),
    disable: (version: number) => void disabled.add(version),
    revokeTokens: () => {
      tokens = new Set();
    },
    forgetAccount: () => {
      isKnown = false;
      tokens = new Set();
    },
    settings: {
      SEALING: "gcp-kms",
      GCP_KMS_KEY: keyName,
      GCP_SERVICE_ACCOUNT: JSON.stringify(account),
      GCP_KMS_ENDPOINT: server.url,
      GCP_TOKEN_ENDPOINT: `${server.url}/token`,
    },
  });
}

function fault(code: number, status: string): Answer {
  return { status: code, body: { error: { code, status, message: `made up for ${EMAIL}: ${status}` } } };
}
