// A process of the bench: the signer that NDK ships, with its private-key signer, allowing everything.

import NDK, { NDKNip46Backend, NDKPrivateKeySigner } from "@nostr-dev-kit/ndk";
import { announce, argument } from "./child.ts";

const relay = argument();
// Its outbox model would dial public relays.
const ndk = new NDK({ explicitRelayUrls: [relay], enableOutboxModel: false });
await ndk.connect();
const backend = new NDKNip46Backend(ndk, NDKPrivateKeySigner.generate(), () => Promise.resolve(true), [relay]);
await backend.start();
// Its keys are one: the user's speaks for the signer too. Without a secret, because it throws at any.
announce(`bunker://${backend.localUser?.pubkey}?relay=${encodeURIComponent(relay)}`);
