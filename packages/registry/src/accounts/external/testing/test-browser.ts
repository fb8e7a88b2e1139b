/** What a browser got in the end. */
export interface PageAnswer {
  readonly status: number;
  /** Of the last request. */
  readonly url: URL;
  readonly headers: Headers;
  readonly text: string;
}

/** Keeps cookies by origin, and follows redirects unless told otherwise; knows nothing else of browsers. */
export class TestBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** @param until stops before the first redirect to such a URL, and answers with it */
  async open(url: string | URL, until?: (url: URL) => boolean): Promise<PageAnswer> {
    let at = new URL(url);
    for (let step = 0; step < 20; step += 1) {
      const answer = await this.ask("GET", at);
      const location = answer.headers.get("location");
      if (location === null || answer.status < 300 || answer.status > 399) return answer;
      const next = new URL(location, at);
      if (until?.(next) === true) return { ...answer, url: next };
      at = next;
    }
    throw new Error(`${String(url)} leads in a circle`);
  }

  /** One request, without following anything. */
  async ask(
    method: string,
    url: string | URL,
    options: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<PageAnswer> {
    const at = new URL(url);
    const jar = this.#jar(at);
    const response = await fetch(at, {
      method,
      redirect: "manual",
      headers: {
        connection: "close",
        cookie: Array.from(jar, ([name, value]) => `${name}=${value}`).join("; "),
        ...(options.body === undefined ? {} : { "content-type": "application/json" }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    for (const line of response.headers.getSetCookie()) keep(jar, line);
    return {
      status: response.status,
      url: at,
      headers: response.headers,
      text: await response.text(),
    };
  }

  /** The cookies of an origin, to look at and to change. */
  cookies(url: string): Map<string, string> {
    return this.#jar(new URL(url));
  }

  #jar({ origin }: URL): Map<string, string> {
    const known = this.#cookies.get(origin);
    if (known !== undefined) return known;
    const made = new Map<string, string>();
    this.#cookies.set(origin, made);
    return made;
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = "", ...attributes] = line.split(";");
  const equals = pair.indexOf("=");
  const name = pair.slice(0, equals);
  const isGone = attributes.some((text) =>
    /^\s*(?:max-age=0|expires=thu, 01 jan 1970.*)\s*$/i.test(text),
  );
  if (isGone) jar.delete(name);
  else jar.set(name, pair.slice(equals + 1));
}
