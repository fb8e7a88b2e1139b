import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { parseTag } from "../transports/image-name.ts";
import { pushImages } from "./push-image.ts";
import { login, LOGGED_OUT } from "./testing/login.ts";
import { missingProgram } from "./testing/missing-program.ts";
import { openClient } from "./testing/open-client.ts";
import { pullTag, pushSample, sampleImage, withSquashed } from "./testing/sample.ts";
import { type RunningRegistry, startRegistry, USER } from "./testing/start-registry.ts";
import { IDENTITY_TOKEN, startTokenFront, type TokenFront } from "./testing/token-front.ts";

const WRONG = { username: USER.username, password: "wrong-secret" };

suite("a registry with Basic authentication", { skip: missingProgram("docker-registry") }, () => {
  let registry: RunningRegistry;
  before(async () => {
    registry = await startRegistry({ basicAuth: true });
  });
  after(async () => {
    await registry[Symbol.asyncDispose]();
  });

  test("lets in who has logged in", async () => {
    await using user = await login(registry.host);
    using client = await openClient(`${registry.host}/team/app`, user);
    await pushSample(client, "1");
    await using source = await pullTag(client, "1");
    assert.equal(source.images.length, 1);
  });

  test("is told apart from one without credentials", async () => {
    using client = await openClient(`${registry.host}/team/app`);
    await assert.rejects(pullTag(client, "1"), {
      code: "denied",
      message: /wants credentials for team\/app, and there are none/,
      hint: new RegExp(`docker login ${registry.host}`),
    });
  });

  test("refuses wrong credentials, which are not shown", async () => {
    await using user = await login(registry.host, WRONG);
    using client = await openClient(`${registry.host}/team/app`, user);
    await assert.rejects(
      pullTag(client, "1"),
      withoutSecrets({ code: "denied", message: /refuses the credentials/ }),
    );
  });

  test("tells why a credential helper gave nothing", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "helper-"));
    await writeFile(join(folder.path, "config.json"), JSON.stringify({ credsStore: "absent" }));
    const env = { ...LOGGED_OUT, DOCKER_CONFIG: folder.path, PATH: "/nonexistent" };
    using client = await openClient(`${registry.host}/team/app`, { env });
    await assert.rejects(pullTag(client, "1"), {
      code: "denied",
      message: /docker-credential-absent is not installed/,
    });
  });
});

suite("a registry with tokens", { skip: missingProgram("docker-registry") }, () => {
  let registry: RunningRegistry;
  let front: TokenFront;
  before(async () => {
    registry = await startRegistry();
    front = await startTokenFront(registry.host);
  });
  after(async () => {
    await front[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });

  test("gives a token for pushing and one for pulling, each used for all requests", async () => {
    await using user = await login(front.host);
    using client = await openClient(`${front.host}/team/app`, user);
    const before = front.tokens.length;
    await pushSample(client, "1");
    await using source = await pullTag(client, "1");
    assert.equal(source.images[0]?.layers.length, 3);
    assert.deepEqual(front.tokens.slice(before), [
      { scopes: ["repository:team/app:pull,push"], grant: "password" },
      { scopes: ["repository:team/app:pull"], grant: "password" },
    ]);
  });

  test("gives a token for an identity token", async () => {
    await using user = await login(front.host, { identitytoken: IDENTITY_TOKEN });
    using client = await openClient(`${front.host}/team/app`, user);
    await pushSample(client, "refresh");
    assert.equal(front.tokens.at(-1)?.grant, "refresh");
  });

  test("lets everybody pull what is public, and nobody push", async () => {
    await using user = await login(front.host);
    using owner = await openClient(`${front.host}/public/app`, user);
    await pushSample(owner, "1");
    using client = await openClient(`${front.host}/public/app`);
    await using source = await pullTag(client, "1");
    assert.equal(source.images.length, 1);
    await assert.rejects(pushSample(client, "2"), { code: "denied", message: /wants credentials/ });
  });

  test("refuses wrong credentials, which are not shown", async () => {
    await using user = await login(front.host, WRONG);
    using client = await openClient(`${front.host}/team/app`, user);
    await assert.rejects(pullTag(client, "1"), withoutSecrets({ code: "denied" }));
  });

  test("is asked for a new token when the old one is worth nothing", async () => {
    await using user = await login(front.host);
    using client = await openClient(`${front.host}/team/app`, user);
    await pushSample(client, "3");
    front.revoke();
    await using source = await pullTag(client, "3");
    front.revoke();
    await withSquashed(source, 1, (image) => pushSample(client, "4", [image]));
  });

  test("is asked for both repositories when a layer is mounted", async () => {
    await using user = await login(front.host);
    using from = await openClient(`${front.host}/team/source`, user);
    await pushSample(from, "1");
    await using source = await pullTag(from, "1");
    using client = await openClient(`${front.host}/team/target`, user);
    await withSquashed(source, 1, async (image) => {
      await pushImages(client, [image], { tags: [parseTag("1")], mountFrom: "team/source" });
    });
    assert.ok(
      front.tokens.some(
        ({ scopes }) => scopes.includes("repository:team/source:pull") && scopes.length > 1,
      ),
      JSON.stringify(front.tokens),
    );
    assert.ok(
      registry.log.some((line) =>
        /POST \/v2\/team\/target\/blobs\/uploads\/\?mount=.* 201/.test(line),
      ),
    );
  });

  test("is asked again during an upload whose token was revoked", async () => {
    await using user = await login(front.host);
    using client = await openClient(`${front.host}/team/revoked`, user);
    let revoked = false;
    const image = sampleImage();
    await pushSample(client, "1", [
      {
        ...image,
        layers: image.layers.map((layer) => ({
          ...layer,
          async writeTo(sink, signal) {
            if (!revoked) front.revoke();
            revoked = true;
            await layer.writeTo(sink, signal);
          },
        })),
      },
    ]);
    await using source = await pullTag(client, "1");
    assert.equal(source.images.length, 1);
  });
});

function withoutSecrets({
  code,
  message,
}: {
  code: string;
  message?: RegExp;
}): (error: Error & { code?: string }) => true {
  return (error) => {
    assert.equal(error.code, code);
    if (message !== undefined) assert.match(error.message, message);
    const shown = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    assert.ok(
      !shown.includes(WRONG.password) &&
        !shown.includes(btoa(`${WRONG.username}:${WRONG.password}`)),
      shown,
    );
    return true;
  };
}
