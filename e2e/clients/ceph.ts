import { join } from "node:path";

import { run } from "../command.ts";
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
  static readonly commands = ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "uuidgen", "curl"];

  readonly bucket = "wharf";
  readonly access: Access;
  readonly #scratch: Scratch;
  readonly #service: Service;

  private constructor(access: Access, scratch: Scratch, service: Service) {
    this.access = access;
    this.#scratch = scratch;
    this.#service = service;
  }

  static async start(): Promise<Ceph> {
    const scratch = await Scratch.create();
    const ready = /^\{.*\}$/m;
    const service = await Service.start(process.execPath, [CEPH, scratch.at("ceph")], (log) =>
      ready.test(log),
    );
    const access = JSON.parse(ready.exec(service.log)?.[0] ?? "") as Access; // ceph-main.ts prints it
    const ceph = new Ceph(access, scratch, service);
    await ceph.#request("", "--request", "PUT");
    return ceph;
  }

  /** The bytes of all objects in the bucket. */
  async storedBytes(): Promise<number> {
    let bytes = 0;
    for (let query: string | undefined = "?list-type=2"; query !== undefined; ) {
      const page: string = await this.#request(query);
      for (const [, size] of page.matchAll(/<Size>(\d+)<\/Size>/g)) bytes += Number(size);
      const next = /<NextContinuationToken>([^<]+)</.exec(page)?.[1];
      query =
        next === undefined
          ? undefined
          : `?continuation-token=${encodeURIComponent(next)}&list-type=2`;
    }
    return bytes;
  }

  #request(query: string, ...flags: readonly string[]): Promise<string> {
    const { endpoint, region, accessKeyId, secretAccessKey } = this.access;
    return run("curl", [
      ...["--silent", "--show-error", "--fail", "--aws-sigv4", `aws:amz:${region}:s3`],
      ...["--user", `${accessKeyId}:${secretAccessKey}`, ...flags],
      `${endpoint}/${this.bucket}${query}`,
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service[Symbol.asyncDispose]();
    await this.#scratch[Symbol.asyncDispose]();
  }
}
