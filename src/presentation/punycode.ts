// What an ASCII host name displays as: Punycode read back, RFC 3492 section 6.2. Browsers have the other direction; nobody gives us this one.

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_N = 128;
const MAX_CODE_POINT = 0x10_ffff;
export const ACE_PREFIX = "xn--";

/** The Unicode of a label that begins with "xn--"; undefined when it is no Punycode. */
export function decodeLabel(label: string): string | undefined {
  const encoded = label.slice(ACE_PREFIX.length);
  const lastDash = encoded.lastIndexOf("-");
  const output = lastDash > 0 ? Array.from(encoded.slice(0, lastDash)) : [];
  let [n, bias, position] = [INITIAL_N, INITIAL_BIAS, 0];
  for (let at = lastDash > 0 ? lastDash + 1 : 0; at < encoded.length;) {
    const before = position;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = digitOf(encoded.charAt(at));
      at += 1;
      if (digit === undefined) return undefined;
      position += digit * weight;
      const threshold = Math.min(T_MAX, Math.max(T_MIN, k - bias));
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = output.length + 1;
    bias = adapt(position - before, length, before === 0);
    n += Math.floor(position / length);
    position %= length;
    if (n > MAX_CODE_POINT) return undefined;
    output.splice(position, 0, String.fromCodePoint(n));
    position += 1;
  }
  return output.join("");
}

function digitOf(character: string): number | undefined {
  const digit = "abcdefghijklmnopqrstuvwxyz0123456789".indexOf(character.toLowerCase());
  return character === "" || digit === -1 ? undefined : digit;
}

function adapt(delta: number, length: number, isFirst: boolean): number {
  let rest = isFirst ? Math.floor(delta / DAMP) : Math.floor(delta / 2);
  rest += Math.floor(rest / length);
  let k = 0;
  for (; rest > Math.floor(((BASE - T_MIN) * T_MAX) / 2); k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
