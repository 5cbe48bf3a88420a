// An access token for Google Cloud: a JWT signed with the service account's key, exchanged for a token that is kept until shortly before
// it ends (RFC 7523; developers.google.com/identity/protocols/oauth2/service-account).

import { importPKCS8, SignJWT } from "jose";
import { codeIn, KeyService, objectIn } from "./key-service.ts";
import type { HttpAnswer, KeyServicePorts } from "./key-service.ts";
import { KeyServiceError } from "./provider.ts";

export interface ServiceAccount {
  readonly email: string;
  /** PKCS #8 in PEM. */
  readonly privateKey: string;
  readonly privateKeyId: string;
}

const SCOPE = "https://www.googleapis.com/auth/cloudkms";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** The longest that Google takes. */
const ASSERTION_SECONDS = 3_600;
/** A token that ends during the call would fail it. */
const RENEW_BEFORE_MS = 60_000;
/** For a clock that goes ahead of Google's. */
const LEEWAY_SECONDS = 10;

export class GcpToken {
  readonly #account: ServiceAccount;
  readonly #endpoint: string;
  readonly #audience: string;
  readonly #service: KeyService;
  #kept: { readonly text: string; readonly until: number } | undefined;

  /** The audience is what the service account's own file says, whatever endpoint is asked. */
  constructor(account: ServiceAccount, place: { readonly endpoint: string; readonly audience: string }, ports: KeyServicePorts) {
    this.#account = account;
    this.#endpoint = place.endpoint;
    this.#audience = place.audience;
    this.#service = new KeyService("Google's token service", ports);
  }

  /** A bearer token, from memory while it lasts. */
  async text(): Promise<string> {
    const kept = this.#kept;
    if (kept !== undefined && kept.until > this.#service.now()) return kept.text;
    const answer = await this.#service.ask(async () => ({
      method: "POST",
      url: this.#endpoint,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ grant_type: GRANT, assertion: await this.#assertion() }).toString(),
    }));
    const { access_token: text, expires_in: seconds } = answer.status === 200 ? objectIn(answer) : {};
    if (typeof text !== "string" || !/^[\x21-\x7e]+$/.test(text)) throw refusal(answer);
    const lastsMs = typeof seconds === "number" && Number.isFinite(seconds) ? seconds * 1000 - RENEW_BEFORE_MS : 0;
    this.#kept = { text, until: this.#service.now() + lastsMs };
    return text;
  }

  /** The service did not take it: it is not used again. */
  forget(): void {
    this.#kept = undefined;
  }

  async #assertion(): Promise<string> {
    const { email, privateKey, privateKeyId } = this.#account;
    const now = Math.floor(this.#service.now() / 1000) - LEEWAY_SECONDS;
    try {
      return await new SignJWT({ scope: SCOPE })
        .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: privateKeyId })
        .setIssuer(email)
        .setAudience(this.#audience)
        .setIssuedAt(now)
        .setExpirationTime(now + ASSERTION_SECONDS)
        .sign(await importPKCS8(privateKey, "RS256"));
    } catch {
      throw new KeyServiceError("misconfigured", "GCP_SERVICE_ACCOUNT: expected an RSA private_key in PEM (PKCS #8)");
    }
  }
}

function refusal(answer: HttpAnswer): KeyServiceError {
  const code = codeIn(objectIn(answer)["error"]);
  const words = "Google does not take the service account's key: check GCP_SERVICE_ACCOUNT, the key may be deleted or the account disabled";
  return answer.status === 429
    ? new KeyServiceError("unavailable", "Google's token service asks to slow down (status 429)")
    : new KeyServiceError("misconfigured", `${words} (${code === "no code" ? `status ${answer.status}` : code})`);
}
