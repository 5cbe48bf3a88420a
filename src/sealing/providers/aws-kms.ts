// The provider `aws-kms`: data keys by GenerateDataKey, Decrypt and ReEncrypt, bound to the bunker's id by the encryption context, which
// CloudTrail shows. AWS turns a key's material by itself and opens what older material wrapped; another key needs a rotation of ours.

import { codeIn, KeyService, objectIn } from "./key-service.ts";
import type { HttpAnswer, HttpRequest, KeyServicePorts } from "./key-service.ts";
import { signAws } from "./aws-sign.ts";
import type { AwsCredentials } from "./aws-sign.ts";
import { dataKeyIn, toBase64, wrappedIn } from "./bytes.ts";
import { KeyServiceError } from "./provider.ts";
import type { KeyContext, KeyName, KeyProvider, KeyServiceProblem } from "./provider.ts";

export const AWS_KMS = "aws-kms";

export interface AwsKmsSettings {
  /** An id, an ARN or an alias. */
  readonly keyId: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly endpoint: string;
}

type Operation = "GenerateDataKey" | "Decrypt" | "ReEncrypt";

const TITLE = "AWS KMS";
const JSON_1_1 = "application/x-amz-json-1.1";
/** What a record says where AWS does not tell which material wrapped it. */
const UNNAMED_MATERIAL = "unnamed";

export function awsKmsProvider(settings: AwsKmsSettings, ports: KeyServicePorts): KeyProvider {
  const service = new KeyService(TITLE, ports);

  async function call(operation: Operation, input: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    const unsigned: HttpRequest = {
      method: "POST",
      url: `${settings.endpoint}/`,
      headers: { "content-type": JSON_1_1, "x-amz-target": `TrentService.${operation}` },
      body: JSON.stringify(input),
    };
    const place = { region: settings.region, service: "kms" };
    const answer = await service.ask(() => signAws(unsigned, settings.credentials, place, service.now()));
    if (answer.status === 200) return objectIn(answer);
    throw problemOf(answer, operation);
  }

  return {
    name: AWS_KMS,
    async newDataKey(context) {
      const made = await call("GenerateDataKey", { KeyId: settings.keyId, KeySpec: "AES_256", EncryptionContext: contextOf(context) });
      const name = keyNameIn(made["KeyId"], made["KeyMaterialId"]);
      return { dataKey: dataKeyIn(made["Plaintext"], TITLE), wrapped: wrappedIn(made["CiphertextBlob"], TITLE), ...name };
    },
    async openDataKey(wrapped, key, context) {
      const opened = await call("Decrypt", {
        CiphertextBlob: toBase64(wrapped),
        // Without it AWS would open with whatever key the ciphertext names.
        KeyId: key.keyId,
        EncryptionContext: contextOf(context),
      });
      const dataKey = dataKeyIn(opened["Plaintext"], TITLE);
      if (opened["KeyId"] === key.keyId) return dataKey;
      dataKey.fill(0);
      throw new KeyServiceError("corrupt", `${TITLE} opened the data key with another key than the one that was named`);
    },
    async rewrap(wrapped, key, context) {
      const moved = await call("ReEncrypt", {
        CiphertextBlob: toBase64(wrapped),
        SourceKeyId: key.keyId,
        SourceEncryptionContext: contextOf(context),
        DestinationKeyId: settings.keyId,
        DestinationEncryptionContext: contextOf(context),
      });
      const name = keyNameIn(moved["KeyId"], moved["DestinationKeyMaterialId"]);
      return { wrapped: wrappedIn(moved["CiphertextBlob"], TITLE), ...name };
    },
  };
}

/** The endpoint of a region, for when none is given. */
export function awsKmsEndpoint(region: string): string {
  return `https://kms.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

function contextOf({ bunkerId }: KeyContext): Readonly<Record<string, string>> {
  return { "countersign-bunker": bunkerId };
}

/** The key as AWS answers it, an ARN whatever was asked for: an alias may point elsewhere tomorrow. */
function keyNameIn(keyId: unknown, material: unknown): KeyName {
  if (typeof keyId !== "string" || keyId === "") throw new KeyServiceError("corrupt", `${TITLE} answered without the id of its key`);
  return { keyId, keyVersion: typeof material === "string" && material !== "" ? material : UNNAMED_MATERIAL };
}

function problemOf(answer: HttpAnswer, operation: Operation): KeyServiceError {
  // "com.amazonaws.kms#DisabledException" or the bare name, by the version of the protocol.
  const type = objectIn(answer)["__type"];
  const code = codeIn(typeof type === "string" ? type.split("#").at(-1) : undefined);
  const [kind, words] = wordsFor(code, operation);
  return new KeyServiceError(kind, `${TITLE}: ${words} (${operation}, ${code === "no code" ? `status ${answer.status}` : code})`);
}

const PERMISSIONS: Readonly<Record<Operation, string>> = {
  GenerateDataKey: "kms:GenerateDataKey",
  Decrypt: "kms:Decrypt",
  ReEncrypt: "kms:ReEncryptFrom on the old key and kms:ReEncryptTo on the new one",
};

function wordsFor(code: string, operation: Operation): readonly [KeyServiceProblem, string] {
  switch (code) {
    case "AccessDeniedException":
      return ["denied", `allow ${PERMISSIONS[operation]} to the owner of AWS_ACCESS_KEY_ID, in the key's policy or by IAM`];
    case "DisabledException":
      return ["denied", "the key is disabled: enable it"];
    case "KMSInvalidStateException":
      return ["denied", "the state of the key does not allow it: it may wait for its deletion or for its material"];
    case "NotFoundException":
      return ["misconfigured", "the key does not exist there: AWS_KMS_KEY_ID and AWS_REGION must belong together"];
    case "InvalidArnException":
      return ["misconfigured", "the key is in another region or account than AWS_REGION and the credentials"];
    case "InvalidKeyUsageException":
    case "ValidationException":
      return ["misconfigured", "expected a symmetric key for encryption in AWS_KMS_KEY_ID"];
    case "UnrecognizedClientException":
    case "InvalidClientTokenId":
    case "MissingAuthenticationTokenException":
    case "ExpiredTokenException":
      return ["misconfigured", "AWS does not know AWS_ACCESS_KEY_ID, or not any more"];
    case "InvalidSignatureException":
    case "SignatureDoesNotMatch":
    case "IncompleteSignatureException":
      return ["misconfigured", "the signature does not fit: check AWS_SECRET_ACCESS_KEY and AWS_REGION"];
    case "InvalidCiphertextException":
    case "IncorrectKeyException":
      return ["corrupt", "it does not open this data key: changed, of another bunker, or of another key"];
    case "ThrottlingException":
    case "LimitExceededException":
    case "KeyUnavailableException":
    case "DependencyTimeoutException":
    case "KMSInternalException":
      return ["unavailable", "it cannot do that at the moment"];
    default:
      return ["misconfigured", "it refuses; check AWS_KMS_KEY_ID and AWS_REGION"];
  }
}
