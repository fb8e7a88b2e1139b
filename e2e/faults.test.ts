import { join } from "node:path";
import { suite, test } from "node:test";

import { Postgres } from "./clients/postgres.ts";
import { runCampaign } from "./faults/campaign.ts";
import { postgresMetadata, sqliteMetadata } from "./faults/metadata.ts";
import { missing } from "./missing.ts";

const SEED = Number(process.env["WHARF_TEST_SEED"] ?? Date.now() % 2 ** 31);
/** Kills of each test; some hundred are a good night's work. */
const RUNS = process.env["WHARF_TEST_RUNS"];

suite(`kill -9 under load loses nothing and leaves nothing (WHARF_TEST_SEED=${SEED})`, () => {
  test("one server on SQLite and a folder", { timeout: 3_600_000 }, async () => {
    await runCampaign({
      seed: SEED,
      rounds: Number(RUNS ?? 5),
      servers: 1,
      actors: 4,
      database: (folder) => {
        const path = join(folder, "wharf.db");
        return { settings: { path }, metadata: sqliteMetadata(path) };
      },
    });
  });

  const skip = Postgres.missing() || missing("psql");
  test("two servers on PostgreSQL and a folder", { timeout: 3_600_000, skip }, async () => {
    await using postgres = await Postgres.start();
    await runCampaign({
      seed: SEED,
      rounds: Number(RUNS ?? 2),
      servers: 2,
      actors: 3,
      database: () => ({
        settings: { url: postgres.url },
        metadata: postgresMetadata(postgres.url),
      }),
    });
  });
});
