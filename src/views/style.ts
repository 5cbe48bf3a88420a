// The one stylesheet, served from /assets: the pages' policy allows nothing inline. Its parts are in style/, general ones first.

import { APPROVAL } from "./style/approval.ts";
import { BASE } from "./style/base.ts";
import { CHARTS } from "./style/charts.ts";
import { CONTENT } from "./style/content.ts";
import { CONTROLS } from "./style/controls.ts";
import { EVENT } from "./style/event.ts";
import { FRAME } from "./style/frame.ts";
import { POLICIES } from "./style/policies.ts";
import { TOKENS } from "./style/tokens.ts";

export const STYLE = [TOKENS, BASE, CONTROLS, FRAME, CONTENT, EVENT, APPROVAL, CHARTS, POLICIES].join("");

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f4fd8"/><path d="M8 17l5 5 11-12" fill="none" stroke="#fff" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
