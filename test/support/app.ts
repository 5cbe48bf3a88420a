// A real app for tests that drive pages: nostr-tools' own client, connected by a link or by a code of its own.

import { BunkerSigner, createNostrConnectURI, parseBunkerInput } from "nostr-tools/nip46";
import { generateSecretKey, getPublicKey, type VerifiedEvent } from "nostr-tools/pure";

export class App {
  readonly signer: BunkerSigner;

  private constructor(signer: BunkerSigner) {
    this.signer = signer;
  }

  static async byLink(bunkerUrl: string): Promise<App> {
    const pointer = await parseBunkerInput(bunkerUrl);
    if (pointer === null) throw new Error("expected a bunker URL");
    const signer = BunkerSigner.fromBunker(generateSecretKey(), pointer);
    await signer.connect();
    return new App(signer);
  }

  /** The code to show, and how to wait until somebody has accepted it. */
  static byCode(relay: string, shown: { name: string; perms: string[]; url?: string }): { uri: string; connected: () => Promise<App> } {
    const secretKey = generateSecretKey();
    const uri = createNostrConnectURI({ clientPubkey: getPublicKey(secretKey), relays: [relay], secret: "0123456789abcdef", ...shown });
    return { uri, connected: async () => new App(await BunkerSigner.fromURI(secretKey, uri, {}, 60_000)) };
  }

  sign(kind: number, content: string, tags: string[][] = []): Promise<VerifiedEvent> {
    return this.signer.signEvent({ kind, content, tags, created_at: Math.floor(Date.now() / 1000) });
  }

  /** Sends what nobody waits for: it may be asked about, or refused. */
  ask(kind: number, content: string, tags: string[][] = []): void {
    this.sign(kind, content, tags).catch(() => undefined);
  }

  close(): Promise<void> {
    return this.signer.close();
  }
}
