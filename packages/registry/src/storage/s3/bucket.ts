// One thing although long: every request that is made of S3, so that errors, time limits and retries are in one place.
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { S3ClientConfig } from "@aws-sdk/client-s3";

import type { RedirectOptions } from "../blob-store.ts";
import { isNotFound, s3Error } from "./s3-error.ts";
import type { S3StoreOptions } from "./open-s3-store.ts";

/** Requests at once; more wait. A slow download holds one all the time. */
const MAX_SOCKETS = 512;
const CONNECT_MS = 5_000;
/** Unless configured. */
const IDLE_MS = 60_000;
/** The same for requests that S3 thinks about: it copies, or puts parts together. */
const COPY_IDLE_MS = 15 * 60_000;
/** Times that a request is tried when S3 is busy, fails or cannot be reached; the pauses grow. */
const ATTEMPTS = 5;
/** How long a URL for a client is good. */
const REDIRECT_SECONDS = 20 * 60;

export interface StoredPart {
  readonly number: number;
  readonly etag: string;
  readonly size: number;
  readonly changedAt: number;
}

export type Part = Pick<StoredPart, "number" | "etag">;

/** A bucket of S3. Names are whole keys of objects. Every method throws `StorageError`. */
export class Bucket implements Disposable {
  readonly #name: string;
  readonly #client: S3Client;
  /** For requests that S3 thinks about. */
  readonly #patient: S3Client;

  constructor(options: S3StoreOptions) {
    this.#name = options.bucket;
    const agents = {
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    };
    const client = (socketTimeout: number): S3Client =>
      new S3Client({
        ...configOf(options),
        requestHandler: { ...agents, connectionTimeout: CONNECT_MS, socketTimeout },
      });
    this.#client = client(options.idleTimeout ?? IDLE_MS);
    this.#patient = client(COPY_IDLE_MS);
  }

  async check(): Promise<void> {
    try {
      await this.#client.send(new HeadBucketCommand({ Bucket: this.#name }));
    } catch (error) {
      throw s3Error(error, `use the bucket ${this.#name}`);
    }
  }

  async head(name: string): Promise<{ size: number; etag: string | undefined } | undefined> {
    try {
      const { ContentLength: size = 0, ETag: etag } = await this.#client.send(
        new HeadObjectCommand({ Bucket: this.#name, Key: name }),
      );
      return { size, etag };
    } catch (error) {
      const translated = s3Error(error, `look for ${name}`);
      if (isNotFound(translated)) return undefined;
      throw translated;
    }
  }

  /**
   * Bytes of an object as they come from the connection; errors of the stream itself are those of Node.
   *
   * @param etag another content under the same name is an error
   */
  async get(
    name: string,
    range: { readonly start: number; readonly end: number },
    etag: string | undefined,
  ): Promise<Readable> {
    const { Body: body } = await this.#do(`read ${name}`, () =>
      this.#client.send(
        new GetObjectCommand({
          Bucket: this.#name,
          Key: name,
          Range: `bytes=${range.start}-${range.end - 1}`,
          IfMatch: etag,
        }),
      ),
    );
    return body as Readable; // the SDK's type is a union over all platforms; on Node it is this
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#do(`store ${name}`, () =>
      this.#client.send(new PutObjectCommand({ Bucket: this.#name, Key: name, Body: bytes })),
    );
  }

  /** One that is not there is no error. */
  async delete(name: string): Promise<void> {
    await this.#do(`delete ${name}`, () =>
      this.#client.send(new DeleteObjectCommand({ Bucket: this.#name, Key: name })),
    );
  }

  async *list(prefix: string): AsyncGenerator<{ name: string; size: number; changedAt: number }> {
    let token: string | undefined;
    do {
      const page = await this.#do("list objects", () =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#name,
            Prefix: prefix,
            ContinuationToken: token,
          }),
        ),
      );
      for (const { Key: name, Size: size = 0, LastModified: date } of page.Contents ?? []) {
        if (name !== undefined) yield { name, size, changedAt: date?.getTime() ?? 0 };
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** Copies up to 5 GiB. */
  async copy(source: string, target: string): Promise<void> {
    await this.#do(`store ${target}`, () =>
      this.#patient.send(
        new CopyObjectCommand({
          Bucket: this.#name,
          Key: target,
          CopySource: this.#sourceOf(source),
        }),
      ),
    );
  }

  /** @returns the id of a new multipart upload */
  async createMultipart(name: string): Promise<string> {
    const { UploadId: id } = await this.#do("begin an upload", () =>
      this.#client.send(new CreateMultipartUploadCommand({ Bucket: this.#name, Key: name })),
    );
    if (id === undefined) throw s3Error(withoutResult(), "begin an upload");
    return id;
  }

  async putPart(
    name: string,
    multipart: string,
    number: number,
    bytes: Uint8Array,
    signal: AbortSignal,
  ): Promise<Part> {
    const { ETag: etag } = await this.#do("store a part", () =>
      this.#client.send(
        new UploadPartCommand({
          Bucket: this.#name,
          Key: name,
          UploadId: multipart,
          PartNumber: number,
          Body: bytes,
        }),
        { abortSignal: signal },
      ),
    );
    if (etag === undefined) throw s3Error(withoutResult(), "store a part");
    return { number, etag };
  }

  /** Makes a range of another object (`end` is exclusive) a part. */
  async copyPart(
    name: string,
    multipart: string,
    number: number,
    source: string,
    range: { readonly start: number; readonly end: number },
  ): Promise<Part> {
    const { CopyPartResult: result } = await this.#do("copy a part", () =>
      this.#patient.send(
        new UploadPartCopyCommand({
          Bucket: this.#name,
          Key: name,
          UploadId: multipart,
          PartNumber: number,
          CopySource: this.#sourceOf(source),
          CopySourceRange: `bytes=${range.start}-${range.end - 1}`,
        }),
      ),
    );
    if (result?.ETag === undefined) throw s3Error(withoutResult(), "copy a part");
    return { number, etag: result.ETag };
  }

  /** The parts of a multipart upload in the order of their numbers. */
  async *parts(name: string, multipart: string): AsyncGenerator<StoredPart> {
    let marker: string | undefined;
    do {
      const page = await this.#do("list the parts of an upload", () =>
        this.#client.send(
          new ListPartsCommand({
            Bucket: this.#name,
            Key: name,
            UploadId: multipart,
            PartNumberMarker: marker,
          }),
        ),
      );
      for (const part of page.Parts ?? []) {
        const { PartNumber: number = 0, ETag: etag = "", Size: size = 0 } = part;
        yield { number, etag, size, changedAt: part.LastModified?.getTime() ?? 0 };
      }
      marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
    } while (marker !== undefined);
  }

  async completeMultipart(name: string, multipart: string, parts: readonly Part[]): Promise<void> {
    await this.#do("complete an upload", () =>
      this.#patient.send(
        new CompleteMultipartUploadCommand({
          Bucket: this.#name,
          Key: name,
          UploadId: multipart,
          MultipartUpload: {
            Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })),
          },
        }),
      ),
    );
  }

  /** One that is not there is no error. */
  async abortMultipart(name: string, multipart: string): Promise<void> {
    try {
      await this.#do("discard an upload", () =>
        this.#client.send(
          new AbortMultipartUploadCommand({ Bucket: this.#name, Key: name, UploadId: multipart }),
        ),
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Multipart uploads that are neither complete nor aborted. */
  async *multiparts(
    prefix: string,
  ): AsyncGenerator<{ name: string; multipart: string; startedAt: number }> {
    let marker: { KeyMarker: string | undefined; UploadIdMarker: string | undefined } | undefined;
    do {
      const page = await this.#do("list uploads", () =>
        this.#client.send(
          new ListMultipartUploadsCommand({ Bucket: this.#name, Prefix: prefix, ...marker }),
        ),
      );
      for (const { Key: name, UploadId: multipart, Initiated: date } of page.Uploads ?? []) {
        if (name !== undefined && multipart !== undefined)
          yield { name, multipart, startedAt: date?.getTime() ?? 0 };
      }
      const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
      marker = page.IsTruncated === true ? { KeyMarker, UploadIdMarker } : undefined;
    } while (marker !== undefined);
  }

  /** A URL with which anybody may GET the object for some minutes. */
  async presign(name: string, options: RedirectOptions): Promise<string> {
    const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
    const command = new GetObjectCommand({
      Bucket: this.#name,
      Key: name,
      ResponseContentType: options.contentType,
      ResponseContentDisposition: options.contentDisposition,
    });
    return await this.#do(`sign a URL of ${name}`, () =>
      getSignedUrl(this.#client, command, { expiresIn: REDIRECT_SECONDS }),
    );
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
    this.#patient.destroy();
  }

  #sourceOf(name: string): string {
    return [this.#name, ...name.split("/")].map((part) => encodeURIComponent(part)).join("/");
  }

  async #do<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw s3Error(error, doing);
    }
  }
}

function configOf(options: S3StoreOptions): S3ClientConfig {
  const { accessKeyId, secretAccessKey, endpoint } = options;
  return {
    region: options.region,
    forcePathStyle: options.pathStyle ?? false,
    maxAttempts: ATTEMPTS,
    retryMode: "standard",
    // Checksums beyond the signed digest of the body are not known to every S3.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    logger: SILENT, // otherwise it prints to the console
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey } }),
  };
}

const nothing = (): void => undefined;
const SILENT = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** For an answer without the one thing that was asked for. */
function withoutResult(): Error {
  return Object.assign(new Error("the answer is incomplete"), { code: "IncompleteAnswer" });
}
