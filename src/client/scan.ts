// Reads a QR code with the camera into a field of the form. The picture stays in the browser: only the text that was found is used.

import jsQR from "jsqr";

const LOOK_EVERY_MS = 150;

function enliven(block: HTMLElement): void {
  const button = block.querySelector("button");
  const status = block.querySelector('[role="status"]');
  const video = block.querySelector("video");
  const field = document.getElementById(block.dataset["scan"] ?? "");
  if (button === null || status === null || video === null || !(field instanceof HTMLTextAreaElement)) return;
  const words = button.textContent;
  let stop: (() => void) | undefined;
  button.addEventListener("click", () => {
    if (stop !== undefined) return stop();
    status.textContent = "Waiting for the camera…";
    scan(video)
      .then(({ found, end }) => {
        status.textContent = "Hold the code before the camera.";
        button.textContent = "Stop scanning";
        stop = () => {
          end();
          stop = undefined;
          button.textContent = words;
          status.textContent = "";
        };
        return found.then((text) => {
          stop?.();
          field.value = text;
          status.textContent = "Found a code. Read it to see what the app asks for.";
          field.form?.querySelector<HTMLButtonElement>("button:not([type])")?.focus();
        });
      })
      .catch(() => (status.textContent = "The camera could not be used. Paste the code instead."));
  });
  block.hidden = false;
}

async function scan(video: HTMLVideoElement): Promise<{ found: Promise<string>; end(): void }> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let timer: ReturnType<typeof setInterval> | undefined;
  const found = new Promise<string>((resolve) => {
    timer = setInterval(() => {
      if (context === null || video.videoWidth === 0) return;
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      context.drawImage(video, 0, 0);
      const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
      const code = jsQR(data, width, height);
      if (code !== null && code.data !== "") resolve(code.data);
    }, LOOK_EVERY_MS);
  });
  return {
    found,
    end() {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      video.hidden = true;
      video.srcObject = null;
    },
  };
}

// Browsers give the camera to safe addresses alone.
if (navigator.mediaDevices !== undefined) for (const block of document.querySelectorAll<HTMLElement>("[data-scan]")) enliven(block);
