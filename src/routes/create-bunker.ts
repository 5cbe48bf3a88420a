// Making and deleting a bunker takes two objects: it is noted in the index before, and settled afterwards, so that a Worker that dies in
// between leaves nothing that the instance does not find again.

import type { BunkerView, CreateBunker } from "../../durable-objects/bunker-rpc.ts";
import type { Env } from "../env.ts";
import type { Principal } from "../people/principal.ts";
import { bunkerOf, instanceOf } from "./context.ts";
import { valueOf } from "./errors.ts";

/** `seenAt`: the address that the principal asked. */
export async function createBunker(
  env: Env,
  principal: Principal,
  seenAt: string,
  input: Omit<CreateBunker, "publicUrl">,
): Promise<BunkerView> {
  const instance = instanceOf(env);
  const begun = valueOf(await instance.beginBunker(principal, seenAt));
  const made = await bunkerOf(env, begun.id).create(principal, { ...input, publicUrl: begun.publicUrl });
  if (made.ok) await instance.finishBunker(begun.id, made.value);
  else await instance.settleBunker(begun.id);
  return valueOf(made);
}
