// From a deployment's settings to its key providers. What is missing or wrong is said by the name of the variable, before anything is asked.

import type { Random } from "../seal.ts";
import { AWS_KMS, awsKmsEndpoint, awsKmsProvider } from "./aws-kms.ts";
import { endpointOf } from "./endpoint.ts";
import { GCP_KMS, gcpKmsProvider, isGcpKeyName } from "./gcp-kms.ts";
import type { KeyServicePorts } from "./key-service.ts";
import { KeyServiceError } from "./provider.ts";
import type { KeyProvider } from "./provider.ts";
import { isVaultPath, VAULT, vaultProvider } from "./vault.ts";

/** As secrets and variables carry them; empty counts as unset. */
export interface KeyServiceSettings {
  readonly AWS_KMS_KEY_ID?: string;
  readonly AWS_REGION?: string;
  readonly AWS_ACCESS_KEY_ID?: string;
  readonly AWS_SECRET_ACCESS_KEY?: string;
  readonly AWS_KMS_ENDPOINT?: string;
  readonly GCP_KMS_KEY?: string;
  readonly GCP_SERVICE_ACCOUNT?: string;
  readonly GCP_KMS_ENDPOINT?: string;
  readonly GCP_TOKEN_ENDPOINT?: string;
  readonly VAULT_ADDR?: string;
  readonly VAULT_TOKEN?: string;
  readonly VAULT_TRANSIT_KEY?: string;
  readonly VAULT_TRANSIT_MOUNT?: string;
}

export const KEY_SERVICES = [AWS_KMS, GCP_KMS, VAULT] as const;
export type KeyServiceName = (typeof KEY_SERVICES)[number];

export function isKeyServiceName(name: string): name is KeyServiceName {
  return (KEY_SERVICES as readonly string[]).includes(name);
}

/** The provider of that name. A KeyServiceError `misconfigured` names every variable that is missing. */
export function keyServiceProvider(
  name: KeyServiceName,
  settings: KeyServiceSettings,
  ports: KeyServicePorts,
  random: Random,
): KeyProvider {
  switch (name) {
    case "aws-kms":
      return awsOf(settings, ports);
    case "gcp-kms":
      return gcpOf(settings, ports, random);
    case "vault":
      return vaultOf(settings, ports);
  }
}

/** What a header carries: an error of the runtime would quote anything else. */
const PRINTABLE = /^[\x21-\x7e]+$/;

function awsOf(settings: KeyServiceSettings, ports: KeyServicePorts): KeyProvider {
  const names = ["AWS_KMS_KEY_ID", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const;
  const given = required(AWS_KMS, settings, names);
  const { AWS_REGION: region, AWS_KMS_KEY_ID: keyId } = given;
  if (!/^[a-z]{2}(?:-[a-z0-9]+)+$/.test(region)) throw wrong('AWS_REGION: expected the name of a region, such as "eu-central-1"');
  // arn:aws:kms:<region>:<account>:key/<id>
  const [arn, , , regionOfKey] = keyId.split(":");
  if (arn === "arn" && regionOfKey !== region) throw wrong("AWS_KMS_KEY_ID and AWS_REGION: the key's ARN is in another region");
  if (!PRINTABLE.test(given.AWS_ACCESS_KEY_ID)) throw wrong("AWS_ACCESS_KEY_ID: expected an id without spaces");
  const endpoint = endpointOf("AWS_KMS_ENDPOINT", settings.AWS_KMS_ENDPOINT || awsKmsEndpoint(region));
  const credentials = { accessKeyId: given.AWS_ACCESS_KEY_ID, secretAccessKey: given.AWS_SECRET_ACCESS_KEY };
  return awsKmsProvider({ keyId, region, credentials, endpoint }, ports);
}

const GCP_KMS_API = "https://cloudkms.googleapis.com";
const GCP_TOKEN_API = "https://oauth2.googleapis.com/token";

function gcpOf(settings: KeyServiceSettings, ports: KeyServicePorts, random: Random): KeyProvider {
  const { GCP_KMS_KEY: key, GCP_SERVICE_ACCOUNT: file } = required(GCP_KMS, settings, ["GCP_KMS_KEY", "GCP_SERVICE_ACCOUNT"]);
  if (!isGcpKeyName(key)) throw wrong("GCP_KMS_KEY: expected projects/…/locations/…/keyRings/…/cryptoKeys/…");
  const account = serviceAccountIn(file);
  const endpoints = {
    endpoint: endpointOf("GCP_KMS_ENDPOINT", settings.GCP_KMS_ENDPOINT || GCP_KMS_API),
    tokenEndpoint: endpointOf("GCP_TOKEN_ENDPOINT", settings.GCP_TOKEN_ENDPOINT || account.tokenUri || GCP_TOKEN_API),
    tokenAudience: account.tokenUri ?? GCP_TOKEN_API,
  };
  return gcpKmsProvider({ key, account, ...endpoints }, ports, random);
}

function serviceAccountIn(file: string) {
  const fields = jsonIn(file);
  const text = (name: string) => (typeof fields[name] === "string" && fields[name] !== "" ? fields[name] : undefined);
  const [email, privateKey] = [text("client_email"), text("private_key")];
  if (email === undefined || privateKey === undefined) {
    throw wrong("GCP_SERVICE_ACCOUNT: expected the JSON of a service account's key, with client_email and private_key");
  }
  return { email, privateKey, privateKeyId: text("private_key_id") ?? "", tokenUri: text("token_uri") };
}

function jsonIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // The parser's own message quotes what it read.
    return {};
  }
}

function vaultOf(settings: KeyServiceSettings, ports: KeyServicePorts): KeyProvider {
  const given = required(VAULT, settings, ["VAULT_ADDR", "VAULT_TOKEN", "VAULT_TRANSIT_KEY"]);
  const { VAULT_TOKEN: token, VAULT_TRANSIT_KEY: key } = given;
  const mount = settings.VAULT_TRANSIT_MOUNT || "transit";
  if (!isVaultPath(key) || key.includes("/")) throw wrong("VAULT_TRANSIT_KEY: expected the name of a transit key");
  if (!isVaultPath(mount)) throw wrong("VAULT_TRANSIT_MOUNT: expected a path without slashes at its ends");
  if (!PRINTABLE.test(token)) throw wrong("VAULT_TOKEN: expected a token without spaces");
  return vaultProvider({ address: endpointOf("VAULT_ADDR", given.VAULT_ADDR), token, key, mount }, ports);
}

function required<Name extends keyof KeyServiceSettings>(
  provider: KeyServiceName,
  settings: KeyServiceSettings,
  names: readonly Name[],
): Record<Name, string> {
  const missing = names.filter((name) => (settings[name]?.trim() ?? "") === "");
  if (missing.length > 0) throw wrong(`the provider ${provider} needs ${missing.join(", ")}`);
  return Object.fromEntries(names.map((name) => [name, settings[name]?.trim()])) as Record<Name, string>;
}

function wrong(message: string): KeyServiceError {
  return new KeyServiceError("misconfigured", message);
}
