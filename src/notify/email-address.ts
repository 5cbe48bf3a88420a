// One address a person is reached and found by. Parsed once, at the edge, into a single spelling; what is unusual is refused.

declare const brand: unique symbol;
/** `local@domain` in lower-case ASCII: at most 254 characters, nothing in it that a mail header or an SMTP command could trip over. */
export type EmailAddress = string & { readonly [brand]: "EmailAddress" };

// RFC 5321 §4.5.3.1: 64 octets before the "@", and 254 in all, so that the path with its brackets has 256.
const MAX_LOCAL_CHARS = 64;
const MAX_ADDRESS_CHARS = 254;
/** RFC 1035 §2.3.4: octets of a name, and of one label. */
const MAX_DOMAIN_CHARS = 253;

// RFC 5322 §3.2.3, dot-atom. Quoted local parts are legal, and nobody's: refusing them keeps spaces, quotes and "<" out of every command.
const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** What a domain may be typed with; the URL class would also take "%65", "@" and ports. */
const TYPED_DOMAIN = /^[\p{L}\p{N}\p{M}.-]+$/u;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The address in its one spelling, or undefined. Surrounding space goes, the domain becomes lower case and ASCII (RFC 5891).
 *
 * The local part becomes lower case too. RFC 5321 §2.4 leaves its case to the receiving server, yet no mail service in use tells
 * people apart by it, while members do type "Ana@" once and "ana@" later, and would be two. It must be ASCII: other alphabets
 * have letters that lower-casing makes equal, which has let strangers pass for somebody else. Dots and "+tags" stay as they are.
 */
export function parseEmail(text: string): EmailAddress | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_ADDRESS_CHARS) return undefined;
  const at = trimmed.lastIndexOf("@");
  if (at < 1) return undefined;
  const typedLocal = trimmed.slice(0, at);
  // Lower-casing is safe only once it is known to be ASCII: the Kelvin sign would become a "k".
  if (!/^[\x21-\x7e]+$/.test(typedLocal)) return undefined;
  const local = typedLocal.toLowerCase();
  if (local.length > MAX_LOCAL_CHARS || !LOCAL_PART.test(local)) return undefined;
  const domain = asciiDomain(trimmed.slice(at + 1));
  if (domain === undefined) return undefined;
  const address = `${local}@${domain}`;
  return address.length > MAX_ADDRESS_CHARS ? undefined : (address as EmailAddress);
}

/** A host name of letters, digits and hyphens with at least one dot, or "localhost"; addresses in numbers are refused. */
function asciiDomain(typed: string): string | undefined {
  if (!TYPED_DOMAIN.test(typed) || !URL.canParse(`http://${typed}`)) return undefined;
  const domain = new URL(`http://${typed}`).hostname;
  if (domain.length > MAX_DOMAIN_CHARS) return undefined;
  const labels = domain.split(".");
  if (!labels.every((label) => LABEL.test(label))) return undefined;
  if (/^[0-9]+$/.test(labels.at(-1) ?? "")) return undefined;
  return labels.length > 1 || domain === "localhost" ? domain : undefined;
}
