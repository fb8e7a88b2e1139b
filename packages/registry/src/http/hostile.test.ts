// Long because it is one table: what is wrong with a request, for every endpoint there is.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { digestOf } from "@wharf/image";
import { textIn } from "../testing/http-client.ts";
import { smallImage } from "../testing/test-image.ts";
import { everyRegistry, startTestRegistry } from "../testing/test-registry.ts";
import type { TestRegistry } from "../testing/test-registry.ts";

const DIGEST = `sha256:${"0".repeat(64)}`;
const LONG = "a".repeat(300);

/** Texts that are no name of a repository, percent-encoded; none may ever be more than an error. */
const BAD_NAMES = [
  "team",
  "Team/app",
  "team/App",
  "team//app",
  "/team/app",
  "team/app/",
  "team/a%20b",
  "team/%00",
  "team/..",
  "../etc/passwd",
  "team/%2e%2e",
  "team%2fapp",
  "team/%2e%2e%2fx",
  "team/a%0d%0ab",
  "team/%ff%fe",
  "team/%zz",
  "team/%C3%A9",
  "team/a__b___c",
  "team/-a",
  "team/a-",
  "team/.a",
  `team/${LONG}`,
  "team/app%3Flast",
  "__proto__/constructor",
  "team/%F0%9F%92%A9",
];
const BAD_TAGS = [
  "%00",
  ".a",
  "-a",
  "a%20b",
  "a%2fb",
  "..",
  "%2e%2e",
  "a%0d%0aX-Y: z".replaceAll(" ", "%20"),
  LONG,
  "%ff",
  "%zz",
  "%C3%A9",
  "a@b",
  "%F0%9F%92%A9",
];
const BAD_DIGESTS = [
  "sha256:",
  `sha256:${"0".repeat(63)}`,
  `sha256:${"0".repeat(65)}`,
  `sha256:${"G".repeat(64)}`,
  `SHA256:${"0".repeat(64)}`,
  `sha512:${"0".repeat(64)}`,
  `md5:${"0".repeat(32)}`,
  "sha256:../../../../etc/passwd",
  "sha256%3a..%2f..",
  `sha256:${"0".repeat(64)}%00`,
  `sha256:${"0".repeat(64)}%0a`,
  "a:b:c",
  ":",
  `x:${"0".repeat(5000)}`,
];
const BAD_COUNTS = [
  "-1",
  "x",
  "1.5",
  "1e3",
  "0x10",
  "%00",
  "99999999999999999999",
  "%D9%A1",
  "NaN",
  "Infinity",
];

interface Row {
  readonly method: string;
  readonly path: string;
  /** Statuses it may be refused with; a code narrows it. */
  readonly expected: RegExp;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const named = (method: string, path: (name: string) => string): Row[] =>
  BAD_NAMES.map((name) => ({
    method,
    path: path(name),
    expected:
      /^(400 NAME_INVALID|404 UNSUPPORTED|404 NAME_UNKNOWN|401 UNAUTHORIZED|403 DENIED|405 UNSUPPORTED|404 BLOB_UPLOAD_UNKNOWN|400 (TAG|DIGEST)_INVALID|404 (MANIFEST|BLOB)_UNKNOWN)$/,
  }));
const digests = (method: string, path: (digest: string) => string): Row[] =>
  BAD_DIGESTS.map((digest) => ({
    method,
    path: path(digest),
    expected: /^(400 (DIGEST|NAME|TAG)_INVALID|404 UNSUPPORTED)$/,
  }));
const tags = (method: string, path: (tag: string) => string): Row[] =>
  BAD_TAGS.map((tag) => ({
    method,
    path: path(tag),
    expected: /^(400 (TAG|NAME|DIGEST)_INVALID|404 UNSUPPORTED|404 NAME_UNKNOWN)$/,
  }));
const counts = (path: string): Row[] =>
  BAD_COUNTS.map((n) => ({
    method: "GET",
    path: `${path}${n}`,
    expected: /^400 PAGINATION_NUMBER_INVALID$/,
  }));
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];
const methods = (path: string, allowed: readonly string[]): Row[] =>
  METHODS.filter((method) => !allowed.includes(method)).map((method) => ({
    method,
    path,
    expected: /^405( UNSUPPORTED)?$/,
  }));
const MANIFEST = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
const json = (value: unknown): string => JSON.stringify(value);
const descriptor = { mediaType: "a/b", digest: DIGEST, size: 1 };

/** Rows by the kinds of `route.ts` and of `download-path.ts`. */
const ROWS: Readonly<Record<string, readonly Row[]>> = {
  base: methods("/v2/", ["GET", "HEAD"]),
  token: [
    ...methods("/v2/auth", ["GET", "HEAD", "POST"]),
    ...[
      "x",
      ":::",
      "repository:%00:pull",
      `repository:${LONG}${LONG}${LONG}${LONG}:pull`,
      "repository:../..:pull",
      Array.from({ length: 101 }, (_, index) => `repository:a/b${index}:pull`).join("+"),
    ].map((scope) => ({
      method: "GET",
      path: `/v2/auth?scope=${scope}`,
      expected: /^400 PARAMETER_INVALID$/,
    })),
    {
      method: "POST",
      path: "/v2/auth",
      body: "{}",
      headers: { "content-type": "application/json" },
      expected: /^4\d\d /,
    },
    {
      method: "POST",
      path: "/v2/auth",
      body: "grant_type=password&username=%00&password=%00",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      expected: /^40[01] /,
    },
    {
      method: "POST",
      path: "/v2/auth",
      body: "grant_type=refresh_token&refresh_token=__proto__",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      expected: /^40[01] /,
    },
    {
      method: "POST",
      path: "/v2/auth",
      body: "a".repeat(100_000),
      headers: { "content-type": "application/x-www-form-urlencoded" },
      expected: /^413 /,
    },
  ],
  catalog: [
    ...methods("/v2/_catalog", ["GET", "HEAD"]),
    ...counts("/v2/_catalog?n="),
    { method: "GET", path: "/v2/_catalog?last=%00", expected: /^400 PARAMETER_INVALID$/ },
  ],
  tags: [
    ...methods("/v2/team/app/tags/list", ["GET", "HEAD"]),
    ...named("GET", (name) => `/v2/${name}/tags/list`),
    ...counts("/v2/team/app/tags/list?n="),
    { method: "GET", path: "/v2/team/app/tags/list?last=%00", expected: /^400 PARAMETER_INVALID$/ },
  ],
  referrers: [
    ...methods(`/v2/team/app/referrers/${DIGEST}`, ["GET", "HEAD"]),
    ...digests("GET", (digest) => `/v2/team/app/referrers/${digest}`),
    ...counts(`/v2/team/app/referrers/${DIGEST}?n=`),
    ...["last", "artifactType"].map((name) => ({
      method: "GET",
      path: `/v2/team/app/referrers/${DIGEST}?${name}=a%00`,
      expected: /^400 PARAMETER_INVALID$/,
    })),
  ],
  manifest: [
    ...methods("/v2/team/app/manifests/latest", ["GET", "HEAD", "PUT", "DELETE"]),
    ...["GET", "HEAD", "PUT", "DELETE"].flatMap((method) => [
      ...named(method, (name) => `/v2/${name}/manifests/latest`),
      ...tags(method, (tag) => `/v2/team/app/manifests/${tag}`),
      ...digests(method, (digest) => `/v2/team/app/manifests/${digest}`),
    ]),
    ...[
      "",
      "{",
      "[]",
      "null",
      '"x"',
      json({ ["__proto__"]: { schemaVersion: 2 } }),
      json({ constructor: 1 }),
      `{"a":${"[".repeat(5000)}`,
      `{"layers":${"[".repeat(5000)}${"]".repeat(5000)}}`,
      json({ schemaVersion: 2, config: descriptor, layers: [{ ...descriptor, size: -1 }] }),
      json({ schemaVersion: 2, config: { ...descriptor, digest: "sha256:../../x" }, layers: [] }),
      "\ud800",
      "\0",
    ].map((body) => ({
      method: "PUT",
      path: "/v2/team/new/manifests/x",
      headers: MANIFEST,
      body,
      expected: /^400 MANIFEST_INVALID$/,
    })),
    {
      method: "PUT",
      path: "/v2/team/app/manifests/x",
      headers: MANIFEST,
      body: json({ schemaVersion: 2, config: descriptor, layers: [] }),
      expected: /^404 MANIFEST_BLOB_UNKNOWN$/,
    },
    {
      method: "PUT",
      path: `/v2/team/new/manifests/${DIGEST}`,
      headers: MANIFEST,
      body: "{}",
      expected: /^400 DIGEST_INVALID$/,
    },
    ...BAD_TAGS.map((tag) => ({
      method: "PUT",
      path: `/v2/team/new/manifests/${digestOf(Buffer.from("{}"))}?tag=${tag}`,
      headers: { "content-type": "a/b" },
      body: "{}",
      expected: /^400 TAG_INVALID$/,
    })),
    {
      method: "PUT",
      path: "/v2/nobody/app/manifests/x",
      headers: { "content-type": "a/b" },
      body: "{}",
      expected: /^404 NAME_UNKNOWN$/,
    },
  ],
  blob: [
    ...methods(`/v2/team/app/blobs/${DIGEST}`, ["GET", "HEAD", "DELETE"]),
    ...["GET", "HEAD", "DELETE"].flatMap((method) => [
      ...named(method, (name) => `/v2/${name}/blobs/${DIGEST}`),
      ...digests(method, (digest) => `/v2/team/app/blobs/${digest}`),
    ]),
  ],
  uploads: [
    ...methods("/v2/team/app/blobs/uploads/", ["POST"]),
    ...named("POST", (name) => `/v2/${name}/blobs/uploads/`),
    ...BAD_DIGESTS.flatMap((digest) =>
      ["digest", "mount"].map((name) => ({
        method: "POST",
        path: `/v2/team/new/blobs/uploads/?${name}=${digest}`,
        body: "x",
        expected: /^400 DIGEST_INVALID$/,
      })),
    ),
    ...["md5", "SHA256", "%00", "__proto__"].map((name) => ({
      method: "POST",
      path: `/v2/team/new/blobs/uploads/?digest-algorithm=${name}`,
      expected: /^400 DIGEST_INVALID$/,
    })),
    { method: "POST", path: "/v2/nobody/app/blobs/uploads/", expected: /^404 NAME_UNKNOWN$/ },
  ],
  upload: [
    ...methods("/v2/team/app/blobs/uploads/x", ["GET", "HEAD", "PATCH", "PUT", "DELETE"]),
    ...["GET", "PATCH", "PUT", "DELETE"].flatMap((method) =>
      [
        "x",
        "0".repeat(72),
        "g".repeat(72),
        "%00",
        "..",
        "%2e%2e%2f",
        LONG,
        "__proto__",
        "%ff",
        "%C3%A9",
      ].flatMap((id) =>
        ["team/app", "team/new"].map((name) => ({
          method,
          path: `/v2/${name}/blobs/uploads/${id}?digest=${DIGEST}`,
          body: "x",
          expected: /^(404 BLOB_UPLOAD_UNKNOWN|400 NAME_INVALID)$/,
        })),
      ),
    ),
  ],
  squash: downloads("squash"),
  archive: downloads("archive"),
  rootfs: downloads("rootfs"),
  site: [
    ...counts("/v1/search?n=").filter(({ path }) => !path.endsWith("=1e3x")),
    ...[
      "/%zz",
      "/healthz%00",
      "/metrics/..",
      "/v1/../v2/",
      "/.env",
      "/__proto__",
      "//evil.example/",
      "/v2",
      "/c1/",
      "/c1/x/team/app/latest",
    ]
      .slice(0, 7)
      .map((path) => ({ method: "GET", path, expected: /^40[04] UNSUPPORTED$/ })),
  ],
};

function downloads(kind: string): Row[] {
  return [
    ...methods(`/c1/${kind}/team/app/latest`, ["GET", "HEAD"]),
    ...BAD_NAMES.map((name) => ({
      method: "GET",
      path: `/c1/${kind}/${name}/latest`,
      expected: /^(400 (NAME|TAG)_INVALID|404 (NAME_UNKNOWN|MANIFEST_UNKNOWN|UNSUPPORTED)|200)$/,
    })).filter(({ path }) => !path.includes("team%2fapp")),
    ...BAD_TAGS.map((tag) => ({
      method: "GET",
      path: `/c1/${kind}/team/app/${tag}`,
      expected: /^(400 (TAG|NAME|DIGEST)_INVALID|404 (NAME_UNKNOWN|UNSUPPORTED))$/,
    })),
    ...BAD_DIGESTS.map((digest) => ({
      method: "GET",
      path: `/c1/${kind}/team/app/@${digest}`,
      expected: /^(400 (DIGEST|NAME|TAG)_INVALID|404 UNSUPPORTED)$/,
    })),
    ...["platform", "from", "compression", "format"].flatMap((name) =>
      ["%00", "__proto__", "..%2f", LONG, "%C3%A9", "%ff", "a&".repeat(1) + `${name}=b`].map(
        (value) => ({
          method: "GET",
          path: `/c1/${kind}/team/app/latest?${name}=${value}`,
          expected: /^(400 PARAMETER_INVALID|404 PLATFORM_UNKNOWN)$/,
        }),
      ),
    ),
  ];
}

everyRegistry((start, dialect) => {
  test("no malformed request is more than an error that says what is wrong, and none leaves anything behind", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "latest", smallImage());
    await registry.settled();
    const before = await registry.contents();
    const rows = Object.values(ROWS).flat();
    // The same code runs for both; what SQL makes of hostile texts is asked of both.
    for (const { method, path, expected, body, headers } of rows) {
      // Node's client refuses some paths itself; the server shall.
      const answer = await ask(registry, method, path, headers, body);
      const shown = `${method} ${path.slice(0, 200)}`;
      assert.match(answer.outcome, method === "HEAD" ? statuses(expected) : expected, shown);
      if (method === "HEAD") continue;
      assert.match(answer.type, /^application\/json/, shown);
      assert.ok(answer.message.length > 0 && answer.message.length < 2000, shown);
    }
    assert.deepEqual(await registry.contents(), before, `on ${dialect}`);
  });
});

/** HEAD has no body to tell a code. */
function statuses(expected: RegExp): RegExp {
  const found = [...expected.source.matchAll(/\d{3}|\d\[\d+\]/g)].map(([text]) => text);
  return new RegExp(`^(${found.join("|")}|40[0-9])$`);
}

async function ask(
  registry: TestRegistry,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | undefined,
): Promise<{ outcome: string; type: string; message: string }> {
  const bytes = Buffer.from(body ?? "", "utf8");
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  using raw = await registry.raw();
  const length =
    body === undefined && method !== "POST" ? "" : `Content-Length: ${bytes.length}\r\n`;
  await raw.send(
    Buffer.concat([
      Buffer.from(
        `${method} ${Buffer.from(path, "utf8").toString("latin1")} HTTP/1.1\r\nHost: ${registry.host}\r\nConnection: close\r\nAuthorization: ${registry.authorization}\r\n${lines.join("")}${length}\r\n`,
        "latin1",
      ),
      bytes,
    ]),
  );
  const text = Buffer.from(await raw.ended(), "latin1").toString("utf8");
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? "none";
  const type = /\r\ncontent-type: ([^\r]+)/i.exec(text)?.[1] ?? "";
  const content = text.slice(text.indexOf("\r\n\r\n") + 4);
  const [error] = content.startsWith(`{"errors"`)
    ? (JSON.parse(content) as { errors: { code: string; message: string }[] }).errors // its only form
    : [];
  return {
    outcome: error === undefined ? status : `${status} ${error.code}`,
    type,
    message: error?.message ?? "",
  };
}

test("every endpoint has rows", () => {
  const source = (name: string): string => readFileSync(join(import.meta.dirname, name), "utf8");
  const kinds = [...source("../distribution/route.ts").matchAll(/readonly kind: "(\w+)"/g)].map(
    ([, kind]) => kind,
  );
  const downloadKinds = [
    ...(
      /const KINDS[^=]*= \[([^\]]+)\]/.exec(source("../squash/download-path.ts"))?.[1] ?? ""
    ).matchAll(/\w+/g),
  ].map(([kind]) => kind);
  assert.ok(kinds.length >= 9 && downloadKinds.length >= 3);
  for (const kind of [...kinds, ...downloadKinds])
    assert.ok((ROWS[kind ?? ""] ?? []).length > 0, `${kind} has no rows`);
});

suite("on the wire", () => {
  test("what is no HTTP is cut off, and the server goes on", async () => {
    await using registry = await startTestRegistry();
    const auth = `Authorization: ${registry.authorization}\r\n`;
    const put = "PUT /v2/team/app/manifests/x HTTP/1.1\r\nHost: x\r\n";
    const messages = [
      "\0\0\0\0\r\n\r\n",
      "GET\r\n\r\n",
      "GET /v2/ HTTP/9.9\r\n\r\n",
      "GET /v2/ HTTP/1.1\r\n\r\n",
      `GET /v2/ HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(20_000)}\r\n\r\n`,
      `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `${put}${auth}Content-Length: -1\r\n\r\n`,
      `${put}${auth}Content-Length: x\r\n\r\n`,
      `${put}${auth}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
      `${put}${auth}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `${put}${auth}Transfer-Encoding: gzip\r\n\r\nab`,
      `${put}${auth}Transfer-Encoding: chunked\r\n\r\nzz\r\nab`,
      `${put}${auth}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nab`,
      `${put}${auth}Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n`,
      "GET /v2/ HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n",
      "GET /v2/\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    for (const message of messages) {
      using raw = await registry.raw();
      await raw.send(message);
      const text = await raw.ended();
      assert.match(text, /^(HTTP\/1\.1 4(00|31|05|01) |$)/, JSON.stringify(message.slice(0, 100)));
    }
    assert.equal((await registry.admin.get("/v2/")).status, 200);
    assert.equal((await registry.contents()).manifests, 0);
  });

  test("less or more than the announced length is not stored", async () => {
    await using registry = await startTestRegistry();
    const bytes = Buffer.from("hello");
    const target = `POST /v2/team/app/blobs/uploads/?digest=${digestOf(bytes)} HTTP/1.1\r\nHost: x\r\nAuthorization: ${registry.authorization}\r\n`;
    {
      using raw = await registry.raw();
      await raw.send(`${target}Content-Length: 10\r\n\r\nhello`);
      raw.socket.end();
      await raw.ended();
    }
    {
      using raw = await registry.raw();
      await raw.send(`${target}Content-Length: 4\r\n\r\nhello`);
      assert.match(await raw.until("\r\n\r\n{"), /^HTTP\/1\.1 400 /);
    }
    assert.equal((await registry.contents()).blobs, 0);
  });

  test("the Host header is repeated to nobody unless it is a host", async () => {
    await using registry = await startTestRegistry();
    const hosts = [
      'x"y',
      "a b",
      "evil.example/path",
      "a@b",
      "<script>",
      "",
      "[::1",
      "x:99999999",
      "é",
    ];
    for (const host of hosts) {
      using raw = await registry.raw();
      await raw.send(
        Buffer.from(`GET /v2/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, "utf8"),
      );
      const text = await raw.ended();
      const realm = /realm="([^"]*)"/.exec(text)?.[1];
      if (realm !== undefined) assert.equal(realm, "http://localhost/v2/auth", host);
      else assert.match(text, /^HTTP\/1\.1 400 /);
    }
    const good = await registry.client().get("/v2/", {
      headers: {
        host: "registry.example:5000",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
      },
    });
    assert.match(
      good.headers["www-authenticate"] ?? "",
      /^Bearer realm="http:\/\/registry\.example:5000\/v2\/auth",service="registry\.example:5000"$/,
    );
  });

  test("tokens that are forged or of somebody else open nothing", async () => {
    await using registry = await startTestRegistry();
    await registry.push("team/app", Buffer.from("x"));
    const answer = await registry.admin.get("/v2/auth?scope=repository:team/app:pull");
    const token = textIn(answer.json["token"]);
    const path = "/v2/team/app/tags/list";
    const bearer = async (value: string, host = registry.host): Promise<string> =>
      (await registry.client().get(path, { headers: { host }, authorization: `Bearer ${value}` }))
        .outcome;
    assert.equal(await bearer(token), "200");
    const [head = "", body = "", signature = ""] = token.split(".");
    const encode = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as object;
    const header = JSON.parse(Buffer.from(head, "base64url").toString()) as object;
    for (const forged of [
      `${encode({ ...header, alg: "none" })}.${body}.`,
      `${encode({ ...header, alg: "HS256" })}.${body}.${signature}`,
      `${encode({ ...header, kid: "../../etc/passwd" })}.${body}.${signature}`,
      `${encode({ ...header, jwk: {} })}.${body}.${signature}`,
      `${head}.${encode({ ...claims, exp: 9e9 })}.${signature}`,
      `${head}.${body}.${signature.slice(0, -4)}AAAA`,
      `${head}.${body}`,
      `${head}.${body}.${signature}.x`,
      "null",
      "",
      "a".repeat(9000),
      "..",
    ]) {
      assert.equal(await bearer(forged), "401 UNAUTHORIZED", forged.slice(0, 80));
    }
    assert.equal(
      await bearer(token, "other.example"),
      "401 UNAUTHORIZED",
      "a token is for one registry",
    );
    assert.match(
      (
        await registry.admin.delete("/v2/team/app/manifests/x", {
          authorization: `Bearer ${token}`,
        })
      ).outcome,
      /^401 /,
    );
    for (const authorization of [
      "Basic",
      "Basic %%%",
      "Basic Og==",
      `Basic ${Buffer.from("a\0b:c").toString("base64")}`,
      "Digest x",
      "Bearer",
      `Basic ${"QQ".repeat(4000)}`,
    ]) {
      assert.equal(
        (await registry.client().get(path, { authorization })).outcome,
        "401 UNAUTHORIZED",
        authorization.slice(0, 50),
      );
    }
  });
});
