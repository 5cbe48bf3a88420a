// A real Chromium that comes with npm, and the passkey device that its developer protocol can play.

import chromiumPackage from "@sparticuz/chromium";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

// Not the package's own arguments: they switch off the same-origin policy, and with it what these tests rest on. The sandbox needs
// rights that a container does not have.
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];

export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: await chromiumPackage.executablePath(), args: [...ARGUMENTS, ...more], headless: true });
}

export interface Authenticator {
  /** Whether the person behind it agrees. */
  setUserVerified(isVerified: boolean): Promise<void>;
  credentials(): Promise<number>;
}

/** A device with resident keys and user verification, as phones and laptops have one. Belongs to this page alone. */
export async function addAuthenticator(context: BrowserContext, page: Page): Promise<Authenticator> {
  const session = await context.newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    setUserVerified: async (isUserVerified) => {
      await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
    },
    credentials: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length,
  };
}
