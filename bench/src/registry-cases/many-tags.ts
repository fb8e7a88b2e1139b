import { atOnce } from "../load/at-once.ts";
import { Connection } from "../load/connection.ts";
import type { Server } from "../servers/server.ts";
import { measureWork } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { manifestOf, pushBlob, pushManifest } from "./fixture.ts";
import type { Descriptor, Fixture } from "./fixture.ts";
import { requests, SECONDS } from "./reads.ts";
import type { RegistryCase } from "./registry-case.ts";
import { digestOf } from "./fixture.ts";

/** The repository that gets ten thousand tags, and whose list is read afterwards. */
const TAGGED = "admin/tagged";
const BATCH = 1000;
const BATCHES = 10;
const WRITERS = 8;
export const MANIFESTS = "manifest PUT of new tags, c8";

/** The name of a batch's figures. */
export function batchName(batch: number): string {
  return `${MANIFESTS}: ${batch * BATCH + 1} to ${(batch + 1) * BATCH}`;
}
export const FIRST_BATCH = batchName(0);
export const LAST_BATCH = batchName(BATCHES - 1);

/** Pushes ten thousand different manifests under tags of their own, a thousand to one server, a thousand to the other. */
export async function pushManyTags(
  servers: readonly Server[],
  say: (figure: Figure) => void,
): Promise<Figure[]> {
  const layer = Buffer.alloc(1024);
  const config = Buffer.from(
    `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["${digestOf(layer)}"]}}`,
  );
  const descriptors: Descriptor[] = [
    {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: digestOf(config),
      size: config.length,
    },
    {
      mediaType: "application/vnd.oci.image.layer.v1.tar",
      digest: digestOf(layer),
      size: layer.length,
    },
  ];
  const [configOf, ...layers] = descriptors;
  if (configOf === undefined) throw new Error("no config");
  for (const server of servers) {
    const headers = await server.login([TAGGED]);
    using connection = await Connection.open(server.host);
    for (const bytes of [config, layer])
      await pushBlob(connection, TAGGED, bytes, digestOf(bytes), headers);
  }
  const figures: Figure[] = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    for (const server of servers) {
      const headers = await server.login([TAGGED]);
      const figure = await measureWork(batchName(batch), server, 1, async () => {
        const done = await atOnce(server.host, WRITERS, async (connection, number) => {
          if (number >= BATCH) return false;
          const tag = `v${String(batch * BATCH + number).padStart(6, "0")}`;
          const manifest = manifestOf(configOf, layers, { annotations: { tag } });
          await pushManifest(connection, TAGGED, tag, manifest, headers);
          return true;
        });
        return { amount: done.requests, ...done };
      });
      say(figure);
      figures.push(figure);
    }
  }
  return figures;
}

/** Reads of the repository with many tags. */
export const tagCases: readonly RegistryCase[] = [
  {
    name: "page of 100 of 10,000 tags, c16",
    unit: "requests",
    goal: 30,
    run: (server) =>
      requests(server, {
        connections: 16,
        seconds: SECONDS,
        paths: [`/v2/${TAGGED}/tags/list?n=100`],
      }),
  },
];

const REFERRERS = 50;
const REFERRED = "admin/referred";

/** Referrers of an image; docker-registry has none. */
export function referrersCase(): RegistryCase {
  let subject = "";
  return {
    name: `referrers, ${REFERRERS} of them, c16`,
    unit: "requests",
    wharfOnly: true,
    async prepare(server: Server, { config }: Fixture) {
      const headers = await server.login([REFERRED, "admin/read"]);
      using connection = await Connection.open(server.host);
      const mount = `/v2/${REFERRED}/blobs/uploads/?mount=${config.digest}&from=admin/read`;
      await connection.request("POST", mount, headers);
      const image = manifestOf(config, [], {});
      subject = digestOf(image);
      await pushManifest(connection, REFERRED, "latest", image, headers);
      const referred = {
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: subject,
        size: image.length,
      };
      for (let number = 0; number < REFERRERS; number += 1) {
        const artifact = manifestOf(config, [], {
          artifactType: "application/vnd.example.sbom",
          subject: referred,
          annotations: { number: String(number) },
        });
        await pushManifest(connection, REFERRED, digestOf(artifact), artifact, headers);
      }
    },
    run: (server) =>
      requests(server, {
        connections: 16,
        seconds: SECONDS,
        paths: [`/v2/${REFERRED}/referrers/${subject}`],
      }),
  };
}
