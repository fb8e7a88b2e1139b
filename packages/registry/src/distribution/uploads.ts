import { createHash, randomBytes } from "node:crypto";
import { algorithmOf } from "@wharf/image";
import type { Digest } from "@wharf/image";
import { accountIdOf } from "../accounts/principal.ts";
import type { Principal } from "../accounts/principal.ts";
import type { RegistryContext } from "../context.ts";
import { ClientGone } from "../http/exchange.ts";
import type { Exchange } from "../http/exchange.ts";
import { bodyChunks, readBody } from "../http/read-body.ts";
import { RegistryError } from "../http/registry-error.ts";
import { expectYoungObject } from "../repositories/expect-young-object.ts";
import {
  findRepositoryBlob,
  linkStoredBlob,
  recordBlob,
  repositoriesWithBlob,
} from "../repositories/repository-blob-store.ts";
import { namespaceOf } from "../repositories/repository-name.ts";
import type { Repository } from "../repositories/repository.ts";
import { unlessGone } from "../repositories/unless-gone.ts";
import { blobKey } from "../storage/object-keys.ts";
import { authorizePush, readableRepository } from "../repositories/open-repository.ts";
import type { Access } from "../repositories/open-repository.ts";
import { digestParameter } from "./reference.ts";
import { makeUploadId, openUploadId } from "./upload-id.ts";
import type { UploadOwner } from "./upload-id.ts";
import { UploadSessions, unknownUpload } from "./upload-sessions.ts";
import type { UploadTurn } from "./upload-sessions.ts";
import { endUpload } from "./upload-store.ts";

/** A blob that comes in one request and is not longer than this is stored without an upload of its own. */
const AT_ONCE = 256 * 1024;

/** A body that takes long is saved so often on the way, in milliseconds: no more is lost when the process dies. */
const SAVE_EVERY = 30_000;

/** Repositories that are looked at for a mount whose source the client does not name. */
const MOST_SOURCES = 50;

/** Uploads of blobs (distribution-spec, "Pushing blobs"). */
export class Uploads implements AsyncDisposable {
  readonly #context: RegistryContext;
  readonly #key: Buffer;
  readonly #sessions: UploadSessions;

  /** @param key secret of all replicas, for the ids of uploads */
  constructor(context: RegistryContext, key: Buffer) {
    this.#context = context;
    this.#key = key;
    this.#sessions = new UploadSessions(context);
  }

  /** POST: a mount, a whole blob, or the beginning of an upload. */
  async begin(exchange: Exchange, name: string): Promise<void> {
    const push = await authorizePush(this.#context, exchange, name);
    const mount = digestQuery(exchange, "mount");
    const digest = mount === undefined ? digestQuery(exchange, "digest") : undefined;
    const algorithm = algorithmQuery(exchange);
    await this.#context.quotas.expectRoom(push.repository ?? namespaceOf(name), mount ?? digest);
    const access = { principal: push.principal, repository: await push.create() };
    if (mount !== undefined && (await this.#mount(exchange, access, mount))) {
      this.#context.metrics.upload("mounted");
      this.#created(exchange, access.repository, mount);
      return;
    }
    const id = this.#newId(access);
    if (digest !== undefined) {
      await this.#finish(exchange, access, this.#nameOf(id, access), digest);
      return;
    }
    const suffix = algorithm === "sha512" ? "?digest-algorithm=sha512" : "";
    this.#accepted(exchange, access.repository, `${id}${suffix}`, 0, id);
  }

  /** GET: how much is stored. */
  async status(exchange: Exchange, name: string, id: string): Promise<void> {
    const access = await this.#open(exchange, name);
    const size = await this.#sessions.size(this.#nameOf(id, access));
    exchange.send(204, this.#progress(access.repository, id, size, id));
  }

  /** PATCH: the next chunk, or a stream of unknown length. */
  async append(exchange: Exchange, name: string, id: string): Promise<void> {
    const access = await this.#open(exchange, name);
    const upload = this.#nameOf(id, access);
    const algorithm = algorithmQuery(exchange);
    await using turn = await this.#sessions.open(upload, algorithm);
    this.#checkRange(exchange, access.repository, id, turn.size);
    await this.#receiveKept(exchange, access.repository, turn);
    const suffix = algorithm === "sha512" ? "?digest-algorithm=sha512" : "";
    const { size } = turn;
    await unlessGone(access.repository, () => turn.save(access.repository.id));
    turn.keep();
    this.#accepted(exchange, access.repository, `${id}${suffix}`, size, id);
  }

  /** PUT: the last chunk, if any, and the digest of the whole. */
  async finish(exchange: Exchange, name: string, id: string): Promise<void> {
    const access = await this.#open(exchange, name);
    const upload = this.#nameOf(id, access);
    const digest = digestQuery(exchange, "digest");
    if (digest === undefined) {
      throw new RegistryError("DIGEST_INVALID", "the parameter digest is missing", {
        detail: { parameter: "digest" },
      });
    }
    await this.#finish(exchange, access, upload, digest, id);
  }

  /** DELETE: gives an upload up. */
  async cancel(exchange: Exchange, name: string, id: string): Promise<void> {
    const { repository, principal } = await this.#open(exchange, name);
    const upload = this.#nameOf(id, { repository, principal });
    const { database, store, now } = this.#context;
    await using turn = await this.#sessions.open(upload, "sha256");
    const state = turn.row?.state;
    await turn[Symbol.asyncDispose]();
    await database.transaction((trx) => endUpload(trx, upload, repository.id, now()));
    await store.discardUpload(upload, state);
    this.#context.metrics.upload("cancelled");
    exchange.send(204, {});
  }

  /** An upload is always of a repository that exists. */
  async #open(exchange: Exchange, name: string): Promise<Access> {
    const { principal, repository } = await authorizePush(this.#context, exchange, name);
    if (repository === undefined) throw unknownUpload();
    return { principal, repository };
  }

  async #finish(
    exchange: Exchange,
    access: Access,
    upload: string,
    digest: Digest,
    id?: string,
  ): Promise<void> {
    const { repository } = access;
    const length = contentLength(exchange);
    const limit = this.#context.config.registry.blobBytes;
    if (length !== undefined && length > limit) throw tooLong(limit);
    await this.#context.quotas.expectRoomFor(repository, length ?? 0, digest);
    await this.#checkRoom(repository, length ?? 0);
    const isAtOnce = length !== undefined && length <= AT_ONCE;
    if (isAtOnce && (await this.#sessions.size(upload)) === 0) {
      if (id !== undefined) this.#checkRange(exchange, repository, id, 0);
      await unlessGone(repository, () => this.#storeAtOnce(exchange, repository, digest));
    } else {
      await using turn = await this.#sessions.open(upload, algorithmOf(digest));
      if (id === undefined) await this.#receiveOnce(exchange, repository, turn);
      else {
        this.#checkRange(exchange, repository, id, turn.size);
        await this.#receiveKept(exchange, repository, turn);
      }
      await unlessGone(repository, () => this.#commit(repository, turn, digest));
    }
    this.#context.metrics.upload("committed");
    this.#created(exchange, repository, digest);
  }

  /** A small blob: one object is written, nothing else. */
  async #storeAtOnce(exchange: Exchange, repository: Repository, digest: Digest): Promise<void> {
    const { store, database, config, now } = this.#context;
    const bytes = await readBody(exchange, AT_ONCE, "SIZE_INVALID", "the blob");
    const hex = createHash(algorithmOf(digest)).update(bytes).digest("hex");
    expectDigest(digest, `${algorithmOf(digest)}:${hex}`);
    const isStored = await this.#linkIfStored(repository, digest, bytes.length);
    if (isStored) return;
    const key = newKey(digest);
    const since = now();
    await store.put(key, bytes);
    const size = bytes.length;
    const kept = await database.transaction(async (trx) => {
      expectYoungObject(since, now(), config.collection.orphanAge);
      await this.#context.quotas.count(trx, repository, { digest, size });
      return await recordBlob(trx, repository.id, { digest, size, key }, now());
    });
    if (kept !== key) await store.delete(key);
  }

  /** Bytes that are stored already are not stored a second time. */
  async #linkIfStored(repository: Repository, digest: Digest, size: number): Promise<boolean> {
    const { database, now } = this.#context;
    const known = await this.#context.database.read
      .selectFrom("blobs")
      .select("size")
      .where("digest", "=", digest)
      .executeTakeFirst();
    if (known?.size !== size) return false;
    const linked = await database.transaction(async (trx) => {
      await this.#context.quotas.count(trx, repository, { digest, size });
      return await linkStoredBlob(trx, repository.id, digest, now());
    });
    return linked !== undefined;
  }

  /** As {@link #receive}. What came before a client left is kept, so that it can go on from there. */
  async #receiveKept(exchange: Exchange, repository: Repository, turn: UploadTurn): Promise<void> {
    try {
      await this.#receive(exchange, repository, turn);
    } catch (error) {
      if (error instanceof ClientGone) await turn.save(repository.id);
      throw error;
    }
  }

  /** As {@link #receive}. Nobody knows the upload, so nobody could go on with it. */
  async #receiveOnce(exchange: Exchange, repository: Repository, turn: UploadTurn): Promise<void> {
    try {
      await this.#receive(exchange, repository, turn);
    } catch (error) {
      await this.#discard(repository, turn);
      throw error;
    }
  }

  /** Takes the body of a request. */
  async #receive(exchange: Exchange, repository: Repository, turn: UploadTurn): Promise<void> {
    const limit = this.#context.config.registry.blobBytes;
    const announced = contentLength(exchange);
    if (turn.size + (announced ?? 0) > limit) throw tooLong(limit);
    await this.#checkRoom(repository, announced ?? 0);
    let savedAt = performance.now();
    for await (const chunk of bodyChunks(exchange)) {
      if (turn.size + chunk.length > limit) throw tooLong(limit);
      await turn.write(chunk);
      if (performance.now() - savedAt < SAVE_EVERY) continue;
      await turn.save(repository.id);
      savedAt = performance.now();
    }
    if (!exchange.request.complete) throw new ClientGone();
  }

  /** Throws an upload away and what it has stored; nothing can be done with the turn afterwards. */
  async #discard(repository: Repository, turn: UploadTurn): Promise<void> {
    const { store, database, now } = this.#context;
    const state = turn.row?.state;
    await turn.writer[Symbol.asyncDispose]();
    if (turn.row !== undefined) {
      await database.transaction((trx) => endUpload(trx, turn.id, repository.id, now()));
    }
    await store.discardUpload(turn.id, state);
  }

  async #commit(repository: Repository, turn: UploadTurn, digest: Digest): Promise<void> {
    const { store, database, config, now } = this.#context;
    const actual = await turn.digest(digest);
    if (actual !== digest) {
      await this.#discard(repository, turn);
      this.#context.metrics.upload("refused");
      expectDigest(digest, actual);
    }
    const { size } = turn;
    await this.#expectRoomFor(repository, turn, digest);
    if (await this.#linkIfStored(repository, digest, size)) {
      await this.#discard(repository, turn);
      return;
    }
    const key = newKey(digest);
    const since = now();
    await turn.writer.commit(key);
    const kept = await database.transaction(async (trx) => {
      expectYoungObject(since, now(), config.collection.orphanAge);
      await this.#context.quotas.count(trx, repository, { digest, size });
      const known = await recordBlob(trx, repository.id, { digest, size, key }, now());
      if (turn.row !== undefined) await endUpload(trx, turn.id, repository.id, now());
      return known;
    });
    if (kept !== key) await store.delete(key);
  }

  /** A stream tells how long it is when it is over; what may not be kept is thrown away. */
  async #expectRoomFor(repository: Repository, turn: UploadTurn, digest: Digest): Promise<void> {
    try {
      await this.#context.quotas.expectRoomFor(repository, turn.size, digest);
    } catch (error) {
      await this.#discard(repository, turn);
      throw error;
    }
  }

  /**
   * Gives the repository a blob of another one that the client may read; the client may leave open which
   * (distribution-spec, "Mounting a blob from another repository").
   */
  async #mount(exchange: Exchange, access: Access, digest: Digest): Promise<boolean> {
    const { database, now } = this.#context;
    const { repository, principal } = access;
    const own = await findRepositoryBlob(database.read, repository.id, digest);
    const from = exchange.query.get("from");
    const sources =
      own !== undefined
        ? []
        : from === null || from === ""
          ? await repositoriesWithBlob(database.read, digest, MOST_SOURCES)
          : [from];
    let source: Repository | undefined = own === undefined ? undefined : repository;
    for (const name of sources) {
      source ??= await readableRepository(this.#context, principal, name);
    }
    if (source === undefined) return false;
    const { id } = source;
    return await unlessGone(repository, () =>
      database.transaction(async (trx) => {
        // Looked at again, because the source may lose it at this very moment.
        const blob = await findRepositoryBlob(trx, id, digest);
        if (blob === undefined) return false;
        await this.#context.quotas.count(trx, repository, blob);
        return (await linkStoredBlob(trx, repository.id, digest, now())) !== undefined;
      }),
    );
  }

  /** Full disks are noticed before the bytes come. */
  async #checkRoom({ name }: Repository, bytes: number): Promise<void> {
    const { store, config } = this.#context;
    if (store.free === undefined || config.storage.kind !== "filesystem") return;
    const free = await store.free();
    if (free - bytes > config.storage.reserve) return;
    this.#context.log.error("an upload was refused: the storage is full", {
      repository: name,
      free,
    });
    throw new RegistryError("STORAGE_FULL", "the registry has no room for this upload");
  }

  /** distribution-spec, "Pushing a blob in chunks": chunks come in order, `Content-Range` is `<start>-<end>`. */
  #checkRange(exchange: Exchange, repository: Repository, id: string, size: number): void {
    const text = exchange.header("content-range");
    if (text === undefined) return;
    const match = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(text.trim());
    const start = Number(match?.[1]);
    const end = Number(match?.[2]);
    const length = contentLength(exchange);
    if (match === null || end < start || (length !== undefined && length !== end - start + 1)) {
      throw new RegistryError("SIZE_INVALID", "the Content-Range does not fit the content", {
        status: 416,
        detail: { "Content-Range": text.slice(0, 100), "Content-Length": length },
        headers: this.#progress(repository, id, size, id),
      });
    }
    if (start !== size) {
      throw new RegistryError(
        "RANGE_INVALID",
        `the chunk begins at ${start}, the upload has ${size} bytes`,
        { detail: { size }, headers: this.#progress(repository, id, size, id) },
      );
    }
  }

  #created(exchange: Exchange, repository: Repository, digest: Digest): void {
    exchange.send(201, {
      Location: `/v2/${repository.name}/blobs/${digest}`,
      "Docker-Content-Digest": digest,
    });
  }

  #accepted(
    exchange: Exchange,
    repository: Repository,
    path: string,
    size: number,
    id: string,
  ): void {
    exchange.send(202, this.#progress(repository, path, size, id));
  }

  #progress(
    repository: Repository,
    path: string,
    size: number,
    id: string,
  ): Record<string, string> {
    return {
      Location: `/v2/${repository.name}/blobs/uploads/${path}`,
      // What has no byte yet is told in the way that clients have always been told.
      Range: `0-${Math.max(0, size - 1)}`,
      "Docker-Upload-UUID": id,
    };
  }

  #newId({ repository, principal }: Access): string {
    return makeUploadId(this.#key, owner(repository, principal), this.#context.now());
  }

  #nameOf(id: string, { repository, principal }: Access): string {
    const { config, now } = this.#context;
    const whose = owner(repository, principal);
    const name = openUploadId(this.#key, id, whose, now(), config.registry.uploadExpiration);
    if (name === undefined) throw unknownUpload();
    return name;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sessions[Symbol.asyncDispose]();
  }
}

function owner(repository: Repository, principal: Principal): UploadOwner {
  const holder = accountIdOf(principal)?.toString() ?? principal.kind;
  return { repositoryId: repository.id, holder };
}

function digestQuery(exchange: Exchange, name: string): Digest | undefined {
  const text = exchange.query.get(name);
  return text === null ? undefined : digestParameter(text);
}

/** The algorithm of the digest that will come at the end, as far as the client tells (distribution-spec, end-4c). */
function algorithmQuery(exchange: Exchange): "sha256" | "sha512" {
  const algorithm = exchange.query.get("digest-algorithm");
  if (algorithm === null || algorithm === "sha256") return "sha256";
  if (algorithm === "sha512") return "sha512";
  throw new RegistryError("DIGEST_INVALID", "the digest algorithm must be sha256 or sha512", {
    detail: { parameter: "digest-algorithm" },
  });
}

/** A name that no object of the store has had. */
function newKey(digest: Digest): string {
  return blobKey(digest, randomBytes(8).toString("hex"));
}

function expectDigest(expected: Digest, actual: string): void {
  if (actual === expected) return;
  throw new RegistryError("DIGEST_INVALID", "the content has another digest than the client says", {
    detail: { expected, actual },
  });
}

function contentLength(exchange: Exchange): number | undefined {
  const text = exchange.header("content-length");
  return text === undefined ? undefined : Number(text);
}

function tooLong(limit: number): RegistryError {
  return new RegistryError("SIZE_INVALID", `a blob has at most ${limit} bytes here`, {
    status: 413,
    detail: { limit },
  });
}
