// Long because it is one table: what is wrong with a request, for every endpoint there is.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Endpoint } from "@wharf/contract";
import { everyRegistry } from "../testing/test-registry.ts";
import type { Answer, HttpClient } from "../testing/http-client.ts";
import { schemaOf } from "./openapi/parameters.ts";
import { ENDPOINTS } from "./routes/discovery.ts";

/** Texts that are no name of anything; in a path percent-encoded. */
const TEXTS = [
  "\0",
  "../../etc/passwd",
  "%",
  "'\"; drop table accounts; --",
  "a".repeat(5000),
  "\u202e💩",
  "\r\nX-Injected: yes",
  "<script>alert(1)</script>",
  "sha256:0",
  "__proto__",
  "99999999999999999999",
  "a+b+c",
];

/** Values in place of what a body wants. */
const VALUES: readonly unknown[] = [
  null,
  1e308,
  true,
  "",
  "\0",
  "x\ud800",
  "a".repeat(70_000),
  [[[[[]]]]],
  { __proto__: { admin: true } },
];

/** Whole bodies that are none. */
const BODIES = [
  "",
  "{",
  "null",
  "[]",
  '"x"',
  "[".repeat(30_000),
  "\xff\xfe",
  '{"__proto__":{"x":1}}',
];

suite("hostile requests of the API", () => {
  everyRegistry((start) => {
    test("are refused with a problem, whatever is wrong where", async () => {
      await using registry = await start({ config: { api: { requestsPerMinute: 10_000_000 } } });
      const faults: string[] = [];
      for (const endpoint of ENDPOINTS) {
        const requests = requestsOf(endpoint);
        const work = async (): Promise<void> => {
          for (const request of requests) {
            const fault = faultOf(await send(registry.admin, endpoint, request));
            if (fault !== undefined) {
              faults.push(`${endpoint.id} ${describe(request)}: ${fault}`);
            }
          }
        };
        // They take the next one from the same generator.
        await Promise.all(Array.from({ length: 8 }, work));
      }
      assert.deepEqual(faults.slice(0, 50), []);
      assert.equal((await registry.client().get("/healthz")).status, 200);
    });
  });
});

interface HostileRequest {
  readonly path: string;
  readonly body?: string;
}

function* requestsOf(endpoint: Endpoint): Generator<HostileRequest> {
  const harmless = filled(endpoint.path, {});
  for (const [, name = ""] of endpoint.path.matchAll(/\{(\w+)\}/g)) {
    for (const text of TEXTS) yield { path: filled(endpoint.path, { [name]: text }) };
  }
  for (const name of Object.keys(endpoint.query?.shape ?? {})) {
    for (const text of TEXTS) {
      yield { path: `${harmless}?${name}=${encodeURIComponent(text)}` };
    }
    yield { path: `${harmless}?${name}=%ff%zz&${name}[]=1&${name}=2` };
  }
  if (endpoint.body === undefined) return;
  for (const body of BODIES) yield { path: harmless, body };
  for (const field of fieldsOf(endpoint)) {
    for (const value of VALUES) {
      yield { path: harmless, body: JSON.stringify({ ...exampleOf(endpoint), [field]: value }) };
    }
  }
}

/** A path whose parameters name nothing, but for those that are given. */
function filled(path: string, values: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = values[name];
    if (value !== undefined) return encodeURIComponent(value);
    return name === "repository" ? "team/nothing" : "nothing";
  });
}

function fieldsOf(endpoint: Endpoint): string[] {
  return Object.keys(propertiesOf(endpoint));
}

function propertiesOf({ body }: Endpoint): Readonly<Record<string, unknown>> {
  if (body === undefined) return {};
  const { properties = {} } = schemaOf(body, "input") as {
    readonly properties?: Readonly<Record<string, unknown>>;
  }; // the JSON schema of an object, or of something without fields
  return properties;
}

/** A body whose texts are no names, so that nothing comes of it even where it is accepted. */
function exampleOf(endpoint: Endpoint): Record<string, unknown> {
  return Object.fromEntries(fieldsOf(endpoint).map((field) => [field, "??"]));
}

function send(
  client: HttpClient,
  { method }: Endpoint,
  { path, body }: HostileRequest,
): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  return client.ask(method, path, {
    headers,
    ...(body === undefined ? {} : { body: Buffer.from(body, "latin1") }),
  });
}

function faultOf({ status, headers, body }: Answer): string | undefined {
  if (headers["x-injected"] !== undefined) return "a header was injected";
  if (status < 400) return undefined;
  if (status >= 500) return `${status} ${body.toString()}`;
  if (headers["content-type"] !== "application/problem+json") return `no problem but ${status}`;
  const problem = JSON.parse(body.toString()) as { readonly detail?: unknown }; // said to be JSON
  return typeof problem.detail === "string" && problem.detail !== "" ? undefined : "no detail";
}

function describe({ path, body }: HostileRequest): string {
  return `${path.slice(0, 200)} ${(body ?? "").slice(0, 100)}`;
}
