// The instance's rows for tests: written as the product writes them, MAC, sums and all, and as somebody writes them who has its database
// and no key.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { assembleInstance } from "../../durable-objects/instance/assemble.ts";
import type { InstanceContext } from "../../durable-objects/instance/context.ts";
import { openInstanceKeys } from "../../durable-objects/instance/instance-row.ts";
import type { Instance } from "../../durable-objects/instance.ts";
import { deploymentSealing } from "../../src/deployment-sealing.ts";
import { macRow } from "../../src/sealing/row-mac.ts";

type Stub = DurableObjectStub<Instance>;

function sealing() {
  const found = deploymentSealing(env);
  if (found === undefined) throw new Error("expected a root secret");
  return found;
}

/** What stands behind the object's calls, put together once more over the same database. */
export function inInstance<Answer>(stub: Stub, act: (parts: InstanceContext) => Answer | Promise<Answer>): Promise<Answer> {
  return runInDurableObject(stub, (_instance: Instance, state) => act(assembleInstance(state, env, sealing())));
}

/** Changes the own row in ways that the product never does, and makes its MAC anew. */
export async function putInInstanceRow(stub: Stub, assignments: string): Promise<void> {
  await runInDurableObject(stub, (_instance: Instance, { storage: { sql } }) => {
    sql.exec(`UPDATE instance SET ${assignments}`);
    const { only_row: _row, mac: _mac, ...columns } = sql.exec("SELECT * FROM instance").one();
    const fields = Object.values(columns).map((column) => (column instanceof ArrayBuffer ? new Uint8Array(column) : column));
    const { rowMacKey } = openInstanceKeys(sql, sealing().roots);
    sql.exec("UPDATE instance SET mac = ?", macRow(rowMacKey, "instance", ["instance", ...fields]));
  });
}

/** From outside: the database alone. */
export function intrude(stub: Stub, ...statements: string[]): Promise<void> {
  return runInDurableObject(stub, (_instance: Instance, { storage: { sql } }) => {
    for (const statement of statements) sql.exec(statement);
  });
}
