// AWS KMS as its API reference describes it, as far as data keys go. Every request's signature is made again by AWS's own signer
// (@smithy/signature-v4) and compared: nothing of the product's signing is used here.

import { randomBytes } from "node:crypto";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { KeyMaterial, startKeyServer, type Answer, type KeyServer, type Request } from "./key-server.ts";

const ACCOUNT = "111122223333";
const SIGNATURE =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=[0-9a-f]{64}$/;
const CLOCK_SKEW_MS = 300_000;

interface AwsKey {
  readonly arn: string;
  readonly materials: KeyMaterial[];
  state: "Enabled" | "Disabled" | "PendingDeletion";
}

export interface AwsServer extends KeyServer {
  /** What a deployment is told to use it. */
  readonly settings: Readonly<Record<string, string>>;
  readonly keyArn: string;
  /** Another key of the same account: its ARN. */
  addKey(): string;
  setState(arn: string, state: AwsKey["state"]): void;
}

export async function startAwsServer(region = "eu-central-1"): Promise<AwsServer> {
  const credentials = { accessKeyId: "AKIATESTTESTTEST", secretAccessKey: randomBytes(30).toString("base64") };
  const signer = new SignatureV4({ service: "kms", region, credentials, sha256: Sha256, applyChecksum: false });
  const keys = new Map<string, AwsKey>();
  const dataKeys: Uint8Array[] = [];

  function addKey(): string {
    const arn = `arn:aws:kms:${region}:${ACCOUNT}:key/${crypto.randomUUID()}`;
    keys.set(arn, { arn, materials: [new KeyMaterial()], state: "Enabled" });
    return arn;
  }
  const keyArn = addKey();

  async function signatureProblem({ method, path, headers, body }: Request): Promise<string | undefined> {
    const authorization = headers.authorization ?? "";
    const [, keyId, day, scopeRegion, service, signedHeaders = ""] = SIGNATURE.exec(authorization) ?? [];
    if (keyId === undefined) return "IncompleteSignatureException";
    if (keyId !== credentials.accessKeyId) return "UnrecognizedClientException";
    const names = signedHeaders.split(";");
    const date = String(headers["x-amz-date"]);
    const signedAt = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
    const isCurrent = Math.abs(Date.now() - signedAt) < CLOCK_SKEW_MS && date.startsWith(String(day));
    if (scopeRegion !== region || service !== "kms" || !isCurrent) return "InvalidSignatureException";
    // What steers the call must be under the signature.
    if (!["host", "x-amz-date", "x-amz-target", "content-type"].every((name) => names.includes(name))) return "InvalidSignatureException";
    const again = await signer.sign(
      {
        method,
        protocol: "http:",
        hostname: String(headers.host),
        path,
        query: {},
        headers: Object.fromEntries(names.map((name) => [name, String(headers[name])])),
        body,
      },
      { signingDate: new Date(signedAt) },
    );
    return again.headers["authorization"] === authorization ? undefined : "InvalidSignatureException";
  }

  function usable(keyId: unknown): AwsKey {
    const key = keys.get(String(keyId)) ?? [...keys.values()].find(({ arn }) => arn.endsWith(`/${String(keyId)}`));
    if (key === undefined) throw new AwsFault("NotFoundException");
    if (key.state === "Disabled") throw new AwsFault("DisabledException");
    if (key.state !== "Enabled") throw new AwsFault("KMSInvalidStateException");
    return key;
  }

  function wrap(key: AwsKey, dataKey: Uint8Array, context: unknown) {
    const wrapped = key.materials.at(-1)?.wrap(dataKey, canonical(context));
    return Buffer.concat([Buffer.from(`${key.arn}\n`), wrapped ?? Buffer.alloc(0)]).toString("base64");
  }

  function unwrap(blob: unknown, keyId: unknown, context: unknown): { key: AwsKey; dataKey: Buffer } {
    const bytes = Buffer.from(String(blob), "base64");
    const end = bytes.indexOf("\n");
    const key = keys.get(bytes.subarray(0, Math.max(0, end)).toString());
    if (key === undefined) throw new AwsFault("InvalidCiphertextException");
    if (keyId !== undefined && usable(keyId) !== key) throw new AwsFault("IncorrectKeyException");
    usable(key.arn);
    const wrapped = bytes.subarray(end + 1);
    const dataKey = key.materials.map((material) => material.unwrap(wrapped, canonical(context))).find((opened) => opened !== undefined);
    if (dataKey === undefined) throw new AwsFault("InvalidCiphertextException");
    return { key, dataKey };
  }

  function act(operation: string, input: Readonly<Record<string, unknown>>, mixedUp: boolean): unknown {
    switch (operation) {
      case "GenerateDataKey": {
        if (input["KeySpec"] !== "AES_256") throw new AwsFault("ValidationException");
        const key = usable(input["KeyId"]);
        const dataKey = randomBytes(32);
        dataKeys.push(new Uint8Array(dataKey));
        const blob = wrap(key, dataKey, input["EncryptionContext"]);
        return { KeyId: key.arn, Plaintext: dataKey.toString("base64"), CiphertextBlob: blob };
      }
      case "Decrypt": {
        const { key, dataKey } = unwrap(input["CiphertextBlob"], input["KeyId"], input["EncryptionContext"]);
        const given = mixedUp ? randomBytes(32) : dataKey;
        return { KeyId: key.arn, Plaintext: given.toString("base64"), EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
      }
      case "ReEncrypt": {
        const { key, dataKey } = unwrap(input["CiphertextBlob"], input["SourceKeyId"], input["SourceEncryptionContext"]);
        const to = usable(input["DestinationKeyId"]);
        const blob = wrap(to, dataKey, input["DestinationEncryptionContext"]);
        return { KeyId: to.arn, SourceKeyId: key.arn, CiphertextBlob: blob };
      }
      default:
        throw new AwsFault("UnknownOperationException");
    }
  }

  const refusal = (type: string): Answer => ({ status: 400, body: { __type: type, message: `made up for ${ACCOUNT}: ${type}` } });
  const server = await startKeyServer(
    {
      operationOf: ({ headers }) => String(headers["x-amz-target"]).replace(/^TrentService\./, ""),
      denial: () => refusal("AccessDeniedException"),
      async answer(request, mixedUp) {
        const problem = await signatureProblem(request);
        if (problem !== undefined) return refusal(problem);
        try {
          return { status: 200, body: act(request.operation, JSON.parse(request.body) as Record<string, unknown>, mixedUp) };
        } catch (error) {
          if (error instanceof AwsFault) return refusal(error.type);
          throw error;
        }
      },
    },
    dataKeys,
  );
  return Object.assign(server, {
    keyArn,
    addKey,
    setState(arn: string, state: AwsKey["state"]) {
      const key = keys.get(arn);
      if (key !== undefined) key.state = state;
    },
    settings: {
      SEALING: "aws-kms",
      AWS_KMS_KEY_ID: keyArn,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_KMS_ENDPOINT: server.url,
    },
  });
}

class AwsFault extends Error {
  readonly type: string;

  constructor(type: string) {
    super(type);
    this.type = type;
  }
}

function canonical(context: unknown): string {
  return JSON.stringify(Object.entries((context ?? {}) as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : 1)));
}
