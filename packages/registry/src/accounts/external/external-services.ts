import type { Config } from "../../config/config.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { Logger } from "../../log.ts";
import { Directory } from "./ldap/directory.ts";
import { OidcService } from "./oidc/oidc-service.ts";

/** The services that vouch for users. Nothing of them is asked, or loaded, before somebody signs in. */
export class ExternalServices {
  /** By id, in the order of the configuration. */
  readonly oidc: ReadonlyMap<string, OidcService>;
  /** Undefined: none is configured. */
  readonly directory: Directory | undefined;

  constructor(options: {
    readonly config: Pick<Config, "oidc" | "ldap">;
    readonly log: Pick<Logger, "warn"> | undefined;
    readonly now: () => number;
  }) {
    const { config, log, now } = options;
    this.oidc = new Map(
      config.oidc.map((service) => [service.id, new OidcService({ config: service, log, now })]),
    );
    this.directory = config.ldap && new Directory(config.ldap, log);
  }

  /** @throws {RegistryError} `NOT_FOUND` */
  need(id: string): OidcService {
    const service = this.oidc.get(id);
    if (service !== undefined) return service;
    const shown = id.slice(0, 64);
    throw new RegistryError("NOT_FOUND", `there is no sign-in service ${shown}`, {
      detail: { service: shown },
    });
  }
}
