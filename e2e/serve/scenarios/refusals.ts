import assert from "node:assert/strict";
import { before, test } from "node:test";

import { curlEnding } from "../../clients/curl.ts";
import type { Login } from "../../clients/wharf-server.ts";
import { run } from "../../command.ts";
import type { Scenario } from "../scenario.ts";
import { writeSmallContext } from "../small-image.ts";

/** Exit code of `curl -f` for an error status. */
const REFUSED = 22;

interface Answer {
  readonly status: number;
  readonly body: string;
}

export const REFUSALS: Scenario = {
  title: "wrong passwords, missing rights, unknown names",
  commands: [],
  declare: (world) => {
    const NOBODY: Login | undefined = undefined;
    const wrong = (login: Login): Login => ({ ...login, password: `${login.password}!` });

    before(async () => {
      const { podman, scratch, server } = world();
      await writeSmallContext(scratch.at("refusal-context"), { text: "for refusals" });
      await podman.buildah("bud", "--layers", "--tag=localhost/r:1", scratch.at("refusal-context"));
      for (const name of ["team/private:1", "team/public:1"]) {
        await podman.buildah("push", "--quiet", "localhost/r:1", `docker://${world().image(name)}`);
      }
      await server.wharfAdmin("repository", "change", "team/public", "--visibility", "public");
    });

    for (const kind of ["squash", "archive", "rootfs"]) {
      test(`/c1/${kind}: each refusal has its status, and curl -f writes nothing`, async () => {
        const { alice, bob } = world();
        const path = `/c1/${kind}/team`;
        for (const [why, login, rest, status] of [
          ["without a login", NOBODY, "private/1", 401],
          ["a wrong password", wrong(alice), "private/1", 401],
          ["a wrong password, though everybody may", wrong(alice), "public/1", 401],
          ["an unknown account", { name: "nemo", password: "nemo" }, "private/1", 401],
          ["somebody else's image", bob, "private/1", 404],
          ["no such image, without a login", NOBODY, "absent/1", 401],
          ["no such image, for somebody else", bob, "absent/1", 404],
          ["no such image", alice, "absent/1", 404],
          ["no such tag", alice, "private/2", 404],
          ["no such tag of a public image", NOBODY, "public/2", 404],
          ["no such manifest", alice, `private@sha256:${"0".repeat(64)}`, 404],
          ["not a tag", alice, "private/-", 400],
          ["not a digest", alice, "private@sha256:0", 400],
          ["no such platform", alice, "private/1?platform=linux/s390x", 404],
          ["not a platform", alice, "private/1?platform=linux", 400],
          ["not a compression", alice, "private/1?compression=lzma", 400],
        ] as const) {
          assert.equal((await get(`${path}/${rest}`, login)).status, status, why);
        }
        assert.equal((await get(`${path}/public/1`, NOBODY)).status, 200);
      });
    }

    test("who may not read an image cannot tell whether it exists", async () => {
      for (const login of [NOBODY, world().bob]) {
        for (const path of [
          "/c1/squash/team/NAME/1",
          "/v2/team/NAME/manifests/1",
          "/v2/team/NAME/manifests/1.squash",
          "/v2/team/NAME/tags/list",
          `/v2/team/NAME/blobs/sha256:${"0".repeat(64)}`,
          `/v2/team/NAME/referrers/sha256:${"0".repeat(64)}`,
        ]) {
          const [there, absent] = await Promise.all(
            ["private", "absent"].map((name) => get(path.replace("NAME", name), login)),
          );
          assert.ok(there !== undefined && absent !== undefined);
          // A list of referrers is never missing, but empty.
          const isEmpty = path.includes("/referrers/") && there.body.includes('"manifests":[]');
          assert.ok(isEmpty || [401, 404].includes(there.status), `${path}: ${there.status}`);
          assert.equal(there.status, absent.status, path);
          assert.equal(there.body.replaceAll("private", "absent"), absent.body, path);
        }
      }
    });

    test("skopeo is told the same: wrong password, missing rights, unknown tag", async () => {
      const inspect = (name: string, { name: user, password }: Login): Promise<string> =>
        world().skopeo(
          "inspect",
          "--creds",
          `${user}:${password}`,
          `docker://${world().image(name)}`,
        );
      const { alice, bob } = world();
      await assert.rejects(inspect("team/private:1", wrong(alice)), /invalid username\/password/);
      await assert.rejects(inspect("team/private:1", bob), /denied/);
      await assert.rejects(inspect("team/private:2", alice), /manifest unknown/);
      await assert.rejects(inspect("team/private:2.squash", alice), /manifest unknown/);
      const creds = `${bob.name}:${bob.password}`;
      const [from, to] = ["1", "of-bob"].map(
        (tag) => `docker://${world().image(`team/public:${tag}`)}`,
      );
      await assert.rejects(
        world().skopeo("copy", "--quiet", "--dest-creds", creds, from ?? "", to ?? ""),
        /denied/,
      );
      await assert.rejects(world().skopeo("delete", "--creds", creds, from ?? ""), /UNAUTHORIZED/);
      await inspect("team/public:1", bob);
    });

    test("neither passwords nor tokens are in the log", () => {
      const { server, alice, bob } = world();
      assert.match(server.log, /"account":"alice"/);
      for (const { password } of [alice, bob, wrong(alice)]) {
        for (const form of [
          password,
          encodeURIComponent(password),
          Buffer.from(`alice:${password}`).toString("base64"),
        ])
          assert.ok(!server.log.includes(form));
      }
      assert.doesNotMatch(server.log, /eyJ[\w-]{20,}/);
    });

    /** Asks with `curl -f` too, which has to fail without a byte when the status is an error. */
    async function get(path: string, login: Login | undefined): Promise<Answer> {
      const { server } = world();
      const url = `${login === undefined ? server.url : server.urlFor(login)}${path}`;
      const { code, stdout } = await curlEnding(url);
      const text = await run("curl", ["-sS", "-o", "-", "-w", "\n%{http_code}", url]);
      const status = Number(text.slice(text.lastIndexOf("\n") + 1));
      assert.equal(code, status < 400 ? 0 : REFUSED, path);
      if (status >= 400) assert.equal(stdout, "", path);
      return { status, body: text.slice(0, text.lastIndexOf("\n")) };
    }
  },
};
