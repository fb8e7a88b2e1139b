import { randomBytes } from "node:crypto";
import type { FirstAdministrator } from "./accounts/admin/ensure-administrator.ts";
import { ensureAdministrator } from "./accounts/admin/ensure-administrator.ts";
import { createAccounts } from "./accounts/accounts.ts";
import { settle } from "./accounts/setting-store.ts";
import { Gatherer } from "./audit/gatherer.ts";
import { auditPulls } from "./audit/pull-audit.ts";
import { LateWork } from "./late-work.ts";
import { Comparisons } from "./compare/comparisons.ts";
import type { Config } from "./config/config.ts";
import type { RegistryContext } from "./context.ts";
import type { OnQuery } from "./database/watched.ts";
import { openDatabase } from "./database/open-database.ts";
import { Distribution } from "./distribution/distribution.ts";
import { CertificateWatch } from "./http/certificate-watch.ts";
import { readCertificate } from "./http/certificates.ts";
import type { Exchange } from "./http/exchange.ts";
import { HttpServer } from "./http/http-server.ts";
import { LateSite } from "./http/late-site.ts";
import type { Logger } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { QuotaGuard } from "./quotas/quota-guard.ts";
import { Squash } from "./squash/squash.ts";
import { openBlobStore } from "./storage/open-blob-store.ts";
import { PullRecorder } from "./usage/pull-recorder.ts";

export interface StartOptions {
  readonly log: Logger;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
  /** Is told of every statement; for tests. */
  readonly onQuery?: OnQuery;
}

/** A registry that answers requests. */
export interface RunningRegistry {
  /** Under which this machine reaches it. */
  readonly url: string;
  /** The administrator that was created by this very start. */
  readonly firstAdministrator: FirstAdministrator | undefined;
  /** Looks at once whether there is a new certificate; otherwise that is noticed within a minute. */
  reloadCertificate(): Promise<void>;
  /**
   * Takes no new requests, lets those under way finish for `config.server.stopTimeout`, and closes everything.
   * Uploads that are cut off can be continued.
   */
  stop(): Promise<void>;
}

/**
 * Starts a registry. Everything it keeps is in database and blob store, so several may run on the same ones.
 *
 * @throws when database, blob store, certificate or port cannot be had; nothing stays open then
 */
export async function startRegistry(
  config: Config,
  { log, now = Date.now, onQuery }: StartOptions,
): Promise<RunningRegistry> {
  const stack = new AsyncDisposableStack();
  try {
    const metrics = new Metrics();
    const opening = [
      openDatabase(config.database, onQuery).then((opened) => stack.use(opened)),
      openBlobStore(config.storage).then((opened) => stack.use(opened)),
      config.server.tls === undefined
        ? Promise.resolve(undefined)
        : readCertificate(config.server.tls),
    ] as const;
    // All of them have ended before anything is closed again.
    await Promise.allSettled(opening);
    const [database, store, certificate] = await Promise.all(opening);
    const firstAdministrator = await ensureAdministrator(database, config, now);
    const accounts = createAccounts({ database, config, log, now });
    stack.defer(() => accounts.settled());
    const context: RegistryContext = {
      config,
      database,
      store,
      accounts,
      log,
      metrics,
      pulls: stack.use(new PullRecorder({ database, log, now })),
      quotas: new QuotaGuard({ database, config, now }),
      now,
    };
    const gatherer = stack.use(new Gatherer({ database, config: config.audit, log, metrics }));
    context.pulls.listen(auditPulls(gatherer, config.audit));
    const uploadKey = Buffer.from(
      await settle(database, "upload-key", () => randomBytes(32).toString("base64")),
      "base64",
    );
    const squash = stack.use(await Squash.open(context));
    const comparisons = stack.use(new Comparisons(context, squash));
    const distribution = stack.use(new Distribution(context, squash.virtual, uploadKey));
    const work = stack.use(new LateWork(context, squash));
    let isStopping = false;
    const serve = (exchange: Exchange): Promise<void> => {
      const { path } = exchange;
      database.requestArrived?.();
      if (path.startsWith("/v2/") || path === "/v2") return distribution.handle(exchange);
      if (path.startsWith("/c1/")) return squash.downloads.handle(exchange);
      return site.handle(exchange);
    };
    const parts = {
      config: config.server,
      certificate,
      logRequests: config.log.requests,
      log,
      metrics,
    };
    const server = new HttpServer(parts, serve);
    const site = new LateSite(async () => {
      const { Site } = await import("./http/site.ts");
      return new Site({ ...context, comparisons }, () => isStopping);
    });
    const certificates = stack.use(
      config.server.tls === undefined ||
        certificate === undefined ||
        !("setSecureContext" in server.server)
        ? undefined
        : new CertificateWatch(server.server, config.server.tls, certificate, log),
    );
    const url = await server.listen();
    work.start();
    site.load().catch((error: unknown) => {
      log.error("the API, health, metrics and search cannot be served", {
        error: error instanceof Error ? error : String(error),
      });
    });
    const open = stack.move();
    return {
      url,
      firstAdministrator,
      async reloadCertificate() {
        await certificates?.reload();
      },
      async stop() {
        if (isStopping) return;
        isStopping = true;
        await server.stop(config.server.stopTimeout);
        await open.disposeAsync();
      },
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
