// The limits of the embedded relay that it announces (NIP-11): what a client can do about a refusal before it meets one.

/** A JSON-RPC payload of 65,535 bytes pads and encodes to about 88 kB; strfry's own websocket limit is the same number. */
export const MAX_MESSAGE_BYTES = 131_072;
/** A client needs one or two; NDK opens one per request in its worst mode. */
export const MAX_SUBSCRIPTIONS_PER_SOCKET = 20;
/** NIP-01 allows any number; one names what a client waits for. */
export const MAX_FILTERS_PER_SUBSCRIPTION = 10;
/** NIP-46 says nothing; other signers take five minutes, relays refuse ephemeral events beyond one. */
export const MAX_REQUEST_AGE_SECONDS = 300;
export const MAX_REQUEST_LEAD_SECONDS = 60;
