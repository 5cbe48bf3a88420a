// Reads a QR code with the camera into a field of the form. The picture stays in the browser: only the text that was found is used.

import jsQR from "jsqr";

const LOOK_EVERY_MS = 150;

interface Scanner {
  readonly button: HTMLButtonElement;
  readonly status: Element;
  readonly video: HTMLVideoElement;
  readonly field: HTMLTextAreaElement;
}

function enliven(block: HTMLElement): void {
  const button = block.querySelector("button");
  const status = block.querySelector('[role="status"]');
  const video = block.querySelector("video");
  const field = document.getElementById(block.dataset["scan"] ?? "");
  if (button === null || status === null || video === null || !(field instanceof HTMLTextAreaElement)) return;
  let stopping: AbortController | undefined;
  button.addEventListener("click", () => {
    if (stopping !== undefined) return stopping.abort();
    stopping = new AbortController();
    void run({ button, status, video, field }, stopping.signal).finally(() => (stopping = undefined));
  });
  block.hidden = false;
}

async function run({ button, status, video, field }: Scanner, signal: AbortSignal): Promise<void> {
  const words = button.textContent;
  status.textContent = "Hold the code before the camera.";
  button.textContent = "Stop scanning";
  try {
    const text = await scan(video, signal);
    if (text !== undefined) field.value = text;
    status.textContent = text === undefined ? "" : "Found a code. Read it to see what the app asks for.";
    if (text !== undefined) field.form?.querySelector<HTMLButtonElement>("button:not([type])")?.focus();
  } catch {
    status.textContent = "The camera could not be used. Paste the code instead.";
  } finally {
    button.textContent = words;
  }
}

/** The text of the first code that is seen; undefined when it was stopped before. */
async function scan(video: HTMLVideoElement, signal: AbortSignal): Promise<string | undefined> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    for (;;) {
      if (signal.aborted) return undefined;
      const text = textIn(video);
      if (text !== undefined) return text;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.hidden = true;
    video.srcObject = null;
  }
}

const canvas = document.createElement("canvas");

function textIn(video: HTMLVideoElement): string | undefined {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null || video.videoWidth === 0) return undefined;
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  context.drawImage(video, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return jsQR(data, width, height)?.data || undefined;
}

// Browsers give the camera to safe addresses alone.
if (navigator.mediaDevices !== undefined) for (const block of document.querySelectorAll<HTMLElement>("[data-scan]")) enliven(block);
