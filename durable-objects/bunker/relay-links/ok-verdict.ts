// What a relay's OK means for the event that it names, read from the machine-readable prefixes of NIP-01.

/** "auth": it will take the event after AUTH. "retry": the same event later. The others are final. */
export type OkVerdict = "ok" | "auth" | "retry" | "gone" | "too-large" | "refused";

// No prefix of NIP-01 says "too large"; these are the words of strfry, nostr-rs-relay, khatru and nostream.
const TOO_LARGE = /too (large|big|long)|larger than|exceeds? |max(imum)?[ _-]?(event|message|content)?[ _-]?(size|length)|payload/i;

export function judgeOk(accepted: boolean, message: string): OkVerdict {
  if (accepted) return "ok";
  const prefix = message.slice(0, Math.max(0, message.indexOf(":")));
  switch (prefix) {
    case "duplicate":
      return "ok";
    // NIP-42: the client authenticates and sends the same event again.
    case "auth-required":
      return "auth";
    case "rate-limited":
      return "retry";
    // NIP-01: nobody is listening for this ephemeral event.
    case "mute":
      return "gone";
    default:
      if (TOO_LARGE.test(message)) return "too-large";
      // NIP-01: "error:" is for what fits nowhere else, a full disk for one: it may pass.
      return prefix === "error" ? "retry" : "refused";
  }
}
