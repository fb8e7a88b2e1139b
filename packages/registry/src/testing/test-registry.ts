// Long because it is one thing: a whole registry for tests, from its folder to its clients.
import { mkdtemp, mkdtempDisposable, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "node:test";
import { digestOf } from "@wharf/image";
import { createAccounts } from "../accounts/accounts.ts";
import { insertAccount } from "../accounts/account-store.ts";
import { OPERATOR } from "../accounts/admin/actor.ts";
import type { Administration } from "../accounts/admin/administration.ts";
import { createOauthToken } from "../accounts/admin/access-secrets.ts";
import { createOrganization } from "../accounts/admin/organizations.ts";
import { setRepositoryPermission } from "../accounts/admin/repository-permissions.ts";
import { createRobot } from "../accounts/admin/robots.ts";
import type { Role } from "../accounts/role.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import type { Database } from "../database/database.ts";
import type { OnQuery } from "../database/watched.ts";
import { openDatabase } from "../database/open-database.ts";
import { lendDatabase } from "../database/testing/postgres-databases.ts";
import { whyNoPostgres } from "../database/testing/postgres-server.ts";
import { RECURRING_KEY } from "../jobs/job-handler.ts";
import { SILENT_LOGGER } from "../log.ts";
import type { Logger } from "../log.ts";
import { changeRepository } from "../repositories/repository-settings.ts";
import type { RepositorySettings } from "../repositories/repository-settings.ts";
import { startRegistry } from "../start-registry.ts";
import type { RunningRegistry } from "../start-registry.ts";
import type { BlobStore } from "../storage/blob-store.ts";
import { openBlobStore } from "../storage/open-blob-store.ts";
import { whyNoCeph } from "../storage/testing/ceph.ts";
import { testBucket } from "../storage/testing/every-blob-store.ts";
import { HttpClient } from "./http-client.ts";
import { RawConnection } from "./raw-connection.ts";
import { indexOf } from "./test-image.ts";
import type { TestBlob, TestImage } from "./test-image.ts";

/** Sections of the configuration that a test wants otherwise. */
export type ConfigChanges = {
  readonly [Section in Exclude<keyof Config, "data">]?: Section extends
    | "database"
    | "storage"
    | "mail"
    | "ldap"
    | "oidc"
    ? Config[Section]
    : Partial<Config[Section]>;
};

export interface TestRegistryOptions {
  readonly config?: ConfigChanges;
  readonly database?: Database["dialect"];
  readonly storage?: Config["storage"];
  readonly log?: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly onQuery?: OnQuery;
}

export type StartTestRegistry = (options?: TestRegistryOptions) => Promise<TestRegistry>;

/** The organization that every test registry has; its owner is `admin`. */
export const ORGANIZATION = "team";

/** Describes the same tests with SQLite and with PostgreSQL. */
export function everyRegistry(
  describe: (start: StartTestRegistry, dialect: Database["dialect"]) => void,
): void {
  suite("on SQLite", () => describe(startTestRegistry, "sqlite"));
  const missing = whyNoPostgres();
  suite("on PostgreSQL", missing === undefined ? {} : { skip: missing }, () =>
    describe((options) => startTestRegistry({ ...options, database: "postgres" }), "postgres"),
  );
}

/** Describes the same tests with blobs in a folder and on S3. */
export function everyStorage(describe: (start: StartTestRegistry) => void): void {
  suite("in a folder", () => describe(startTestRegistry));
  suite("on S3", { skip: whyNoCeph() }, () =>
    describe(async (options) => startTestRegistry({ ...options, storage: await testS3() })),
  );
}

async function testS3(): Promise<Config["storage"]> {
  const {
    endpoint,
    region,
    bucket,
    prefix = "",
    accessKeyId,
    secretAccessKey,
  } = await testBucket();
  const place = { endpoint, region, bucket, prefix, accessKeyId, secretAccessKey };
  return { kind: "s3", ...place, pathStyle: true, redirect: false };
}

/**
 * Starts a registry on a free port, with a folder and a database of its own, an administrator `admin` and the
 * organization `team`. Disposing it stops it and throws everything away.
 */
export async function startTestRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-registry-"));
  const place = await (options.database === "postgres" ? seededPostgres() : seededSqlite(folder));
  const config = await configFor(folder, place.database, options);
  const database = await openDatabase(config.database);
  const remove = async (): Promise<void> => {
    await place.giveBack?.();
    await rm(folder, { recursive: true, force: true });
  };
  const parts = { folder, config, database, adminToken: place.adminToken, remove };
  const registry = new TestRegistry(parts, options);
  try {
    await registry.start();
    return registry;
  } catch (error) {
    await registry[Symbol.asyncDispose]();
    throw error;
  }
}

export class TestRegistry implements AsyncDisposable {
  readonly folder: string;
  config: Config;
  /** Another replica's look at the data. */
  readonly database: Database;
  readonly administration: Administration;
  readonly #options: TestRegistryOptions;
  readonly #adminToken: string;
  readonly #remove: () => Promise<void>;
  readonly #clients: HttpClient[] = [];
  #running: RunningRegistry | undefined;
  #admin: HttpClient | undefined;

  constructor(
    parts: {
      readonly folder: string;
      readonly config: Config;
      readonly database: Database;
      readonly adminToken: string;
      readonly remove: () => Promise<void>;
    },
    options: TestRegistryOptions,
  ) {
    const { config, database } = parts;
    this.folder = parts.folder;
    this.config = config;
    this.database = database;
    this.administration = createAccounts({ database, config, log: SILENT_LOGGER }).administration;
    this.#options = options;
    this.#adminToken = parts.adminToken;
    this.#remove = parts.remove;
  }

  async start(): Promise<void> {
    const { log = SILENT_LOGGER, now, onQuery } = this.#options;
    this.#running = await startRegistry(this.config, {
      log,
      ...(now === undefined ? {} : { now }),
      ...(onQuery === undefined ? {} : { onQuery }),
    });
  }

  /** Stops the registry, as long as it runs. */
  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) client[Symbol.dispose]();
    this.#admin = undefined;
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** Another process on the same data. */
  async restart(changes: ConfigChanges = {}): Promise<void> {
    await this.stop();
    this.config = changed(this.config, changes);
    await this.start();
  }

  get url(): string {
    if (this.#running === undefined) throw new Error("the registry does not run");
    return this.#running.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Host and port, as images are named by it. */
  get host(): string {
    return new URL(this.url).host;
  }

  /** Requests of the administrator. */
  get admin(): HttpClient {
    return (this.#admin ??= this.client(this.authorization));
  }

  /** The administrator's `Authorization` header. */
  get authorization(): string {
    return basic("$oauthtoken", this.#adminToken);
  }

  /** @param authorization undefined: anonymous */
  client(authorization?: string): HttpClient {
    const client = new HttpClient(this.port, authorization);
    this.#clients.push(client);
    return client;
  }

  raw(): Promise<RawConnection> {
    return RawConnection.open(this.port);
  }

  /** A user who logs in with a token, so that no slow hash is computed. @returns requests of theirs */
  async user(name: string): Promise<HttpClient> {
    const { database, now } = this.administration;
    await database.transaction((trx) =>
      insertAccount(trx, { kind: "user", name, passwordHash: NO_PASSWORD, createdAt: now() }),
    );
    const { secret } = await createOauthToken(this.administration, OPERATOR, name, {
      title: "test",
    });
    return this.client(basic("$oauthtoken", secret));
  }

  /** A robot of the organization. */
  async robot(short: string): Promise<HttpClient> {
    const robot = { namespace: ORGANIZATION, short };
    const { name, token } = await createRobot(this.administration, OPERATOR, robot);
    return this.client(basic(name, token));
  }

  async permit(account: string, repository: string, role: Role): Promise<void> {
    await setRepositoryPermission(this.administration, OPERATOR, { repository, account, role });
  }

  async organization(name: string): Promise<void> {
    await createOrganization(this.administration, OPERATOR, { name, owner: "admin" });
  }

  async change(repository: string, settings: RepositorySettings): Promise<void> {
    await changeRepository(this.administration, OPERATOR, repository, settings);
  }

  async push(repository: string, bytes: Uint8Array | TestBlob, client = this.admin): Promise<void> {
    const digest = "descriptor" in bytes ? bytes.descriptor.digest : digestOf(bytes);
    const body = "descriptor" in bytes ? bytes.bytes : bytes;
    const { status } = await client.post(`/v2/${repository}/blobs/uploads/?digest=${digest}`, body);
    if (status !== 201) throw new Error(`a blob was answered with ${status}`);
  }

  async pushManifest(
    repository: string,
    reference: string,
    manifest: TestBlob,
    client = this.admin,
  ): Promise<void> {
    const { status, body } = await client.put(
      `/v2/${repository}/manifests/${reference}`,
      manifest.bytes,
      { headers: { "content-type": manifest.descriptor.mediaType } },
    );
    if (status !== 201)
      throw new Error(`a manifest was answered with ${status} ${body.toString()}`);
  }

  async pushImage(
    repository: string,
    reference: string,
    { blobs, manifest }: Pick<TestImage, "blobs" | "manifest">,
    client = this.admin,
  ): Promise<void> {
    for (const blob of blobs) await this.push(repository, blob, client);
    await this.pushManifest(repository, reference, manifest, client);
  }

  /** Images of several platforms under one tag. @returns the index */
  async pushIndex(
    repository: string,
    reference: string,
    images: Readonly<Record<string, TestImage>>,
  ): Promise<TestBlob> {
    const children: object[] = [];
    for (const [platform, image] of Object.entries(images)) {
      const { digest } = image.manifest.descriptor;
      await this.pushImage(repository, digest, image);
      const [os, architecture] = platform.split("/");
      children.push({ ...image.manifest.descriptor, platform: { os, architecture } });
    }
    const index = indexOf(children as { readonly [field: string]: unknown }[]); // plain objects
    await this.pushManifest(repository, reference, index);
    return index;
  }

  /** A look at the blob store. */
  openStore(): Promise<BlobStore> {
    return openBlobStore(this.config.storage);
  }

  /** Waits until no job waits or runs, and no event waits. Those that recur may wait for their next turn. */
  async settled(): Promise<void> {
    await until(async () => {
      const { read } = this.database;
      const event = await read.selectFrom("events").select("id").executeTakeFirst();
      const job = await read
        .selectFrom("jobs")
        .select("id")
        .where("state", "!=", "dead")
        .where((eb) =>
          eb.or([
            eb("key", "!=", RECURRING_KEY),
            eb("state", "=", "running"),
            eb("run_at", "<=", Date.now()),
          ]),
        )
        .executeTakeFirst();
      return event === undefined && job === undefined;
    });
  }

  /** Everything that is stored, in words that compare well: rows by table, and keys in the blob store. */
  async contents(): Promise<Contents> {
    const { read } = this.database;
    const count = async (table: (typeof STORED_TABLES)[number]): Promise<[string, number]> => {
      const row = await read
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return [table, row.count];
    };
    // every table has its count
    const rows = Object.fromEntries(await Promise.all(STORED_TABLES.map(count))) as Rows;
    await using store = await this.openStore();
    const objects = await Array.fromAsync(store.list(""), ({ key }) => key);
    const uploads = await Array.fromAsync(store.listUploads(), ({ id }) => id);
    return { ...rows, objects: objects.toSorted(), unfinished: uploads.toSorted() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.database[Symbol.asyncDispose]();
    await this.#remove();
  }
}

const STORED_TABLES = [
  "accounts",
  "repositories",
  "repository_permissions",
  "blobs",
  "repository_blobs",
  "uploads",
  "manifests",
  "manifest_blobs",
  "manifest_children",
  "tags",
  "squashed_images",
  "squashed_indexes",
] as const;

type Rows = Readonly<Record<(typeof STORED_TABLES)[number], number>>;

export interface Contents extends Rows {
  readonly objects: readonly string[];
  /** Leftovers of uploads. */
  readonly unfinished: readonly string[];
}

/** Asks again and again, for at most ten seconds. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("it did not come true within ten seconds");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The value of a Basic `Authorization` header. */
export function basic(user: string, secret: string): string {
  return `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
}

/** Of no password that anybody knows, and computed at once. */
const NO_PASSWORD = `$argon2id$v=19$m=8,t=1,p=1$${"A".repeat(22)}$${"A".repeat(43)}`;

interface SeededDatabase {
  readonly database: Config["database"];
  /** Secret of the administrator's `$oauthtoken`. */
  readonly adminToken: string;
  readonly giveBack?: () => Promise<void>;
}

async function seededPostgres(): Promise<SeededDatabase> {
  const { url, giveBack } = await lendDatabase();
  await using database = await openDatabase({ kind: "postgres", url, poolSize: 1 });
  const adminToken = await seed(database);
  return { database: { kind: "postgres", url, poolSize: 4 }, adminToken, giveBack };
}

/** Migrated and seeded once, then copied. */
async function seededSqlite(folder: string): Promise<SeededDatabase> {
  const { bytes, adminToken } = await (template ??= makeTemplate());
  const copy = join(folder, "wharf.db");
  await writeFile(copy, bytes);
  return { database: { kind: "sqlite", path: copy }, adminToken };
}

let template: Promise<{ readonly bytes: Buffer; readonly adminToken: string }> | undefined;

async function makeTemplate(): Promise<{ readonly bytes: Buffer; readonly adminToken: string }> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-template-"));
  const path = join(folder.path, "wharf.db");
  const database = await openDatabase({ kind: "sqlite", path });
  const adminToken = await seed(database);
  await database[Symbol.asyncDispose]();
  return { bytes: await readFile(path), adminToken };
}

/** An administrator without a password and an organization. */
async function seed(database: Database): Promise<string> {
  const config = await baseConfig();
  const { administration } = createAccounts({ database, config, log: SILENT_LOGGER });
  await database.transaction((trx) =>
    insertAccount(trx, {
      kind: "user",
      name: "admin",
      passwordHash: NO_PASSWORD,
      superuser: true,
      createdAt: Date.now(),
    }),
  );
  await createOrganization(administration, OPERATOR, { name: ORGANIZATION, owner: "admin" });
  const token = await createOauthToken(administration, OPERATOR, "admin", { title: "test" });
  return token.secret;
}

let base: Promise<Config> | undefined;

/** What a server has unless it is told otherwise. */
function baseConfig(): Promise<Config> {
  return (base ??= loadConfig({ env: {}, cwd: tmpdir() }).then(({ config, problems }) => {
    if (config === undefined) throw new Error(problems.map(({ message }) => message).join("; "));
    return config;
  }));
}

async function configFor(
  folder: string,
  database: Config["database"],
  { config: changes = {}, storage }: TestRegistryOptions,
): Promise<Config> {
  const usual = await baseConfig();
  const config: Config = {
    ...usual,
    data: folder,
    server: { ...usual.server, port: 0, stopTimeout: 5000 },
    database,
    storage: storage ?? { kind: "filesystem", path: join(folder, "storage"), reserve: 0 },
    squash: { ...usual.squash, cacheFolder: join(folder, "cache"), threads: 1 },
    collection: { ...usual.collection, interval: 0 },
    registry: { ...usual.registry, usageInterval: 0 },
  };
  return changed(config, changes);
}

function changed(config: Config, changes: ConfigChanges): Config {
  const sections = Object.entries(changes).map(([section, change]) => [
    section,
    Array.isArray(change) ? change : { ...config[section as keyof ConfigChanges], ...change }, // the keys of ConfigChanges are these
  ]);
  return { ...config, ...Object.fromEntries(sections) };
}
