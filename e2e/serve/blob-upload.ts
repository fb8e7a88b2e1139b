import { createHash } from "node:crypto";
import { once } from "node:events";
import { request, type ClientRequest } from "node:http";

import type { Login, WharfServer } from "../clients/wharf-server.ts";

/** An upload in chunks (distribution-spec, "Pushing a blob in chunks"), spoken by hand so that it can be broken off anywhere. */
export class BlobUpload {
  readonly #server: WharfServer;
  readonly #login: Login;
  #place: string;

  private constructor(server: WharfServer, login: Login, place: string) {
    this.#server = server;
    this.#login = login;
    this.#place = place;
  }

  static async begin(server: WharfServer, login: Login, repository: string): Promise<BlobUpload> {
    const upload = new BlobUpload(server, login, `/v2/${repository}/blobs/uploads/`);
    await upload.#send("POST", 202);
    return upload;
  }

  /** @returns how much of it the registry has */
  async offset(): Promise<number> {
    const range = (await this.#send("GET", 204)).headers.get("range") ?? "";
    const last = /^0-(\d+)$/.exec(range)?.[1];
    if (last === undefined) throw new Error(`the range is ${range}`);
    return last === "0" ? 0 : Number(last) + 1;
  }

  /** Sends a chunk and waits until it is acknowledged. */
  async append(chunk: Uint8Array<ArrayBuffer>, start: number): Promise<void> {
    const range = `${start}-${start + chunk.length - 1}`;
    await this.#send("PATCH", 202, { "Content-Range": range }, chunk);
  }

  /** Begins to send a chunk that does not end. @returns when the system has taken the bytes; nothing is acknowledged */
  async beginToAppend(chunk: Uint8Array, start: number, length: number): Promise<ClientRequest> {
    const range = `${start}-${start + length - 1}`;
    const sent = request(`${this.#server.url}${this.#place}`, {
      method: "PATCH",
      headers: { ...this.#headers, "Content-Range": range, "Content-Length": length },
    });
    sent.on("error", () => undefined); // it is to be broken off
    if (!sent.write(chunk)) await once(sent, "drain");
    return sent;
  }

  /** @throws when the registry has other bytes than these */
  async finish(whole: Uint8Array): Promise<string> {
    const digest = `sha256:${createHash("sha256").update(whole).digest("hex")}`;
    this.#place += `${this.#place.includes("?") ? "&" : "?"}digest=${digest}`;
    await this.#send("PUT", 201);
    return digest;
  }

  get #headers(): Readonly<Record<string, string>> {
    const { name, password } = this.#login;
    return { Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` };
  }

  async #send(
    method: string,
    status: number,
    headers: Readonly<Record<string, string>> = {},
    body?: Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    const response = await fetch(new URL(this.#place, this.#server.url), {
      method,
      headers: { ...this.#headers, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    if (response.status !== status)
      throw new Error(`${method} was answered ${response.status}: ${text}`);
    const { pathname, search } = new URL(
      response.headers.get("location") ?? this.#place,
      this.#server.url,
    );
    this.#place = `${pathname}${search}`;
    return response;
  }
}
