import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { algorithmOf } from "@wharf/image";
import type { Digest } from "@wharf/image";
import type { RegistryContext } from "../context.ts";
import { KeyedMutex } from "../concurrency/keyed-mutex.ts";
import { RegistryError } from "../http/registry-error.ts";
import { StorageError } from "../storage/blob-store.ts";
import type { UploadWriter } from "../storage/blob-store.ts";
import { findUpload, saveUpload } from "./upload-store.ts";
import type { UploadRow } from "./upload-store.ts";

/** How long a writer waits for the next request of its upload before it is closed; the upload itself goes on. */
const IDLE = 30_000;

/** Writers that wait at the same time; the longest waiting one is closed first. */
const MOST_IDLE = 200;

/** An upload between two requests: its writer, and the digest of what it has. */
interface Session {
  readonly writer: UploadWriter;
  /** Undefined when an earlier part was written by another process: then the bytes are hashed again at the end. */
  readonly hash: Hash | undefined;
  readonly algorithm: string;
  /** What the database says of it. */
  row: UploadRow | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** An upload while one request works on it. */
export class UploadTurn implements AsyncDisposable {
  readonly id: string;
  readonly #sessions: UploadSessions;
  readonly #turn: Disposable;
  readonly #session: Session;
  #isOver = false;

  constructor(id: string, sessions: UploadSessions, turn: Disposable, session: Session) {
    this.id = id;
    this.#sessions = sessions;
    this.#turn = turn;
    this.#session = session;
  }

  /** Bytes taken so far. */
  get size(): number {
    return this.#session.writer.size;
  }

  get row(): UploadRow | undefined {
    return this.#session.row;
  }

  get writer(): UploadWriter {
    return this.#session.writer;
  }

  /** Takes a chunk, which belongs to the upload from then on. */
  async write(chunk: Uint8Array): Promise<void> {
    const writing = this.#session.writer.write(chunk);
    // The bytes are not changed by either, so hashing goes on while they are written.
    this.#session.hash?.update(chunk);
    await writing;
  }

  /** Makes what was taken durable and records it: from now on it can be continued by anybody. */
  async save(repositoryId: number): Promise<void> {
    const { writer, row } = this.#session;
    if (row !== undefined && row.size === writer.size) return;
    if (row === undefined && writer.size === 0) return;
    const state = await writer.flush();
    const { database, now } = this.#sessions.context;
    const after = { size: writer.size, state };
    const isSaved = await database.transaction((trx) =>
      saveUpload(trx, this.id, repositoryId, row, after, now()),
    );
    if (!isSaved) {
      throw new RegistryError("BLOB_UPLOAD_INVALID", "another request has gone on with the upload");
    }
    this.#session.row = { ...after, status: "open" };
  }

  /**
   * The digest of everything that was taken.
   *
   * @param like its algorithm is used
   */
  async digest(like: Digest): Promise<Digest> {
    const algorithm = algorithmOf(like);
    let hash = this.#session.algorithm === algorithm ? this.#session.hash?.copy() : undefined;
    if (hash === undefined) {
      hash = createHash(algorithm);
      for await (const chunk of this.#session.writer.readBack()) hash.update(chunk);
    }
    return `${algorithm}:${hash.digest("hex")}` as Digest; // right by construction
  }

  /** Keeps the writer for the next request of the same upload. */
  keep(): void {
    this.#isOver = true;
    this.#sessions.keepIdle(this.id, this.#session);
    this.#turn[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      await this.#session.writer[Symbol.asyncDispose]();
    } finally {
      this.#turn[Symbol.dispose]();
    }
  }
}

/** Uploads that this process works on. What they have stored is in database and blob store, so any process can go on. */
export class UploadSessions implements AsyncDisposable {
  readonly context: RegistryContext;
  readonly #mutex = new KeyedMutex();
  readonly #idle = new Map<string, Session>();

  constructor(context: RegistryContext) {
    this.context = context;
  }

  /**
   * Waits until no other request works on the upload, and opens it.
   *
   * @param algorithm of the digest that is expected at the end
   * @throws {RegistryError} BLOB_UPLOAD_UNKNOWN for one that has ended
   */
  async open(id: string, algorithm: string): Promise<UploadTurn> {
    const turn = await this.#mutex.take(id);
    try {
      const row = await findUpload(this.context.database.read, id);
      if (row?.status === "ended") throw unknownUpload();
      const session =
        (await this.#takeIdle(id, row)) ?? (await this.#openSession(id, row, algorithm));
      return new UploadTurn(id, this, turn, session);
    } catch (error) {
      turn[Symbol.dispose]();
      throw error;
    }
  }

  /** Bytes of the upload that are durable. */
  async size(id: string): Promise<number> {
    const row = await findUpload(this.context.database.read, id);
    if (row?.status === "ended") throw unknownUpload();
    return row?.size ?? 0;
  }

  async #openSession(id: string, row: UploadRow | undefined, algorithm: string): Promise<Session> {
    const writer = await this.#openWriter(id, row);
    const isFromStart = row === undefined || row.size === 0;
    return {
      writer,
      hash: isFromStart ? createHash(algorithm) : undefined,
      algorithm,
      row,
      timer: undefined,
    };
  }

  /** A crash after the bytes became a blob, and before that was recorded, leaves a row without bytes. */
  async #openWriter(id: string, row: UploadRow | undefined): Promise<UploadWriter> {
    try {
      return await this.context.store.openUpload(id, row?.state);
    } catch (error) {
      if (error instanceof StorageError && error.code === "not-found") throw unknownUpload();
      throw error;
    }
  }

  /** The writer of the request before, unless another process has gone on with the upload since. */
  async #takeIdle(id: string, row: UploadRow | undefined): Promise<Session | undefined> {
    const session = this.#idle.get(id);
    if (session === undefined) return undefined;
    this.#idle.delete(id);
    clearTimeout(session.timer);
    if (session.row?.size === row?.size && session.row?.state === row?.state) return session;
    await session.writer[Symbol.asyncDispose]();
    return undefined;
  }

  /** For {@link UploadTurn} alone. */
  keepIdle(id: string, session: Session): void {
    session.timer = setTimeout(() => this.#close(id, session), IDLE);
    session.timer.unref();
    this.#idle.set(id, session);
    if (this.#idle.size <= MOST_IDLE) return;
    for (const [oldest, other] of this.#idle) {
      clearTimeout(other.timer);
      this.#close(oldest, other);
      return;
    }
  }

  #close(id: string, session: Session): void {
    if (this.#idle.get(id) !== session) return;
    this.#idle.delete(id);
    Promise.resolve(session.writer[Symbol.asyncDispose]()).catch((error: unknown) => {
      this.context.log.warn("an idle upload could not be closed", {
        upload: id,
        error: error instanceof Error ? error : String(error),
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const sessions = [...this.#idle.values()];
    this.#idle.clear();
    for (const { timer } of sessions) clearTimeout(timer);
    await Promise.allSettled(sessions.map(({ writer }) => writer[Symbol.asyncDispose]()));
  }
}

export function unknownUpload(): RegistryError {
  return new RegistryError(
    "BLOB_UPLOAD_UNKNOWN",
    "there is no such upload: it has ended, expired, or belongs to somebody else; begin a new one",
  );
}
