import { Ceph } from "../clients/ceph.ts";
import { Postgres } from "../clients/postgres.ts";
import { missing } from "../missing.ts";
import type { BackendKind } from "./backend.ts";

/** What several servers would share. */
export const POSTGRES_CEPH: BackendKind = {
  title: "PostgreSQL and Ceph's S3 gateway",
  missing: missing(...Ceph.commands) || Postgres.missing(),
  start: async () => {
    await using resources = new AsyncDisposableStack();
    const [postgres, ceph] = await Promise.all([
      Postgres.start().then((started) => resources.use(started)),
      Ceph.start().then((started) => resources.use(started)),
    ]);
    const { endpoint, region, accessKeyId, secretAccessKey } = ceph.access;
    const kept = resources.move();
    return {
      settings: {
        database: { url: postgres.url },
        storage: { s3: { bucket: ceph.bucket, endpoint, region, accessKeyId, secretAccessKey } },
      },
      storedBytes: () => ceph.storedBytes(),
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  },
};
