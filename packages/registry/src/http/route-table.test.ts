import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RouteTable } from "./route-table.ts";

const route = (method: "GET" | "PUT" | "DELETE", path: string) => ({ endpoint: { method, path } });

const TABLE = new RouteTable([
  route("GET", "/r/{repository}"),
  route("PUT", "/r/{repository}"),
  route("GET", "/r/{repository}/tag"),
  route("GET", "/r/{repository}/tag/{tag}"),
  route("DELETE", "/r/{repository}/tag/{tag}"),
  route("GET", "/r/{repository}/tag/{tag}/history"),
  route("GET", "/o/{orgname}"),
  route("GET", "/o/{orgname}/team/{teamname}"),
  route("GET", "/o/all"),
]);

function found(method: string, path: string): string {
  const lookup = TABLE.find(method, path);
  if (lookup.kind === "none") return "none";
  if (lookup.kind === "method") return `for ${lookup.allowed.join(", ")}`;
  return `${lookup.route.endpoint.path} ${JSON.stringify(lookup.parameters)}`;
}

test("the pattern with the most literal segments counts, and names keep their slashes", () => {
  for (const [path, expected] of [
    ["/r/team/app", '/r/{repository} {"repository":"team/app"}'],
    ["/r/team/app/", '/r/{repository} {"repository":"team/app"}'],
    ["/r/team/a/b/c", '/r/{repository} {"repository":"team/a/b/c"}'],
    ["/r/team/app/tag", '/r/{repository}/tag {"repository":"team/app"}'],
    ["/r/team/a/b/tag/v1", '/r/{repository}/tag/{tag} {"repository":"team/a/b","tag":"v1"}'],
    ["/r/team/tag", '/r/{repository} {"repository":"team/tag"}'],
    ["/r/team/tag/tag", '/r/{repository}/tag {"repository":"team/tag"}'],
    ["/r/team/tag/tag/tag", '/r/{repository}/tag/{tag} {"repository":"team/tag","tag":"tag"}'],
    ["/r/team%2Fapp%2Ftag%2Fv1", '/r/{repository} {"repository":"team/app/tag/v1"}'],
    [
      "/r/team%2Fapp%2Ftag/tag/v1",
      '/r/{repository}/tag/{tag} {"repository":"team/app/tag","tag":"v1"}',
    ],
    ["/r/team", "none"],
    ["/r/", "none"],
    ["/o/all", "/o/all {}"],
    ["/o/a%20b", '/o/{orgname} {"orgname":"a b"}'],
    ["/o/%zz", "none"],
    ["/o/a%00b", "none"],
    ["/o//team/x", "none"],
    ["//", "none"],
    ["", "none"],
  ] as const) {
    assert.equal(found("GET", path), expected, path);
  }
});

test("a path is there for some methods and not for others", () => {
  assert.equal(found("HEAD", "/o/x"), '/o/{orgname} {"orgname":"x"}');
  assert.equal(found("POST", "/o/x"), "for GET, HEAD");
  assert.equal(found("PUT", "/r/team/app/tag/v1"), "for DELETE, GET, HEAD");
  assert.equal(found("DELETE", "/r/team/app"), "for GET, HEAD, PUT");
});

test("any repository and tag are found as they were written", () => {
  const name = fc
    .array(fc.stringMatching(/^[a-z0-9]{1,5}$/), { minLength: 2, maxLength: 5 })
    .map((parts) => parts.join("/"));
  fc.assert(
    fc.property(name, fc.stringMatching(/^[\w.-]{1,20}$/), (repository, tag) => {
      const path = `/r/${encodeURIComponent(repository)}/tag/${encodeURIComponent(tag)}`;
      const lookup = TABLE.find("GET", path);
      assert.deepEqual(lookup.kind === "found" && lookup.parameters, { repository, tag });
    }),
  );
});
