import { existsSync, readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { homedir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";

import type { Environment } from "../transports/environment.ts";
import { isLoopback } from "../transports/http/loopback.ts";

/**
 * The open connections of one registry client, and what they trust: the authorities of Node and of the system, for
 * the registry itself also those in `certs.d/<host:port>` of Docker and containers (docs.docker.com "Verify
 * repository client with certificates"). `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are respected, except for
 * this machine's own addresses.
 */
export class Connections implements Disposable {
  readonly #registry: string;
  readonly #host: string;
  readonly #insecure: boolean;
  readonly #env: Environment;
  readonly #agents = new Map<string, http.Agent>();

  /**
   * @param registry host and port of the registry as the user wrote it
   * @param insecure whether the registry's own certificate goes unchecked; other hosts' never do
   */
  constructor(registry: string, insecure: boolean, env: Environment) {
    this.#registry = registry;
    this.#host = new URL(`https://${registry}`).host;
    this.#insecure = insecure;
    this.#env = env;
  }

  /** The agent for an address, made when it is first asked for. */
  agentFor(url: URL): http.Agent {
    const key = url.origin;
    const agent = this.#agents.get(key) ?? this.#create(url);
    this.#agents.set(key, agent);
    return agent;
  }

  [Symbol.dispose](): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #create(url: URL): http.Agent {
    const proxy = isLoopback(url.hostname) ? {} : { proxyEnv: { ...this.#env } };
    if (url.protocol === "http:") return new http.Agent({ keepAlive: true, ...proxy });
    const own = url.host === this.#host;
    return new https.Agent({
      keepAlive: true,
      ...proxy,
      rejectUnauthorized: !(own && this.#insecure),
      ...trust(own ? certificateFolders(this.#registry, this.#env) : []),
    });
  }
}

function certificateFolders(registry: string, env: Environment): string[] {
  const config = env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config");
  return [join(config, "containers/certs.d"), "/etc/containers/certs.d", "/etc/docker/certs.d"].map(
    (folder) => join(folder, registry),
  );
}

function trust(folders: readonly string[]): https.AgentOptions {
  const authorities = [...tls.getCACertificates("default"), ...tls.getCACertificates("system")];
  const folder = folders.find((path) => existsSync(path));
  if (folder === undefined) return { ca: authorities };
  const names = readdirSync(folder).toSorted();
  const own = names
    .filter((name) => name.endsWith(".crt"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
  // A client certificate is a pair `x.cert` and `x.key`.
  const pair = names.find((name) => name.endsWith(".cert"))?.slice(0, -".cert".length);
  const identity =
    pair === undefined || !names.includes(`${pair}.key`)
      ? {}
      : {
          cert: readFileSync(join(folder, `${pair}.cert`)),
          key: readFileSync(join(folder, `${pair}.key`)),
        };
  return { ca: [...authorities, ...own], ...identity };
}
