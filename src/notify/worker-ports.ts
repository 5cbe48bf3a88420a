// The ways out that mail drivers have inside the Worker.

import type { MailPorts } from "./mail-driver.ts";
import { openWorkerSocket } from "./smtp/worker-socket.ts";

/** `print` shows a mail with its links on the operator's terminal; it is called on localhost only. */
export function workerMailPorts(print: (text: string) => void): MailPorts {
  return { fetch: (url, init) => fetch(url, init), openSocket: openWorkerSocket, print };
}
