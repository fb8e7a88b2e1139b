// Long because it is one thing: a campaign from its first start to its last check.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { WharfServer } from "../clients/wharf-server.ts";
import { Actor, type World } from "./actor.ts";
import { AdminCollector } from "./admin-collector.ts";
import { imageOf, randomLayer } from "./content.ts";
import { History } from "./history.ts";
import { Member } from "./member.ts";
import type { Metadata } from "./metadata.ts";
import { Random } from "./random.ts";
import { storeProblems } from "./store-check.ts";
import { Truth } from "./truth.ts";

/** How long what nothing refers to is kept, in milliseconds: longer than any step of a push takes here. */
const LEASE = 8_000;

export interface Campaign {
  readonly seed: number;
  /** Kills. */
  readonly rounds: number;
  /** Servers on the same database and folder. */
  readonly servers: number;
  readonly actors: number;
  /** Where the database is: settings of the servers, and how to look into it. */
  readonly database: (folder: string) => {
    readonly settings: Readonly<Record<string, unknown>>;
    readonly metadata: Metadata;
  };
}

/**
 * Kills servers under load and starts them again, and holds what is there in the end against what was acknowledged.
 *
 * @throws {Error} that names the seed, tells the story of what is wrong, and where everything is kept
 */
export async function runCampaign(campaign: Campaign): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-faults-"));
  const history = new History();
  try {
    await using resources = new AsyncDisposableStack();
    await runIn(folder, campaign, history, resources);
  } catch (error) {
    const file = join(folder, "history.txt");
    await writeFile(file, history.text);
    const where = `WHARF_TEST_SEED=${campaign.seed}; everything is kept in ${folder}`;
    throw new Error(`${where}\n${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  await rm(folder, { recursive: true });
}

async function runIn(
  folder: string,
  campaign: Campaign,
  history: History,
  resources: AsyncDisposableStack,
): Promise<void> {
  const { metadata, settings } = campaign.database(folder);
  const members: Member[] = [];
  for (let number = 1; number <= campaign.servers; number++) {
    const server = resources.use(
      await WharfServer.start({ ...serverSettings(folder, number), database: settings }),
    );
    members.push(
      new Member(`server-${number}`, server, history, join(folder, `server-${number}.log`)),
    );
  }
  const random = new Random(campaign.seed);
  const layers = Array.from({ length: 14 }, (_, at) => randomLayer(random.fork(`layer ${at}`)));
  const images = [0, 1, 2, 3].map((at) => imageOf(layers.slice(at, at + 3), `everybody's ${at}`));
  const world: World = {
    members,
    history,
    random,
    layers,
    images,
    truth: new Truth(),
    // A HEAD renews a lease only when it is more than half over.
    kept: LEASE / 2 - 500,
  };
  const actors = Array.from({ length: campaign.actors }, (_, at) =>
    resources.use(new Actor(`actor-${at}`, world)),
  );

  if (campaign.servers === 1) await killWhileFirstStarting(folder, members, random.fork("first"));
  await Promise.all(actors.map((actor) => actor.begin()));
  await squashAtPush(members, actors);

  const collector = new AdminCollector(members, history, random.fork("collector"));
  await whileWorking([...actors, collector], (signal) =>
    killAll(campaign, members, metadata, random.fork("killer"), signal),
  );
  history.note("test", "the load has ended");
  for (const actor of actors) await actor.verify();

  await letTimePass(metadata);
  await delay(LEASE + 1000);
  await collectTwice(members, history);
  for (const actor of actors) await actor.verify();
  for (const member of members) {
    const code = await member.stop();
    if (code !== 0) throw history.fault(`${member.name} ends with ${code}: ${member.server.log}`);
  }
  const storage = join(folder, "storage");
  const caches = members.map((_, at) => join(folder, `cache-${at + 1}`));
  const problems = await storeProblems(metadata, { storage, caches }, world.truth);
  if (problems.length === 0) return;
  const objects = problems.flatMap((line) => line.match(/sha256:[0-9a-f]{64}|[0-9a-f]{64}/g) ?? []);
  const names = objects.slice(0, 3).map((name) => `sha256:${name.replace("sha256:", "")}`);
  throw history.fault(`the store is not as it should be:\n${problems.join("\n")}`, ...names);
}

/** @param kill is told when a worker has failed */
async function whileWorking(
  workers: readonly { runUntil(signal: AbortSignal): Promise<void> }[],
  kill: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  const failing = new AbortController();
  const work = workers.map(async (worker) => {
    try {
      await worker.runUntil(ending.signal);
    } catch (error) {
      failing.abort();
      throw error;
    }
  });
  const killing = kill(failing.signal).finally(() => ending.abort());
  // The error of a worker tells more than that of the killer, which was only told to stop.
  for (const outcome of await Promise.allSettled([...work, killing])) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

function serverSettings(folder: string, number: number): Record<string, Record<string, unknown>> {
  return {
    storage: { path: join(folder, "storage"), reserve: "0" },
    squash: { cacheFolder: join(folder, `cache-${number}`), cacheBytes: "20MB" },
    registry: { uploadExpiration: `${LEASE}ms` },
    collection: {
      interval: "700ms",
      tagExpiration: "0",
      lease: `${LEASE}ms`,
      orphanAge: `${LEASE}ms`,
    },
    log: { requests: "false" },
  };
}

/** Nothing is there yet; what the first start had made when it was killed must not keep the next one from starting. */
async function killWhileFirstStarting(
  folder: string,
  members: readonly Member[],
  random: Random,
): Promise<void> {
  for (const member of members) {
    await member.kill();
    for (const name of ["storage", "wharf.db", "wharf.db-wal", "wharf.db-shm", "cache-1"]) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
    await member.killWhileStarting(random.between(200, 900));
    await member.start();
  }
}

/** Squashed images of one repository are made at push time and stored compressed. */
async function squashAtPush(members: readonly Member[], actors: readonly Actor[]): Promise<void> {
  const [member] = members;
  const [actor] = actors;
  if (member === undefined || actor === undefined) return;
  const flags = ["--squash-at-push", "yes", "--squash-compression", "gzip"];
  await member.server.wharfAdmin("repository", "change", actor.repository, ...flags);
}

async function killAll(
  { rounds }: Campaign,
  members: readonly Member[],
  metadata: Metadata,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await delay(random.between(300, 2500), undefined, { signal });
    const member = random.pick(members);
    await member.kill();
    if (random.percent(40)) await member.killWhileStarting(random.between(0, 1200));
    await letTimePass(metadata);
    await member.start();
  }
  await delay(random.between(300, 1000), undefined, { signal });
}

/**
 * The signs of life of what was killed run out: after 30 seconds for a job, after five minutes for a collection. Here
 * nobody waits so long. Taken from somebody who lives, they only cost work.
 */
async function letTimePass(metadata: Metadata): Promise<void> {
  await metadata.change(
    "update jobs set run_at = 0, lease_until = 0 where state = 'running'; delete from leases",
  );
}

/** The second one finds nothing. */
async function collectTwice(members: readonly Member[], history: History): Promise<void> {
  const [member] = members;
  if (member === undefined) return;
  for (const time of ["first", "second"]) {
    const { report } = await collectNow(member);
    history.note("test", `${time} collection: ${JSON.stringify(report)}`);
    const { complete, errors, bytes } = report;
    const isGood = complete && errors.count === 0 && (time === "first" || bytes === 0);
    if (!isGood) throw history.fault(`the ${time} collection: ${JSON.stringify(report)}`);
  }
}

interface Report {
  readonly complete: boolean;
  readonly bytes: number;
  readonly errors: { readonly count: number };
}

/** The server's own may be running at this moment. */
async function collectNow({ server }: Member): Promise<{ readonly report: Report }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.wharfAdminJson<{ report: Report }>("gc");
    } catch (error) {
      const isBusy = String(error).includes("another collection is running");
      if (!isBusy || attempt === 20) throw error;
      await delay(300);
    }
  }
}
