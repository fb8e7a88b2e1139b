/** What an endpoint has answered; `json` is whatever came. */
export interface ApiAnswer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects by reading it
  readonly json: any;
}

/** Speaks the API as a browser does: signs in, keeps the cookie, sends the token against forged requests. */
export class Browser {
  readonly #url: string;
  #cookie = "";
  #csrfToken = "";

  /** @param url of the registry, without a path */
  constructor(url: string) {
    this.#url = url;
  }

  async signIn(name: string, password: string): Promise<void> {
    await this.done("POST", "/signin", { username: name, password });
    const answer = await fetch(`${this.#url}/csrf_token`, { headers: { cookie: this.#cookie } });
    const { csrf_token: token } = (await answer.json()) as { csrf_token: string }; // by Quay's form
    this.#csrfToken = token;
  }

  get(path: string): Promise<unknown> {
    return this.done("GET", path);
  }

  /** @returns the document of a success. @throws with what the registry said when it was none */
  // oxlint-disable-next-line typescript/no-explicit-any -- as in ApiAnswer
  async done(method: string, path: string, body?: unknown): Promise<any> {
    const { status, json } = await this.ask(method, path, body);
    if (status < 300) return json;
    throw new Error(`${method} ${path} was answered with ${status}: ${JSON.stringify(json)}`);
  }

  /** @param path below `/api/v1` */
  async ask(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const answer = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        cookie: this.#cookie,
        "x-csrf-token": this.#csrfToken,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      if (/^(?:__Host-)?wharf_session=/.test(pair)) this.#cookie = pair;
    }
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json") === true;
    return { status: answer.status, json: isJson ? JSON.parse(text) : text };
  }
}
