import assert from "node:assert/strict";
import { ApiClient } from "../../testing/api-client.ts";
import type { ApiAnswer } from "../../testing/api-client.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";

/** A browser: keeps the cookie, and sends the token that goes with it. */
export class TestBrowser {
  readonly #api: ApiClient;
  #headers: Readonly<Record<string, string>> = {};

  constructor(registry: TestRegistry) {
    this.#api = new ApiClient(registry.client());
  }

  /** Cookie and token; what somebody has who stole them. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  signIn(username: string, password: string): Promise<ApiAnswer> {
    return this.ask("POST", "/signin", { username, password });
  }

  /** @param path below `/api/v1` */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> {
    const answer = await this.#api.ask(method, path, body, { ...this.#headers, ...headers });
    const [cookie] = [answer.headers["set-cookie"]].flat();
    if (cookie !== undefined) this.#headers = { ...this.#headers, cookie: cookieOf(cookie) };
    const token: unknown = answer.json?.csrf_token;
    if (typeof token === "string") this.#headers = { ...this.#headers, "x-csrf-token": token };
    return answer;
  }

  get(path: string): Promise<ApiAnswer> {
    return this.ask("GET", path);
  }
}

/** Name and value of `Set-Cookie`. */
export function cookieOf(header: string): string {
  const [pair = ""] = header.split(";");
  assert(pair.includes("="));
  return pair;
}
