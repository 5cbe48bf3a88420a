// The two addresses that a login event can be for. Apart, so that an event that signs in names no key, and the other way round.

export const NOSTR_SIGN_IN_PATH = "/sign-in/nostr";
export const NOSTR_KEY_PATH = "/account/nostr-keys";

export function nostrSignInAddress(publicUrl: string): string {
  return `${publicUrl}${NOSTR_SIGN_IN_PATH}`;
}

export function nostrKeyAddress(publicUrl: string): string {
  return `${publicUrl}${NOSTR_KEY_PATH}`;
}
