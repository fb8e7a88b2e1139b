import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { dirname } from "node:path";

import type { Logger } from "../log.ts";
import { readCertificate } from "./certificates.ts";
import type { Certificate, CertificatePaths } from "./certificates.ts";

/** The part of `https.Server` that is needed here. */
export interface CertificateUser {
  setSecureContext(options: { readonly cert: string; readonly key: string }): void;
}

/** Certificate and key usually change one after the other, so a change is looked at a little later. */
const SETTLE = 250;
/** Where folders cannot be watched (network file systems), a change is seen at the latest after so long. */
const POLL = 60_000;

/**
 * Keeps a running server's certificate up to date: new files are taken when they are whole, bad ones are logged and the
 * old stay. Connections that are open keep theirs.
 */
export class CertificateWatch implements Disposable {
  readonly #server: CertificateUser;
  readonly #paths: CertificatePaths;
  readonly #log: Logger;
  #current: Certificate;
  #watchers: FSWatcher[] = [];
  #settling: NodeJS.Timeout | undefined;
  readonly #polling: NodeJS.Timeout;
  #reloading: Promise<void> = Promise.resolve();
  /** The last complaint, so that the same one is not made every minute. */
  #complaint: string | undefined;

  /** @param current what the server began with */
  constructor(server: CertificateUser, paths: CertificatePaths, current: Certificate, log: Logger) {
    this.#server = server;
    this.#paths = paths;
    this.#current = current;
    this.#log = log;
    // Folders, because a renewal replaces the files, and Kubernetes a link beside them.
    for (const folder of new Set([dirname(paths.certificate), dirname(paths.key)])) {
      this.#watchFolder(folder);
    }
    this.#polling = setInterval(() => void this.reload(), POLL).unref();
  }

  /** Looks at the files now; for SIGHUP. Never rejects: faults are logged. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#reloadNow());
    return this.#reloading;
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close();
    clearTimeout(this.#settling);
    clearInterval(this.#polling);
  }

  #watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#settle());
      // Polling goes on.
      watcher.on("error", () => watcher.close());
      this.#watchers.push(watcher);
    } catch (error) {
      this.#log.debug("folder of certificates cannot be watched, it is polled", {
        error: error instanceof Error ? error : undefined,
      });
    }
  }

  #settle(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.reload(), SETTLE).unref();
  }

  async #reloadNow(): Promise<void> {
    try {
      const next = await readCertificate(this.#paths);
      this.#complaint = undefined;
      if (next.cert === this.#current.cert && next.key === this.#current.key) return;
      this.#server.setSecureContext(next);
      this.#current = next;
      this.#log.info("new certificate in use", {
        certificate: this.#paths.certificate,
        expires: new Date(next.expiresAt).toISOString(),
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message === this.#complaint) return;
      this.#complaint = message;
      this.#log.error("new certificate cannot be used, the old one stays", { reason: message });
    }
  }
}
