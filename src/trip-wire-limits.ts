// The most that a trip wire counts to: the same on the page and in the API.

/** As many as a connection may be refused within a minute before it is told to slow down. */
export const MAX_WIRE_DENIALS = 60;
/** Beyond it an app is not out of hand, its limits are too low. */
export const MAX_WIRE_USED_UP_LIMITS = 20;
