import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { RIGHTS } from "@wharf/contract";
import type { Endpoint } from "@wharf/contract";
import { ApiClient } from "../testing/api-client.ts";
import { startTestRegistry } from "../testing/test-registry.ts";
import { compatibilityPage } from "./compatibility/compatibility-page.ts";
import { NOT_YET } from "./compatibility/not-yet.ts";
import { COMPATIBILITY_PAGE_PATH } from "./compatibility/page-path.ts";
import { QUAY_OPERATIONS } from "./compatibility/quay-operations.ts";
import { discoveryDocument } from "./openapi/discovery-document.ts";
import { openApiDocument } from "./openapi/openapi-document.ts";
import { ROUTES } from "./routes.ts";
import { ENDPOINTS } from "./routes/discovery.ts";

const ORIGIN = "https://registry.test";

suite("the contract of the API", () => {
  test("every endpoint is served, once", () => {
    const served = ROUTES.map(({ endpoint }) => endpoint.id).toSorted();
    assert.deepEqual(served, ENDPOINTS.map(({ id }) => id).toSorted());
    const places = ENDPOINTS.map(
      ({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, "{}")}`,
    );
    assert.deepEqual(
      places.filter((place, index) => places.indexOf(place) !== index),
      [],
    );
  });

  test("every operation of Quay is there under its name, or told not to be", () => {
    const absent = new Set(NOT_YET.flatMap(({ endpoints }) => endpoints.map(({ id }) => id)));
    const wrong = QUAY_OPERATIONS.filter(({ method, path, id }) => {
      const endpoint = ENDPOINTS.find((one) => one.method === method && one.path === path);
      if (endpoint === undefined) return !absent.has(id);
      return endpoint.id !== id || endpoint.quay.startsWith("new") || absent.has(id);
    });
    assert.deepEqual(
      wrong.map(({ method, path, id }) => `${method} ${path} ${id}`),
      [],
    );
  });

  test("every endpoint keeps to the rules of all", () => {
    const wrong = ENDPOINTS.filter(
      (endpoint) =>
        !endpoint.summary.endsWith(".") ||
        endpoint.path.endsWith("/") ||
        (endpoint.method === "GET" && endpoint.body !== undefined) ||
        (endpoint.status === 204) !== (endpoint.answer === undefined && isBodiless(endpoint)) ||
        RIGHTS[endpoint.right].resource !== resourceOf(endpoint),
    );
    assert.deepEqual(
      wrong.map(({ id }) => id),
      [],
    );
  });

  test("the OpenAPI document is one, and has every endpoint", async () => {
    const document = openApiDocument(ENDPOINTS, ORIGIN);
    const { valid, errors } = await new Validator().validate(copyOf(document));
    assert.ok(valid, JSON.stringify(errors, undefined, 1));
    const ids = Object.values(document["paths"] as object) // an object of objects
      .flatMap((path: object) => Object.values(path) as { readonly operationId: string }[])
      .map(({ operationId }) => operationId);
    assert.deepEqual(ids.toSorted(), ENDPOINTS.map(({ id }) => id).toSorted());
  });

  test("Quay's discovery is valid Swagger 2.0", async () => {
    const document = copyOf(discoveryDocument(ENDPOINTS, ORIGIN));
    const { valid, errors } = await new Validator().validate(document);
    assert.ok(valid, JSON.stringify(errors, undefined, 1));
  });

  test("documents and reference are served under the client's own origin", async () => {
    await using registry = await startTestRegistry();
    const api = new ApiClient(registry.client());
    assert.equal((await api.get("/openapi.json")).json.servers[0].url, registry.url);
    assert.equal((await api.get("/discovery")).json.host, registry.host);
    const page = await registry.client().get("/api/v1/reference");
    assert.match(String(page.headers["content-security-policy"]), /default-src 'none'/);
    for (const { id } of ENDPOINTS) assert.ok(page.body.includes(`<article id="${id}">`), id);
  });

  test("docs/api-compatibility.md is what the contract says", async () => {
    const command = "node packages/registry/src/api/compatibility/generate-page.ts";
    const page = await readFile(COMPATIBILITY_PAGE_PATH, "utf8");
    assert.ok(page === compatibilityPage(ENDPOINTS), `the page is old: ${command}`);
  });
});

/** The validator may change what it is given. */
function copyOf(document: object): Record<string, unknown> {
  return structuredClone(document) as Record<string, unknown>; // an object of plain values
}

function isBodiless({ content }: Endpoint): boolean {
  return content === undefined;
}

/** What the path names decides on what the right must be. */
function resourceOf({ path, right }: Endpoint): string {
  const { resource } = RIGHTS[right];
  if (resource === "registry") return resource;
  if (resource === "team") return path.includes("{teamname}") ? "team" : "a team that is not named";
  if (resource === "repository") {
    return path.includes("{repository}") ? resource : "a repository that is not named";
  }
  return path.includes("{orgname}") || path.startsWith("/api/v1/user")
    ? resource
    : "an organization that is not named";
}
