// A camera that looks at a QR code: a film of one picture, which Chromium plays in place of a device.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "uqr";

const WIDTH = 640;
const HEIGHT = 480;
const WHITE = 235;
const BLACK = 16;
const NO_COLOUR = 128;

export interface Camera {
  /** For the launch of a browser. */
  readonly args: readonly string[];
  discard(): void;
}

export function cameraSeeing(text: string): Camera {
  const folder = mkdtempSync(join(tmpdir(), "countersign-camera-"));
  const film = join(folder, "code.y4m");
  writeFileSync(film, filmOf(text));
  return {
    args: ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`],
    discard: () => rmSync(folder, { recursive: true }),
  };
}

/** YUV4MPEG2, 4:2:0: the brightness of each point, then colours at half the size. */
function filmOf(text: string): Buffer {
  const { data, size } = encode(text, { border: 4 });
  const scale = Math.floor(Math.min(WIDTH, HEIGHT) / size);
  const [left, top] = [Math.floor((WIDTH - size * scale) / 2), Math.floor((HEIGHT - size * scale) / 2)];
  const brightness = Buffer.alloc(WIDTH * HEIGHT, WHITE);
  for (const [row, modules] of data.entries()) {
    for (const [column, isDark] of modules.entries()) {
      if (!isDark) continue;
      for (let line = 0; line < scale; line += 1) {
        const start = (top + row * scale + line) * WIDTH + left + column * scale;
        brightness.fill(BLACK, start, start + scale);
      }
    }
  }
  const picture = Buffer.concat([Buffer.from("FRAME\n"), brightness, Buffer.alloc((WIDTH * HEIGHT) / 2, NO_COLOUR)]);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`), picture, picture]);
}
