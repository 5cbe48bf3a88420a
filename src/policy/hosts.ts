// Host names, compared the way that URLs resolve them: lower case, ASCII form, without port and trailing dot.

/** The host of an address, without its port; undefined when the address cannot be read or names no host. */
export function hostOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  return bare(new URL(address).hostname);
}

/** A host name alone ("Example.org", "bücher.example", "localhost:8787") in the form that is compared. */
export function normalHost(host: string): string | undefined {
  // Only the http scheme makes the parser fold case, alphabets and number forms: a name alone is read as if it were an address.
  return /[/\\?#@\s]/.test(host) ? undefined : hostOf(`http://${host}`);
}

/** True for one of the domains itself and for everything below it. All in compared form. */
export function isWithinDomains(host: string, domains: ReadonlySet<string>): boolean {
  for (let name = host; ; name = name.slice(name.indexOf(".") + 1)) {
    if (domains.has(name)) return true;
    if (!name.includes(".")) return false;
  }
}

function bare(hostname: string): string | undefined {
  let end = hostname.length;
  while (end > 0 && hostname.charAt(end - 1) === ".") end -= 1;
  return end === 0 ? undefined : hostname.slice(0, end).toLowerCase();
}
