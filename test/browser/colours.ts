// The colours of the pages as a browser computes them, held against the table that they were chosen by; and what is left without them.

import type { Page } from "playwright-core";
import { pixelsOf } from "./pixels.ts";

type Pair = readonly [on: string, ground: string, ratio: number];
interface Theme {
  readonly colours: Readonly<Record<string, string>>;
  readonly contrasts: readonly Pair[];
}

/** Names as in the stylesheet. Contrasts by WCAG 2.2, to one decimal place. */
export const THEMES: Readonly<Record<"light" | "dark", Theme>> = {
  light: {
    colours: {
      bg: "#F7F7F5",
      surface: "#FFFFFF",
      sunken: "#EFEFEB",
      text: "#1B1B18",
      muted: "#5C5C55",
      line: "#DCDCD6",
      control: "#85857C",
      accent: "#1F4FD8",
      "on-accent": "#FFFFFF",
      "accent-hover": "#183FB0",
      selected: "#E9EEFC",
      yes: "#17663A",
      "yes-soft": "#E4F3EA",
      ask: "#7A4B00",
      "ask-soft": "#FBF0D9",
      no: "#A61B1B",
      "no-soft": "#FBE9E7",
      "on-no": "#FFFFFF",
      off: "#5C5C55",
      "off-soft": "#ECECE8",
      focus: "#1B1B18",
    },
    contrasts: [
      ["text", "surface", 17.3],
      ["text", "sunken", 15],
      ["muted", "surface", 6.7],
      ["muted", "sunken", 5.8],
      ["line", "surface", 1.4],
      ["control", "surface", 3.7],
      ["accent", "surface", 6.6],
      ["on-accent", "accent", 6.6],
      ["on-accent", "accent-hover", 8.8],
      ["accent", "selected", 5.7],
      ["yes", "surface", 7],
      ["yes", "yes-soft", 6.1],
      ["ask", "surface", 7.4],
      ["ask", "ask-soft", 6.6],
      ["no", "surface", 7.5],
      ["no", "no-soft", 6.4],
      ["on-no", "no", 7.5],
      ["off", "off-soft", 5.7],
      ["focus", "bg", 16.1],
    ],
  },
  dark: {
    colours: {
      bg: "#141412",
      surface: "#1D1D1A",
      sunken: "#10100F",
      text: "#F1F1EC",
      muted: "#A9A9A0",
      line: "#34342F",
      control: "#77776E",
      accent: "#8FB0FF",
      "on-accent": "#0B1430",
      "accent-hover": "#A9C3FF",
      selected: "#1C2747",
      yes: "#7BD6A0",
      "yes-soft": "#12301F",
      ask: "#F0BE62",
      "ask-soft": "#35270C",
      no: "#FF9B92",
      "no-soft": "#3D1613",
      "on-no": "#141412",
      off: "#A9A9A0",
      "off-soft": "#2A2A26",
      focus: "#F1F1EC",
    },
    contrasts: [
      ["text", "surface", 14.9],
      ["text", "sunken", 16.8],
      ["muted", "surface", 7.1],
      ["muted", "sunken", 8],
      ["line", "surface", 1.4],
      ["control", "surface", 3.7],
      ["accent", "surface", 7.9],
      ["on-accent", "accent", 8.5],
      ["on-accent", "accent-hover", 10.3],
      ["accent", "selected", 6.9],
      ["yes", "surface", 9.6],
      ["yes", "yes-soft", 8.2],
      ["ask", "surface", 9.9],
      ["ask", "ask-soft", 8.5],
      ["no", "surface", 8.3],
      ["no", "no-soft", 7.8],
      ["on-no", "no", 9.1],
      ["off", "off-soft", 6.1],
      ["focus", "bg", 16.3],
    ],
  },
};

/** `rgb(1, 2, 3)` of each name, as an element that uses it has it. */
export function computedColours(page: Page, names: readonly string[]): Promise<Record<string, string>> {
  return page.evaluate((names) => {
    const probe = document.body.appendChild(document.createElement("span"));
    const found = names.map((name) => {
      probe.style.color = `var(--${name})`;
      return [name, getComputedStyle(probe).color] as const;
    });
    probe.remove();
    return Object.fromEntries(found);
  }, names);
}

/** Of what stands in the page: its own colour on its own ground. */
export function computedContrasts(page: Page, selector: string): Promise<{ on: string; ground: string }[]> {
  return page.locator(selector).evaluateAll((elements) =>
    elements.map((element) => {
      const { color, backgroundColor } = getComputedStyle(element);
      return { on: color, ground: backgroundColor };
    }),
  );
}

export function rgbOf(hex: string): string {
  return `rgb(${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(", ")})`;
}

/** WCAG 2.2, "contrast ratio", to one decimal place. */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return Math.round((10 * (lighter + 0.05)) / (darker + 0.05)) / 10;
}

/** WCAG 2.2, "relative luminance". */
function luminance(rgb: string): number {
  const [red = 0, green = 0, blue = 0] = (rgb.match(/\d+/g) ?? []).map((text) => {
    const part = Number(text) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Which pixels of each element are ink, seen by somebody who sees no colours; their shades must carry nothing, so they are not told apart. */
export async function inkWithoutColours(page: Page, selector: string): Promise<boolean[][]> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setEmulatedVisionDeficiency", { type: "achromatopsia" });
  const shapes: boolean[][] = [];
  for (const element of await page.locator(selector).all()) {
    const { data } = await pixelsOf(page, await element.screenshot());
    const shades = Array.from({ length: data.length / 4 }, (_, index) => data.slice(4 * index, 4 * index + 3));
    if (shades.some(([red = 0, green = 0, blue = 0]) => Math.max(red, green, blue) - Math.min(red, green, blue) > 2)) {
      throw new Error("expected a picture without colours");
    }
    const ground = shades[0]?.[0] ?? 0;
    shapes.push(shades.map(([shade = 0]) => Math.abs(shade - ground) > 40));
  }
  await session.send("Emulation.setEmulatedVisionDeficiency", { type: "none" });
  await session.detach();
  return shapes;
}
