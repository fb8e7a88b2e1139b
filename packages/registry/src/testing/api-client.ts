import type { HttpClient } from "./http-client.ts";

/** An answer of the API; `json` is whatever came, for the test to look into. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects by reading it
  readonly json: any;
  /** Status and code of a problem, such as `404 NAME_UNKNOWN`; the status alone for a success. */
  readonly outcome: string;
}

/** Requests of the API by one client: paths below `/api/v1`, JSON in and out. */
export class ApiClient {
  readonly #client: HttpClient;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param headers to send with everything, such as the cookie of a session */
  constructor(client: HttpClient, headers: Readonly<Record<string, string>> = {}) {
    this.#client = client;
    this.#headers = headers;
  }

  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer> {
    return this.ask("GET", path, undefined, headers);
  }

  post(path: string, body?: unknown): Promise<ApiAnswer> {
    return this.ask("POST", path, body);
  }

  put(path: string, body?: unknown): Promise<ApiAnswer> {
    return this.ask("PUT", path, body);
  }

  delete(path: string, body?: unknown): Promise<ApiAnswer> {
    return this.ask("DELETE", path, body);
  }

  /** @param path below `/api/v1` */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> {
    const answer = await this.#client.ask(method, `/api/v1${path}`, {
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...this.#headers,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const type = answer.headers["content-type"] ?? "";
    const json: unknown = type.includes("json") ? JSON.parse(answer.body.toString()) : undefined;
    const code = type === "application/problem+json" ? ` ${(json as { code: string }).code}` : ""; // a problem
    return {
      status: answer.status,
      headers: answer.headers,
      json,
      outcome: `${answer.status}${code}`,
    };
  }
}
