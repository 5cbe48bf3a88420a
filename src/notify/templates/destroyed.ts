// What destroying a bunker's key means, as far as it is true: who can still bring it back, and until when.

const DATABASE_DAYS = 30; // Cloudflare's point-in-time recovery of Durable Objects

/** Two or three sentences for the page that asks, the activity and the record of it. */
export function destroyedInWords(provider: string): string {
  const outside = "Nobody outside can bring the key back.";
  const account = `Whoever controls the Cloudflare account can for ${DATABASE_DAYS} days: Cloudflare keeps earlier states of the database that long`;
  switch (provider) {
    case "root":
      return `${outside} ${account}, and ROOT_SECRET opens them.`;
    case "unknown":
      return `${outside} ${account}.`;
    case "vault":
      return `${outside} ${account}, and the transit key opens them while this Worker may use it. Deleting that transit key ends this at once, for every bunker that it serves.`;
    default:
      return `${outside} ${account}, and the key service opens them while this Worker may use its key. Disabling that key ends this at once, for every bunker that it serves.`;
  }
}
