// A process of the bench: the signer that applesauce ships, over its own relay pool, allowing everything.

import { RelayPool } from "applesauce-relay";
import { NostrConnectProvider, PrivateKeySigner } from "applesauce-signers";
import { announce, argument } from "./child.ts";

const provider = new NostrConnectProvider({
  relays: [argument()],
  pool: new RelayPool(),
  upstream: new PrivateKeySigner(),
  bunkerSecret: "bench",
});
await provider.start();
announce(await provider.getBunkerURI());
