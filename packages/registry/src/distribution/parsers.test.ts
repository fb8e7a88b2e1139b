import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import fc from "fast-check";
import { byteRange } from "../http/byte-range.ts";
import type { Exchange } from "../http/exchange.ts";
import { RegistryError } from "../http/registry-error.ts";
import { pageOf } from "./page.ts";
import { parseReference } from "./reference.ts";
import { parseRoute } from "./route.ts";
import { makeUploadId, openUploadId } from "./upload-id.ts";

/** Checks a property with a seed that is printed. */
function check<T>(t: TestContext, arbitrary: fc.Arbitrary<T>, holds: (value: T) => void): void {
  const seed = Date.now();
  t.diagnostic(`seed ${seed}`);
  fc.assert(fc.property(arbitrary, holds), { seed, numRuns: 300 });
}

const words = fc.constantFrom(
  "v2",
  "blobs",
  "uploads",
  "manifests",
  "tags",
  "list",
  "referrers",
  "_catalog",
  "auth",
  "team",
  "app",
  "",
  "..",
  ".",
  "%2e",
  "%2f",
  "%00",
  "%",
  "%ff",
  "sha256:aa",
  "@",
  "é",
);

test("a path is read from its end, whatever the words in the name of the repository", () => {
  const names = [
    "team/app",
    "team/blobs",
    "team/blobs/uploads",
    "team/manifests",
    "team/tags",
    "team/tags/list",
    "team/referrers/x",
    "v2/auth",
  ];
  for (const name of names) {
    assert.deepEqual(parseRoute(`/v2/${name}/manifests/latest`), {
      kind: "manifest",
      name,
      reference: "latest",
    });
    assert.deepEqual(parseRoute(`/v2/${name}/blobs/sha256:aa`), {
      kind: "blob",
      name,
      digest: "sha256:aa",
    });
    assert.deepEqual(parseRoute(`/v2/${name}/blobs/uploads/`), { kind: "uploads", name });
    assert.deepEqual(parseRoute(`/v2/${name}/blobs/uploads`), { kind: "uploads", name });
    assert.deepEqual(parseRoute(`/v2/${name}/blobs/uploads/abc`), {
      kind: "upload",
      name,
      id: "abc",
    });
    assert.deepEqual(parseRoute(`/v2/${name}/tags/list`), { kind: "tags", name });
    assert.deepEqual(parseRoute(`/v2/${name}/referrers/sha256:aa`), {
      kind: "referrers",
      name,
      digest: "sha256:aa",
    });
  }
  for (const path of ["/v2/", "/v2"]) assert.deepEqual(parseRoute(path), { kind: "base" });
  assert.deepEqual(parseRoute("/v2/_catalog"), { kind: "catalog" });
  assert.deepEqual(parseRoute("/v2/auth"), { kind: "token" });
  assert.deepEqual(parseRoute("/v2/team/app/manifests/sha256%3Aaa"), {
    kind: "manifest",
    name: "team/app",
    reference: "sha256:aa",
  });
  for (const path of [
    "/v2/x",
    "/v2/team/app",
    "/v2/team/app/tags",
    "/v2/team/app/tags/list/",
    "/v2//",
  ]) {
    assert.equal(parseRoute(path), undefined, path);
  }
});

test("no path hides a slash, and none is more than read or refused", (t) => {
  check(t, fc.array(fc.oneof(words, fc.string()), { maxLength: 8 }), (parts) => {
    try {
      const route = parseRoute(`/v2/${parts.join("/")}`);
      if (route === undefined) return;
      for (const text of [
        "reference" in route ? route.reference : "",
        "digest" in route ? route.digest : "",
        "id" in route ? route.id : "",
      ])
        assert.ok(!text.includes("/"), text);
    } catch (error) {
      assert.ok(error instanceof RegistryError && error.code === "NAME_INVALID", String(error));
    }
  });
});

test("a reference is a tag or a digest", (t) => {
  for (const tag of ["latest", "v1.0-rc_1", "_x", "A", "1", "a".repeat(128)]) {
    assert.deepEqual(parseReference(tag), { kind: "tag", tag });
  }
  const digest = `sha256:${"0".repeat(64)}`;
  assert.deepEqual(parseReference(digest), { kind: "digest", digest });
  for (const text of [
    "",
    ".a",
    "-a",
    "a b",
    "a\0",
    "a\n",
    "é",
    "a/b",
    "a".repeat(129),
    "..",
    "a@b",
  ]) {
    assert.throws(() => parseReference(text), { code: "TAG_INVALID", status: 400 }, text);
  }
  for (const text of [
    ":",
    "sha256:",
    `sha256:${"A".repeat(64)}`,
    `sha256:${"0".repeat(63)}`,
    `md5:${"0".repeat(32)}`,
    `${digest}\n`,
    "a:b:c",
  ]) {
    assert.throws(() => parseReference(text), { code: "DIGEST_INVALID", status: 400 }, text);
  }
  check(t, fc.oneof(fc.string(), fc.string({ unit: "binary" })), (text) => {
    try {
      const reference = parseReference(text);
      assert.match(reference.kind === "tag" ? reference.tag : reference.digest, /^[\w.:-]+$/);
    } catch (error) {
      assert.ok(error instanceof RegistryError && error.status === 400);
      assert.ok(JSON.stringify(error.detail).length < 4000);
    }
  });
});

test("a range is inside of what there is", (t) => {
  const cases: [string | undefined, number, ReturnType<typeof byteRange>][] = [
    [undefined, 10, "whole"],
    ["bytes=0-0", 10, { start: 0, end: 1 }],
    ["bytes=0-", 10, { start: 0, end: 10 }],
    ["bytes=9-", 10, { start: 9, end: 10 }],
    ["bytes=-3", 10, { start: 7, end: 10 }],
    ["bytes=-30", 10, { start: 0, end: 10 }],
    ["bytes=5-99999999999999999999", 10, { start: 5, end: 10 }],
    [" Bytes = 2 - 4 ", 10, { start: 2, end: 5 }],
    ["bytes=10-", 10, "unsatisfiable"],
    ["bytes=99999999999999999999-", 10, "unsatisfiable"],
    ["bytes=5-4", 10, "unsatisfiable"],
    ["bytes=-0", 10, "unsatisfiable"],
    ["bytes=0-0", 0, "unsatisfiable"],
    ["bytes=-1", 0, "unsatisfiable"],
    ["bytes=0-1,3-4", 10, "whole"],
    ["bytes=-", 10, "whole"],
    ["bytes=a-b", 10, "whole"],
    ["bytes=1e1-", 10, "whole"],
    ["items=0-1", 10, "whole"],
    ["", 10, "whole"],
  ];
  for (const [header, size, expected] of cases)
    assert.deepEqual(byteRange(header, size), expected, header ?? "no header");
  const huge = fc.bigInt({ min: 0n, max: 10n ** 30n }).map((value) => value.toString());
  const number = fc.oneof(
    fc.nat().map((value) => value.toString()),
    fc.constant(""),
    huge,
  );
  const header = fc.oneof(
    fc.string(),
    fc.tuple(number, number).map(([a, b]) => `bytes=${a}-${b}`),
  );
  check(t, fc.tuple(header, fc.nat()), ([text, size]) => {
    const range = byteRange(text, size);
    if (typeof range === "string") return;
    assert.ok(Number.isSafeInteger(range.start) && Number.isSafeInteger(range.end));
    assert.ok(range.start >= 0 && range.start < range.end && range.end <= size);
  });
});

test("an upload's id is good for whom it was made, as long as it may be, unchanged", (t) => {
  const key = Buffer.alloc(32, 1);
  const owner = { repositoryId: 7, holder: "3" };
  const now = 1_800_000_000_000;
  const id = makeUploadId(key, owner, now);
  const name = openUploadId(key, id, owner, now, 1000);
  assert.match(name ?? "", /^[0-9a-f]{32}$/);
  assert.equal(openUploadId(key, id, owner, now + 1000, 1000), name);
  assert.equal(openUploadId(key, id, owner, now + 1001, 1000), undefined);
  assert.notEqual(makeUploadId(key, owner, now), id);
  for (const other of [
    { ...owner, repositoryId: 8 },
    { ...owner, holder: "33" },
    { repositoryId: 73, holder: "" },
  ]) {
    assert.equal(openUploadId(key, id, other, now, 1000), undefined);
  }
  assert.equal(openUploadId(Buffer.alloc(32, 2), id, owner, now, 1000), undefined);
  check(
    t,
    fc.tuple(fc.nat({ max: id.length - 1 }), fc.constantFrom(..."0123456789abcdefG/.%")),
    ([at, digit]) => {
      const changed = id.slice(0, at) + digit + id.slice(at + 1);
      const opened = openUploadId(key, changed, owner, now, 1000);
      assert.equal(opened, changed === id ? name : undefined);
    },
  );
  check(
    t,
    fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 70, maxLength: 74 }),
    ),
    (text) => {
      assert.equal(openUploadId(key, text, owner, now, 1000), undefined);
    },
  );
});

test("a page is at most what the registry gives", (t) => {
  const page = (search: string): ReturnType<typeof pageOf> =>
    // pageOf looks at nothing else of an exchange.
    pageOf({ query: new URLSearchParams(search) } as Exchange, 100);
  assert.deepEqual(page(""), { limit: 100, after: undefined });
  assert.deepEqual(page("n="), { limit: 100, after: undefined });
  assert.deepEqual(page("n=0"), { limit: 0, after: undefined });
  assert.deepEqual(page("n=7&last=a%20b&n=9"), { limit: 7, after: "a b" });
  assert.deepEqual(page("n=999999999999999"), { limit: 100, after: undefined });
  for (const n of ["-1", "+1", "1.0", "1e1", "0x1", "x", " 1", "9".repeat(16), "%00", "١"]) {
    assert.throws(
      () => page(`n=${n}`),
      { code: "PAGINATION_NUMBER_INVALID", detail: { parameter: "n" } },
      n,
    );
  }
  assert.throws(() => page("last=a%00"), {
    code: "PARAMETER_INVALID",
    detail: { parameter: "last" },
  });
  check(t, fc.record({ n: fc.string(), last: fc.string({ unit: "binary" }) }), (query) => {
    try {
      const { limit } = page(new URLSearchParams(query).toString());
      assert.ok(Number.isInteger(limit) && limit >= 0 && limit <= 100);
    } catch (error) {
      assert.ok(error instanceof RegistryError && error.status === 400);
    }
  });
});
