// Long because it is one day: each step needs those before it.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Browser } from "../../clients/browser.ts";
import { Docker } from "../../clients/docker.ts";
import type { Login } from "../../clients/wharf-server.ts";
import { ending, shell } from "../../command.ts";
import { missing } from "../../missing.ts";
import type { Scenario } from "../scenario.ts";
import { writeSmallContext } from "../small-image.ts";

/** What somebody does with Quay from morning to evening: every step by the API, every result by a client. */
export const DAY: Scenario = {
  title: "a day of a Quay user",
  commands: [],
  declare: (world) => {
    let alice: Browser;
    let robot: Login;
    const digests: Record<string, string> = {};
    const repository = "/repository/acme/web";

    before(async () => {
      const { podman, scratch } = world();
      for (const version of ["1", "2", "3"]) {
        await writeSmallContext(scratch.at(`day-${version}`), { text: `version ${version}` });
        const context = scratch.at(`day-${version}`);
        await podman.buildah("bud", "--layers", `--tag=localhost/day:${version}`, context);
      }
      alice = new Browser(world().server.url);
      await alice.signIn(world().alice.name, world().alice.password);
    });

    test("an organization with a team, a colleague in it, and a window of two weeks", async () => {
      await alice.done("POST", "/organization/", { name: "acme", email: "ops@acme.example" });
      await alice.done("PUT", "/organization/acme", { tag_expiration_s: 1_209_600 });
      const organization = await alice.done("GET", "/organization/acme");
      assert.equal(organization.tag_expiration_s, 1_209_600);
      assert.equal(organization.is_admin, true);
      const team = { role: "member", description: "Those who deploy." };
      await alice.done("PUT", "/organization/acme/team/deployers", team);
      await alice.done("PUT", "/organization/acme/team/deployers/members/bob");
      const { members } = await alice.done("GET", "/organization/acme/team/deployers/members");
      assert.deepEqual(
        members.map(({ name }: { name: string }) => name),
        ["bob"],
      );
    });

    test("a robot and a repository that it may push to, and the team may read", async () => {
      const made = await alice.done("PUT", "/organization/acme/robots/ci", {
        description: "pushes from the build",
      });
      assert.equal(made.name, "acme+ci");
      const seen = await alice.done("GET", "/organization/acme/robots/ci");
      assert.equal(seen.token, made.token);
      robot = { name: made.name, password: made.token };
      await alice.done("POST", "/repository", {
        namespace: "acme",
        repository: "web",
        visibility: "private",
        description: "The **web** site.",
        repo_kind: "image",
      });
      const write = { role: "write" };
      await alice.done("PUT", `${repository}/permissions/user/acme+ci`, write);
      await alice.done("PUT", `${repository}/permissions/team/deployers`, { role: "read" });
    });

    test("the robot pushes, the colleague pulls and may not push", async () => {
      await push("v1", "1", robot);
      await push("v2", "2", robot);
      digests["1"] = await digestOf("v1", world().bob);
      digests["2"] = await digestOf("v2", world().bob);
      assert.notEqual(digests["1"], digests["2"]);
      await assert.rejects(push("v9", "1", world().bob), /denied|unauthorized/i);
      const { tags } = await alice.done("GET", `${repository}/tag/?onlyActiveTags=true`);
      assert.deepEqual(tags.map(({ name }: { name: string }) => name).toSorted(), ["v1", "v2"]);
    });

    test("a tag is added, moved, deleted and taken back", async () => {
      const stable = `${repository}/tag/stable`;
      await alice.done("PUT", stable, { manifest_digest: digests["1"] });
      assert.equal(await digestOf("stable", robot), digests["1"]);
      await alice.done("PUT", stable, { manifest_digest: digests["2"] });
      assert.equal(await digestOf("stable", robot), digests["2"]);
      await alice.done("POST", `${stable}/restore`, { manifest_digest: digests["1"] });
      assert.equal(await digestOf("stable", robot), digests["1"]);

      await alice.done("DELETE", `${repository}/tag/v1`);
      await assert.rejects(digestOf("v1", robot), /manifest unknown|deleted or has expired/i);
      await alice.done("POST", `${repository}/tag/v1/restore`, { manifest_digest: digests["1"] });
      assert.equal(await digestOf("v1", robot), digests["1"]);

      const { tags } = await alice.done("GET", `${repository}/tag/?specificTag=stable`);
      assert.deepEqual(
        tags.map((tag: { manifest_digest: string; reversion: boolean; end_ts?: number }) => [
          tag.manifest_digest,
          tag.reversion,
          tag.end_ts === undefined,
        ]),
        [
          [digests["1"], true, true],
          [digests["2"], false, false],
          [digests["1"], false, false],
        ],
      );
    });

    test("the whole repository goes back to the morning, after a look at what would change", async () => {
      const at = new Date().toISOString();
      await push("v2", "3", robot);
      await alice.done("DELETE", `${repository}/tag/stable`);
      const wish = { at, preview: true };
      const preview = await alice.done("POST", `${repository}/timemachine`, wish);
      assert.equal(preview.changes.length, 2, JSON.stringify(preview));
      assert.notEqual(await digestOf("v2", robot), digests["2"]);
      await alice.done("POST", `${repository}/timemachine`, { at, preview: false });
      assert.equal(await digestOf("v2", robot), digests["2"]);
      assert.equal(await digestOf("stable", robot), digests["1"]);
    });

    test(
      "the squashed image is loaded by docker with the robot's credentials",
      { skip: missing(...Docker.commands) },
      async () => {
        const docker = await world().docker();
        const { urlFor, host } = {
          urlFor: world().server.urlFor(robot),
          host: world().server.host,
        };
        const line = `curl -L -f -s -S "$1/c1/squash/acme/web/stable" | docker load`;
        await shell(line, [urlFor], { env: docker.env });
        const layers = await docker.layers(`${host}/acme/web:stable.squash`);
        assert.equal(layers.length, 1);
        await docker.login(host, robot);
        await docker.run("pull", "--quiet", `${host}/acme/web:stable`);
        assert.equal((await docker.layers(`${host}/acme/web:stable`)).length, 2);
      },
    );

    test("a tag is protected, another expires, a third is gone for good", async () => {
      await alice.done("PUT", `${repository}/tag/stable`, { immutable: true });
      await assert.rejects(push("stable", "3", robot), /denied|immutable|protected/i);
      const refused = await alice.ask("DELETE", `${repository}/tag/stable`);
      assert.equal(refused.status, 409);
      await alice.done("PUT", `${repository}/tag/stable`, { immutable: false });
      const tomorrow = Math.floor(Date.now() / 1000) + 86_400;
      await alice.done("PUT", `${repository}/tag/v2`, { expiration: tomorrow });
      const { tags } = await alice.done(
        "GET",
        `${repository}/tag/?specificTag=v2&onlyActiveTags=true`,
      );
      assert.equal(tags[0].end_ts ?? tomorrow, tomorrow);
      assert.ok(typeof tags[0].expiration === "string");
      await alice.done("DELETE", `${repository}/tag/v1`);
      await alice.done("POST", `${repository}/tag/v1/expire`, {
        manifest_digest: digests["1"],
        include_submanifests: false,
        is_alive: false,
      });
      const { tags: history } = await alice.done("GET", `${repository}/tag/?specificTag=v1`);
      assert.deepEqual(history, []);
      assert.equal(await digestOf("stable", robot), digests["1"]);
    });

    test("a lost token is replaced, and the old one is worth nothing", async () => {
      const fresh = await alice.done("POST", "/organization/acme/robots/ci/regenerate");
      await assert.rejects(digestOf("stable", robot), /unauthorized|authentication/i);
      robot = { name: fresh.name, password: fresh.token };
      assert.equal(await digestOf("stable", robot), digests["1"]);
    });

    test("a deleted repository comes back with its tags", async () => {
      await alice.done("DELETE", repository);
      await assert.rejects(digestOf("stable", robot), /unknown|not found|denied/i);
      const { repositories } = await alice.done("GET", "/deletedrepositories?namespace=acme");
      assert.deepEqual([repositories[0].namespace, repositories[0].name], ["acme", "web"]);
      await alice.done("POST", `/deletedrepositories/${repositories[0].id}/restore`, {});
      assert.equal(await digestOf("stable", robot), digests["1"]);
    });

    test("the log tells who did what", async () => {
      const kinds = new Map<string, string>();
      for (let tries = 0; tries < 100 && !kinds.has("pull_repo"); tries++) {
        let next: string | undefined;
        do {
          const query = next === undefined ? "" : `?next_page=${encodeURIComponent(next)}`;
          const page = await alice.done("GET", `${repository}/logs${query}`);
          for (const { kind, performer } of page.logs) kinds.set(kind, performer?.name);
          next = page.next_page;
        } while (next !== undefined);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      for (const [kind, name] of [
        ["create_repo", "alice"],
        ["push_repo", "acme+ci"],
        ["pull_repo", undefined],
        ["create_tag", undefined],
        ["move_tag", undefined],
        ["delete_tag", "alice"],
        ["revert_tag", "alice"],
        ["permanently_delete_tag", "alice"],
        ["change_tag_expiration", "alice"],
        ["change_tag_immutability", "alice"],
        ["delete_repo", "alice"],
        ["restore_repo", "alice"],
      ] as const) {
        assert.ok(kinds.has(kind), `${kind} is not among ${[...kinds.keys()].join(", ")}`);
        if (name !== undefined) assert.equal(kinds.get(kind), name, kind);
      }
    });

    /** Pushes one of the images that were built in the morning. */
    async function push(tag: string, version: string, login: Login): Promise<void> {
      const target = `docker://${world().image(`acme/web:${tag}`)}`;
      const flags = ["--quiet", "--creds", `${login.name}:${login.password}`];
      await world().podman.buildah("push", ...flags, `localhost/day:${version}`, target);
    }

    /** The digest that a tag has for skopeo. */
    async function digestOf(tag: string, login: Login): Promise<string> {
      const name = `docker://${world().image(`acme/web:${tag}`)}`;
      const flags = ["--creds", `${login.name}:${login.password}`, "--format", "{{.Digest}}"];
      const args = ["inspect", "--tls-verify=false", ...flags, name];
      const { code, stdout, stderr } = await ending("skopeo", args);
      if (code === 0) return stdout.trim();
      throw new Error(stderr);
    }
  },
};
