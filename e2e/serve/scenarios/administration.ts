import assert from "node:assert/strict";
import { before, test } from "node:test";

import { curlStatus } from "../../clients/curl.ts";
import type { Login } from "../../clients/wharf-server.ts";
import type { Scenario } from "../scenario.ts";
import { writeSmallContext } from "../small-image.ts";

export const ADMINISTRATION: Scenario = {
  title: "wharf admin beside the running server",
  commands: [],
  declare: (world) => {
    const admin = (...args: readonly string[]): Promise<string> =>
      world().server.wharfAdmin(...args);
    const made = async (...args: readonly string[]): Promise<string> => {
      const out = await world().server.wharfAdminJson<{ password?: string; token?: string }>(
        ...args,
      );
      return out.password ?? out.token ?? "";
    };

    before(async () => {
      const { podman, scratch } = world();
      await writeSmallContext(scratch.at("admin-context"), { text: "for administrators" });
      await podman.buildah(
        "bud",
        "--layers",
        "--tag=localhost/admin:1",
        scratch.at("admin-context"),
      );
    });

    test("a user with a made-up password has a namespace, until disabled", async () => {
      const carol: Login = { name: "carol", password: await made("user", "create", "carol") };
      await push("carol/app:1", carol);
      assert.equal(await tags("carol/app", carol), 200);
      const again = await made("user", "password", "carol");
      assert.equal(await tags("carol/app", carol), 401);
      assert.equal(await tags("carol/app", { name: "carol", password: again }), 200);
      await admin("user", "change", "carol", "--enabled", "no");
      assert.equal(await tags("carol/app", { name: "carol", password: again }), 401);
      assert.match(await admin("user", "list"), /carol/);
      await admin("user", "change", "carol", "--enabled", "yes", "--superuser", "yes");
      assert.equal(await tags("team/absent", { name: "carol", password: again }), 404);
      await admin("user", "change", "carol", "--superuser", "no");
    });

    test("an organization, a robot, a permission: as the manual shows", async () => {
      await admin("organization", "create", "crew", "--owner", "alice");
      await push("crew/app:1", world().alice);
      const robot: Login = {
        name: "crew+deploy",
        password: await made("robot", "create", "crew+deploy"),
      };
      assert.equal(await tags("crew/app", robot), 404);
      await admin("permission", "set", "crew/app", "crew+deploy", "read");
      assert.equal(await tags("crew/app", robot), 200);
      await assert.rejects(push("crew/app:2", robot), /denied/);
      await admin("permission", "set", "crew/app", "crew+deploy", "write");
      await push("crew/app:2", robot);
      assert.match(await admin("permission", "list", "crew/app"), /write +robot +crew\+deploy/);
      await admin("permission", "remove", "crew/app", "crew+deploy");
      assert.equal(await tags("crew/app", robot), 404);
      const token = await made("robot", "token", "crew+deploy");
      assert.equal(await tags("crew/app", robot), 401);
      assert.equal(await tags("crew/app", { ...robot, password: token }), 404);
      await admin("robot", "delete", "crew+deploy");
      assert.equal(await tags("crew/app", { ...robot, password: token }), 401);
    });

    test("tokens log in as $app, $oauthtoken and $token", async () => {
      const { alice, server } = world();
      await push("crew/tokens:1", alice);
      for (const [name, flags] of [
        ["$app", ["--user", "alice"]],
        ["$oauthtoken", ["--user", "alice", "--oauth"]],
        ["$token", ["--repository", "crew/tokens", "--role", "read"]],
      ] as const) {
        const login: Login = { name, password: await made("token", "create", ...flags) };
        assert.equal(await tags("crew/tokens", login), 200, name);
        assert.equal(
          await curlStatus(`${server.urlFor(login)}/c1/squash/crew/tokens/1`),
          200,
          name,
        );
        await world().podman.login(server.host, login);
        await world().podman.run("pull", "--quiet", world().image("crew/tokens:1.squash"));
        const other = await tags("crew/app", login);
        assert.equal(other, name === "$token" ? 404 : 200, name);
      }
      await world().podman.login(server.host, alice);
    });

    test("visibility and state of a repository", async () => {
      const { alice, server } = world();
      await push("crew/state:1", alice);
      const anonymous = `${server.url}/c1/squash/crew/state/1`;
      assert.equal(await curlStatus(anonymous), 401);
      await admin("repository", "change", "crew/state", "--visibility", "public");
      assert.equal(await curlStatus(anonymous), 200);
      assert.match(await admin("repository", "list", "--namespace", "crew"), /crew\/state/);
      await admin("repository", "change", "crew/state", "--state", "read-only");
      await assert.rejects(push("crew/state:2", alice), /read-only|denied|read only/);
      await admin(
        "repository",
        "change",
        "crew/state",
        "--state",
        "normal",
        "--visibility",
        "private",
      );
      assert.equal(await curlStatus(anonymous), 401);
      await push("crew/state:2", alice);
    });

    /** The status of a list of tags. */
    function tags(repository: string, login: Login): Promise<number> {
      const { server } = world();
      return curlStatus(
        "--user",
        `${login.name}:${login.password}`,
        `${server.url}/v2/${repository}/tags/list`,
      );
    }

    async function push(name: string, { name: user, password }: Login): Promise<void> {
      const flags = ["--quiet", "--creds", `${user}:${password}`];
      await world().podman.buildah(
        "push",
        ...flags,
        "localhost/admin:1",
        `docker://${world().image(name)}`,
      );
    }
  },
};
