import { exchange } from "../transports/http/exchange.ts";
import type { RegistryHost } from "../transports/image-name.ts";
import { TransportError } from "../transports/transport-error.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Connections } from "./connections.ts";
import { explainFailure } from "./explain-failure.ts";
import { retryAfter, type RetryPolicy, TemporaryFailure, withRetries } from "./retry.ts";

/** How a registry is reached. */
export interface Endpoint {
  readonly endpoint: URL;
  /** How it wants us to authenticate; empty when it is open. */
  readonly challenges: readonly Challenge[];
}

/**
 * Asks `/v2/` (distribution-spec, "Determining Support"): by https; where that fails and `insecure` allows it, by http.
 *
 * @throws {TransportError} `unreachable`, or `refused` when it is no registry
 */
export async function findEndpoint(registry: {
  host: RegistryHost;
  address: string;
  insecure: boolean;
  connections: Connections;
  signal: AbortSignal | undefined;
  patience: number;
  retry: RetryPolicy;
}): Promise<Endpoint> {
  const { address, insecure, host, retry, signal } = registry;
  const secure = new URL(`https://${address}`);
  const plain = new URL(`http://${address}`);
  try {
    return await withRetries(retry, signal, async () => {
      if (!insecure) return await ping(secure, registry);
      try {
        return await ping(secure, registry);
      } catch (failure) {
        signal?.throwIfAborted();
        if (failure instanceof TemporaryFailure) throw failure;
        return await ping(plain, registry);
      }
    });
  } catch (error) {
    throw explainFailure(error, host);
  }
}

async function ping(
  endpoint: URL,
  { host, connections, signal, patience }: Parameters<typeof findEndpoint>[0],
): Promise<Endpoint> {
  const url = new URL("/v2/", endpoint);
  const response = await exchange({
    method: "GET",
    url,
    agent: connections.agentFor(url),
    signal,
    patience,
  });
  response.discard();
  if (response.status === 200) return { endpoint, challenges: [] };
  if (response.status === 401)
    return { endpoint, challenges: parseChallenges(response.values("www-authenticate")) };
  const error = new TransportError(
    "refused",
    `${host} is no registry: it answers /v2/ with status ${response.status}`,
    {
      hint: "check the name of the host",
    },
  );
  if (response.status !== 429 && response.status < 500) throw error;
  throw new TemporaryFailure(error, retryAfter(response.headers["retry-after"]));
}
