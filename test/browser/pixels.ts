// A picture of a page as numbers, decoded by the browser that took it.

import type { Page } from "playwright-core";

export interface Pixels {
  /** Red, green, blue and opacity of each pixel, row by row. */
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

export async function pixelsOf(page: Page, png: Buffer): Promise<Pixels> {
  const { data, width, height } = await page.evaluate(async (png) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (byte) => byte.charCodeAt(0))], { type: "image/png" }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context?.drawImage(bitmap, 0, 0);
    const image = context?.getImageData(0, 0, bitmap.width, bitmap.height);
    return { data: Array.from(image?.data ?? []), width: bitmap.width, height: bitmap.height };
  }, png.toString("base64"));
  return { data: Uint8ClampedArray.from(data), width, height };
}
