import { runLoad } from "../load/run-load.ts";
import type { LoadPlan } from "../load/run-load.ts";
import type { Server } from "../servers/server.ts";
import type { Work } from "./figure.ts";
import { MANIFEST_TYPE, MEBIBYTE, READ } from "./fixture.ts";
import type { Fixture } from "./fixture.ts";
import type { RegistryCase } from "./registry-case.ts";

/** Seconds of one run. */
export const SECONDS = 3;
const CONNECTIONS = 16;

/** What clients that pull ask for; anonymous, on a public repository. */
export const readCases: readonly RegistryCase[] = [
  small("manifest GET by tag, c16", 12, () => ({ paths: [manifestPath("latest")] })),
  small("manifest GET by digest, c16", 12, ({ manifest }) => ({ paths: [manifestPath(manifest)] })),
  small("manifest HEAD by tag, c16", 12, () => ({
    method: "HEAD",
    paths: [manifestPath("latest")],
  })),
  small("manifest HEAD by digest, c16", 12, ({ manifest }) => ({
    method: "HEAD",
    paths: [manifestPath(manifest)],
  })),
  small("blob HEAD, c16", 12, ({ mediums }) => ({ method: "HEAD", paths: mediums.map(blobPath) })),
  small("blob GET 64 KiB, c16", 25, ({ mediums }) => ({ paths: mediums.map(blobPath) })),
  {
    name: "blob GET 1 MiB ranges, c4",
    unit: "requests",
    run: (server, { large }) =>
      requests(server, {
        connections: 4,
        seconds: SECONDS,
        paths: [blobPath(large.digest)],
        range: { bytes: MEBIBYTE, size: large.size },
      }),
  },
  large("blob GET 512 MiB, c1", 1, 4),
  large("blob GET 512 MiB, c4", 4, 8),
];

function small(
  name: string,
  goal: number,
  plan: (fixture: Fixture) => Pick<LoadPlan, "paths" | "method">,
): RegistryCase {
  return {
    name,
    unit: "requests",
    goal,
    run: (server, fixture) =>
      requests(server, { connections: CONNECTIONS, seconds: SECONDS, ...plan(fixture) }),
  };
}

function large(name: string, connections: number, downloads: number): RegistryCase {
  return {
    name,
    unit: "bytes",
    goal: 1.3,
    async run({ host }, { large: { digest } }) {
      const paths = [blobPath(digest)];
      const { bytes, seconds } = await runLoad({ host, connections, requests: downloads, paths });
      return { amount: bytes, seconds };
    },
  };
}

export async function requests(server: Server, plan: Omit<LoadPlan, "host">): Promise<Work> {
  // docker-registry gives no OCI manifest to who does not say that he takes it.
  const headers = { Accept: MANIFEST_TYPE, ...plan.headers };
  const result = await runLoad({ ...plan, host: server.host, headers });
  return { amount: result.requests, seconds: result.seconds, p99: result.p99 };
}

export function manifestPath(reference: string): string {
  return `/v2/${READ}/manifests/${reference}`;
}

function blobPath(digest: string): string {
  return `/v2/${READ}/blobs/${digest}`;
}
