import { createHmac } from "node:crypto";
import { join } from "node:path";

import { Scratch } from "../scratch.ts";
import { Service } from "../service.ts";

const CEPH = join(import.meta.dirname, "../../packages/registry/src/storage/testing/ceph-main.ts");

/** What the server says of itself when it is ready. */
interface Access {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** An S3 gateway of Ceph with one empty bucket. */
export class Ceph implements AsyncDisposable {
  static readonly commands = ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "uuidgen"];

  readonly bucket = "wharf";
  readonly access: Access;
  #resources: AsyncDisposableStack;

  private constructor(access: Access, resources: AsyncDisposableStack) {
    this.access = access;
    this.#resources = resources;
  }

  static async start(): Promise<Ceph> {
    await using resources = new AsyncDisposableStack();
    const scratch = resources.use(await Scratch.create());
    const ready = /^\{.*\}$/m;
    const service = resources.use(
      await Service.start(process.execPath, [CEPH, scratch.at("ceph")], (log) => ready.test(log)),
    );
    const access = JSON.parse(ready.exec(service.log)?.[0] ?? "") as Access; // ceph-main.ts prints it
    const ceph = new Ceph(access, resources);
    await ceph.#request("PUT", "");
    ceph.#resources = resources.move(); // nothing can fail any more
    return ceph;
  }

  /** The bytes of all objects in the bucket. */
  async storedBytes(): Promise<number> {
    let bytes = 0;
    for (let query: string | undefined = "?list-type=2"; query !== undefined;) {
      const page: string = await this.#request("GET", query);
      for (const [, size] of page.matchAll(/<Size>(\d+)<\/Size>/g)) bytes += Number(size);
      const next = /<NextContinuationToken>([^<]+)</.exec(page)?.[1];
      query =
        next === undefined
          ? undefined
          : `?continuation-token=${encodeURIComponent(next)}&list-type=2`;
    }
    return bytes;
  }

  /** Signed as S3 did at first, which takes a line (AWS signature version 2). */
  async #request(method: string, query: string): Promise<string> {
    const { endpoint, accessKeyId, secretAccessKey } = this.access;
    const date = new Date().toUTCString();
    const signed = `${method}\n\n\n${date}\n/${this.bucket}`;
    const signature = createHmac("sha1", secretAccessKey).update(signed).digest("base64");
    const response = await fetch(`${endpoint}/${this.bucket}${query}`, {
      method,
      headers: { Date: date, Authorization: `AWS ${accessKeyId}:${signature}` },
    });
    const body = await response.text();
    if (!response.ok)
      throw new Error(`${method} ${query} was answered ${response.status}:\n${body}`);
    return body;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
