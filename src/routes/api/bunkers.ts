// Making, reading, locking and deleting bunkers. A bunker is noted in the index before it is made, so that a Worker that dies in between
// leaves nothing that the instance does not find again.

import { durationSeconds } from "../../policy/duration.ts";
import { parseUserSecretKey } from "../../protocol/npub.ts";
import { bunkerOf, instanceOf } from "../context.ts";
import { createBunker } from "../create-bunker.ts";
import { RefusedError, valueOf } from "../errors.ts";
import { MAX_RESTORE_BYTES, restoreBunker, restoreHere } from "../restore-bunker.ts";
import {
  backupRoute,
  changeSettingsRoute,
  createBunkerRoute,
  deleteBunkerRoute,
  listBunkersRoute,
  listTombstonesRoute,
  NO_GRACE,
  lockBunkerRoute,
  readBunkerRoute,
  readSettingsRoute,
  restoreBunkerRoute,
  restoreHereRoute,
  setRelaysRoute,
  undeleteBunkerRoute,
  unlockBunkerRoute,
} from "./contract/bunkers.ts";
import { guarded, newApp } from "./new-app.ts";

export const bunkers = newApp()
  .openapi(guarded(createBunkerRoute), async (c) => {
    const { name, secretKey, exportable } = c.req.valid("json");
    const brought = secretKey === undefined ? undefined : parseSecretKey(secretKey);
    try {
      const { id, userPubkey, npub } = await createBunker(c.env, c.var.principal, c.req.url, {
        name,
        exportable,
        ...(brought && { secretKey: brought }),
      });
      return c.json({ id, name, userPubkey, npub }, 201);
    } finally {
      brought?.fill(0);
    }
  })
  .openapi(guarded(listBunkersRoute), async (c) => {
    const { cursor = "" } = c.req.valid("query");
    const { items, next } = valueOf(await instanceOf(c.env).listBunkers(c.var.principal, cursor));
    // What was deleted is not listed for machines.
    return c.json({ items: items.map(({ endsAt: _endsAt, ...item }) => item), next }, 200);
  })
  .openapi(guarded(readBunkerRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).describe(c.var.principal)), 200);
  })
  .openapi(guarded(deleteBunkerRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { grace } = c.req.valid("query");
    const deleted = await bunkerOf(c.env, bunkerId).delete(c.var.principal, grace === NO_GRACE ? 0 : durationSeconds(grace));
    // One that cannot read itself any more is destroyed at once: there is nothing to bring back.
    const isGone =
      !deleted.ok && deleted.refusal.code === "unavailable" && (await instanceOf(c.env).abandonBunker(c.var.principal, bunkerId)).ok;
    if (!isGone) valueOf(deleted);
    return c.body(null, 204);
  })
  .openapi(guarded(undeleteBunkerRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).undelete(c.var.principal)), 200);
  })
  .openapi(guarded(backupRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { recipient } = c.req.valid("json");
    const taken = valueOf(await bunkerOf(c.env, bunkerId).takeOut(c.var.principal, { what: "backup", recipient }));
    if (taken.done !== "file") throw new RefusedError("person-required", "only a signed-in person may do this");
    return c.json({ file: taken.file }, 200);
  })
  .openapi(guarded(restoreBunkerRoute, MAX_RESTORE_BYTES), async (c) => {
    const { id, name, userPubkey, npub } = await restoreBunker(c.env, c.var.principal, c.req.url, c.req.valid("json").backup);
    return c.json({ id, name, userPubkey, npub }, 201);
  })
  .openapi(guarded(restoreHereRoute, MAX_RESTORE_BYTES), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const restored = await restoreHere(c.env, c.var.principal, bunkerId, c.req.url, c.req.valid("json").backup);
    if (restored.done === "held") throw new RefusedError("person-required", "only a signed-in person may do this");
    return c.json(restored.bunker, 200);
  })
  .openapi(guarded(listTombstonesRoute), async (c) => {
    const { cursor = "" } = c.req.valid("query");
    return c.json(valueOf(await instanceOf(c.env).listTombstones(c.var.principal, cursor)), 200);
  })
  .openapi(guarded(lockBunkerRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).lock(c.var.principal)), 200);
  })
  .openapi(guarded(unlockBunkerRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { acceptHistory } = c.req.valid("json");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).unlock(c.var.principal, acceptHistory)), 200);
  })
  .openapi(guarded(setRelaysRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { relays } = c.req.valid("json");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).setRelays(c.var.principal, relays)), 200);
  })
  .openapi(guarded(readSettingsRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    return c.json(valueOf(await bunkerOf(c.env, bunkerId).readSettings(c.var.principal)), 200);
  })
  .openapi(guarded(changeSettingsRoute), async (c) => {
    const { bunkerId } = c.req.valid("param");
    const { votes, mailShows, readsOldMessages, suspendAfterDenials, suspendOnNewKind, suspendAfterUsedUpLimits } = c.req.valid("json");
    const change = {
      ...(votes !== undefined && { votes }),
      ...(mailShows !== undefined && { mailShows }),
      ...(readsOldMessages !== undefined && { readsOldMessages }),
      ...(suspendAfterDenials !== undefined && { suspendAfterDenials }),
      ...(suspendOnNewKind !== undefined && { suspendOnNewKind }),
      ...(suspendAfterUsedUpLimits !== undefined && { suspendAfterUsedUpLimits }),
    };
    // No act: what a machine may change waits for nobody.
    const { act: _none, ...after } = valueOf(await bunkerOf(c.env, bunkerId).changeSettings(c.var.principal, change));
    return c.json(after, 200);
  });

function parseSecretKey(text: string): Uint8Array {
  const secretKey = parseUserSecretKey(text);
  if (secretKey === undefined)
    throw new RefusedError("invalid", "secretKey: expected an nsec or 64 hex digits that are a valid secret key");
  return secretKey;
}
