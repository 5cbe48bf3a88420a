// Signature Version 4 over one request. The moment is given: nothing here looks at a clock.

import { AwsV4Signer } from "aws4fetch";
import type { HttpRequest } from "./key-service.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SigningPlace {
  readonly region: string;
  readonly service: string;
}

/** The same request with its date and signature; `at` in milliseconds. */
export async function signAws(request: HttpRequest, credentials: AwsCredentials, place: SigningPlace, at: number): Promise<HttpRequest> {
  const signer = new AwsV4Signer({
    ...request,
    ...credentials,
    ...place,
    datetime: new Date(at).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    // The content type too, as the SDKs do: it says how the body is read.
    allHeaders: true,
  });
  const { headers } = await signer.sign();
  return { ...request, headers: Object.fromEntries(headers) };
}
