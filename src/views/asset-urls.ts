// Where the stylesheet and the console's script are. The address changes with their content, so that browsers may keep them for good and
// still see a new deployment at once.

import CONSOLE_SCRIPT from "../client/built/console.js.txt";
import POLICY_EDITOR_SCRIPT from "../client/built/policy-editor.js.txt";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { STYLE } from "./style.ts";

export const STYLE_URL = `/assets/style.css?v=${fingerprint(STYLE)}`;
export const POLICY_EDITOR_SCRIPT_URL = `/assets/policy-editor.js?v=${fingerprint(POLICY_EDITOR_SCRIPT)}`;
export const CONSOLE_SCRIPT_URL = `/assets/console.js?v=${fingerprint(CONSOLE_SCRIPT)}`;

function fingerprint(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)).slice(0, 6));
}
