// Whether a host name, as the URL class spells it, may lead anywhere but the public internet. It looks at the name alone and asks no DNS.

// RFC 6890 and its registries: prefixes that are not the public internet, as (first address, prefix length).
const PRIVATE_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8], // this network, unspecified
  ["10.0.0.0", 8],
  ["100.64.0.0", 10], // carrier-grade NAT
  ["127.0.0.0", 8],
  ["169.254.0.0", 16], // link-local, and every cloud's metadata service
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3], // multicast, reserved, broadcast
];

/** Names that resolvers give to the machine or the network that asks. */
const PRIVATE_SUFFIXES = ["localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "localdomain"];

/** Public DNS zones whose names answer with whatever address their labels spell, or with loopback. */
const SPELLING_ZONES = ["nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me", "vcap.me", "lacolhost.com"];

function v4Number(text: string): number | undefined {
  const parts = text.split(".").map(Number);
  if (parts.length !== 4 || !parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255)) return undefined;
  return parts.reduce((number, part) => number * 256 + part, 0);
}

function isPrivateV4(address: number): boolean {
  return PRIVATE_V4.some(([first, length]) => {
    const size = 2 ** (32 - length);
    return Math.floor(address / size) === Math.floor((v4Number(first) ?? 0) / size);
  });
}

function hexGroups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

/** The eight groups of an address as the URL class spells it: lower-case hex, one "::" at most, never with dots. */
function v6Groups(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const front = hexGroups(head);
  if (tail === undefined) return front;
  const back = hexGroups(tail);
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

function isPrivateV6(text: string): boolean {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = v6Groups(text);
  // Forms that carry an IPv4 address are as private as that one: compatible and mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
  if (a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && (f === 0 || f === 0xffff)) return isPrivateV4(g * 65_536 + h);
  if (a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0) return isPrivateV4(g * 65_536 + h);
  if (a === 0x2002) return isPrivateV4(b * 65_536 + c);
  // Only 2000::/3 is global unicast (RFC 4291); inside it, 2001::/23 (Teredo and other protocols) and 2001:db8::/32 are not hosts.
  if (a >> 13 !== 1) return true;
  return a === 0x2001 && (b < 0x200 || b === 0xdb8);
}

/** Every IPv4 address that a name spells with dots or dashes, however many numbers stand in a row. */
function spelledV4(name: string): number[] {
  const labels = name.split(/[.-]/);
  return labels.flatMap((_, start) => {
    const four = labels.slice(start, start + 4);
    const address = four.every((label) => /^[0-9]{1,3}$/.test(label)) ? v4Number(four.join(".")) : undefined;
    return address === undefined ? [] : [address];
  });
}

function endsWithOneOf(name: string, suffixes: readonly string[]): boolean {
  return suffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}

/** What is wrong with a host (`URL.hostname`), as a clause, or undefined when nothing about its spelling says that it is private. */
export function addressProblem(hostname: string): string | undefined {
  if (hostname.startsWith("[")) return isPrivateV6(hostname.slice(1, -1)) ? "got a private or reserved one" : undefined;
  // "localhost." is localhost: a trailing dot only says that the name is complete.
  const name = hostname.toLowerCase().replace(/\.+$/, "");
  // The URL class has turned every octal, hexadecimal and short spelling of IPv4 into four decimals.
  const address = v4Number(name);
  if (address !== undefined) return isPrivateV4(address) ? "got a private or reserved one" : undefined;
  if (!name.includes(".") || endsWithOneOf(name, PRIVATE_SUFFIXES)) return "got a name of a private network";
  const spelled = spelledV4(name);
  if (spelled.some(isPrivateV4)) return "got a name that spells a private one";
  // In these zones hexadecimal and IPv6 spellings work too, so only a plain public IPv4 address passes.
  if (endsWithOneOf(name, SPELLING_ZONES) && spelled.length === 0) return "got a name that stands for any address";
  return undefined;
}
