// The provider `root`: data keys wrapped here, under the root secret. It is no key service and gives no second party's say:
// whoever reads the deployment's secrets and its storage can open every key.

import { KEY_BYTES } from "../derive.ts";
import type { RootSecret, Roots } from "../root-secret.ts";
import { expectBytes } from "../seal-error.ts";
import { SealError } from "../seal.ts";
import type { Random } from "../seal.ts";
import { openUnderRoot, rootIdOf, sealUnderRoot } from "../under-root.ts";
import { KeyServiceError } from "./provider.ts";
import type { KeyContext, KeyName, KeyProvider, NewDataKey, WrappedDataKey } from "./provider.ts";

export const ROOT_PROVIDER = "root";
/** What people are told wherever this provider is in use. */
export const ROOT_PROVIDER_NOTICE =
  "Keys rest under the root secret of this deployment. That is no KMS: whoever can read the deployment's secrets and storage can open them.";

const WRAP = "countersign/data-key-wrap/v1";
const KEY_VERSION = "1";

/** Wraps under `root`; opens under any of `others` too, as during a rotation. The key id is the root's id. */
export function rootProvider(root: RootSecret, random: Random, others: readonly RootSecret[] = []): KeyProvider {
  return {
    name: ROOT_PROVIDER,
    newDataKey: async (context) => wrapNewDataKey(root, random, context),
    openDataKey: async (wrapped, key, context) => unwrapDataKey([root, ...others], wrapped, key, context),
    async rewrap(wrapped, key, context) {
      const dataKey = unwrapDataKey([root, ...others], wrapped, key, context);
      try {
        return wrapDataKey(root, random, dataKey, context);
      } finally {
        dataKey.fill(0);
      }
    },
  };
}

function wrapNewDataKey(root: RootSecret, random: Random, context: KeyContext): NewDataKey {
  const dataKey = expectBytes(random(KEY_BYTES), KEY_BYTES, "a random data key");
  return { dataKey, ...wrapDataKey(root, random, dataKey, context) };
}

function wrapDataKey(root: RootSecret, random: Random, dataKey: Uint8Array, context: KeyContext): WrappedDataKey {
  return { wrapped: sealUnderRoot(root, WRAP, dataKey, [context.bunkerId], random), keyId: root.id, keyVersion: KEY_VERSION };
}

function unwrapDataKey(roots: Roots, wrapped: Uint8Array, key: KeyName, context: KeyContext): Uint8Array {
  try {
    if (key.keyVersion !== KEY_VERSION || rootIdOf(wrapped) !== key.keyId) {
      throw new KeyServiceError("corrupt", `expected a data key wrapped by root secret ${key.keyId}, version ${KEY_VERSION}`);
    }
    return expectBytes(openUnderRoot(roots, WRAP, wrapped, [context.bunkerId]), KEY_BYTES, "a data key");
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new KeyServiceError(error.problem === "wrong-root" ? "misconfigured" : "corrupt", error.message);
  }
}
