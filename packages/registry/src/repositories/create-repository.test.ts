import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  addOrganization,
  addUser,
  callerWith,
  testAccounts,
} from "../accounts/testing/test-accounts.ts";
import { OPERATOR } from "../accounts/admin/actor.ts";
import { openDatabase } from "../database/open-database.ts";
import { everyDatabase } from "../database/testing/every-database.ts";
import { deleteRepository } from "./delete-repository.ts";
import { giveUpRepository } from "./deleted/deleted-repository-store.ts";
import { takeApart } from "./deleted/take-apart.ts";
import { listRepositories } from "./list-repositories.ts";
import { changeRepository } from "./repository-settings.ts";

suite("repositories", () => {
  everyDatabase((_dialect, openTestDatabase) => {
    test("two first pushes at the same time make one repository", async () => {
      await using database = await openTestDatabase();
      await using replica = await openDatabase(database.options);
      const all = testAccounts(database);
      const alice = await addUser(all, "alice");
      await addOrganization(all, "team", "alice");
      const other = testAccounts(replica);
      const made = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          (i % 2 === 0 ? all : other).accounts.openRepository(
            callerWith(undefined),
            alice,
            "push",
            "team/app/worker",
          ),
        ),
      );
      assert.equal(new Set(made.map(({ id }) => id)).size, 1);
      assert.partialDeepStrictEqual(made[0], {
        name: "team/app/worker",
        namespace: "team",
        visibility: "private",
        state: "normal",
        squashAtPush: false,
        squashCompression: "none",
      });
    });

    test("whoever made it by a push has the role admin on it", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const alice = await addUser(all, "alice");
      await addOrganization(all, "team", "alice");
      await all.accounts.openRepository(callerWith(undefined), alice, "push", "team/app");
      const rows = await database.read.selectFrom("repository_permissions").selectAll().execute();
      assert.partialDeepStrictEqual(rows, [{ account_id: alice.accountId, role: "admin" }]);
    });

    test("a token for a namespace or account that is gone meanwhile breaks nothing", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      await addUser(all, "alice");
      const token = {
        kind: "token",
        accountId: 999,
        name: "gone",
        isSuperuser: false,
        access: new Map([
          ["alice/app", new Set(["push"] as const)],
          ["gone/app", new Set(["push"] as const)],
        ]),
        catalog: false,
      } as const;
      const caller = callerWith(undefined);
      await assert.rejects(all.accounts.openRepository(caller, token, "push", "gone/app"), {
        code: "NAME_UNKNOWN",
        message: /namespace gone does not exist/,
      });
      const made = await all.accounts.openRepository(caller, token, "push", "alice/app");
      assert.equal(made.name, "alice/app");
    });

    test("settings change and are seen at once", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const alice = await addUser(all, "alice");
      const bob = await addUser(all, "bob");
      const { administration, accounts } = all;
      await accounts.openRepository(callerWith(undefined), alice, "push", "alice/app");
      const changed = await changeRepository(administration, alice, "alice/app", {
        visibility: "public",
        squashAtPush: true,
        squashCompression: "zstd",
      });
      assert.deepEqual(await accounts.findRepository("alice/app"), changed);
      assert.partialDeepStrictEqual(changed, {
        visibility: "public",
        squashAtPush: true,
        squashCompression: "zstd",
      });
      const settings = { visibility: "private" } as const;
      await assert.rejects(changeRepository(administration, bob, "alice/app", settings), {
        code: "DENIED",
      });
      await changeRepository(administration, alice, "alice/app", settings);
      await assert.rejects(changeRepository(administration, bob, "alice/app", settings), {
        code: "NAME_UNKNOWN",
      });
      const description = "x".repeat(70_000);
      await assert.rejects(changeRepository(administration, alice, "alice/app", { description }), {
        code: "PARAMETER_INVALID",
      });
      await changeRepository(administration, alice, "alice/app", {});
    });

    test("deleting hides it; taken apart, it takes tags, manifests and permissions along", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const alice = await addUser(all, "alice");
      const { administration, accounts } = all;
      const caller = callerWith(undefined);
      const { id } = await accounts.openRepository(caller, alice, "push", "alice/app");
      const digest = `sha256:${"0".repeat(64)}`;
      await database.transaction(async (trx) => {
        await trx
          .insertInto("manifests")
          .values({
            repository_id: id,
            digest,
            media_type: "application/vnd.oci.image.manifest.v1+json",
            artifact_type: null,
            subject_digest: null,
            annotations: null,
            content: Buffer.from("{}"),
            size: 2,
            kind: "image",
            total_size: 0,
            created_at: 0,
            deleted_at: null,
            touched_at: 0,
          })
          .execute();
        await trx
          .insertInto("tags")
          .values({
            repository_id: id,
            name: "latest",
            manifest_digest: digest,
            started_at: 0,
            ended_at: null,
            started_by: "alice",
          })
          .execute();
      });
      await deleteRepository(administration, OPERATOR, "alice/app");
      assert.equal(await accounts.findRepository("alice/app"), undefined);
      assert.equal(await accounts.findRepository(`~deleted/${id}`), undefined);
      assert.equal((await database.read.selectFrom("tags").selectAll().execute()).length, 1);
      const given = await database.transaction((trx) =>
        giveUpRepository(trx, id, Number.MAX_SAFE_INTEGER),
      );
      assert.ok(given && (await takeApart((work) => database.transaction(work), id)));
      for (const table of ["tags", "manifests", "repository_permissions"] as const) {
        assert.equal((await database.read.selectFrom(table).selectAll().execute()).length, 0);
      }
      await assert.rejects(deleteRepository(administration, OPERATOR, "alice/app"), {
        code: "NAME_UNKNOWN",
      });
    });

    test("lists find parts of names, one namespace, and page by the order of bytes", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const root = await addUser(all, "root", { superuser: true });
      await addUser(all, "aa");
      await addUser(all, "aa-b");
      const names = ["aa-b/x", "aa/a_c", "aa/abc", "aa/b-c", "aa/b.c", "aa/b/c"];
      for (const name of names) {
        await all.accounts.openRepository(callerWith(undefined), root, "push", name);
      }
      const list = async (page: Partial<Parameters<typeof listRepositories>[2]>) => {
        const listed = await listRepositories(all.administration, root, { limit: 100, ...page });
        return listed.map(({ name }) => name);
      };
      assert.deepEqual(await list({}), names.toSorted());
      assert.deepEqual(await list({ namespace: "aa" }), names.slice(1).toSorted());
      assert.deepEqual(await list({ contains: "_" }), ["aa/a_c"]);
      assert.deepEqual(await list({ contains: "%" }), []);
      assert.deepEqual(
        await list({ contains: "B" }),
        names.toSorted().filter((n) => n.includes("b")),
      );
      assert.deepEqual(await list({ contains: "\0" }), []);
      assert.deepEqual(await list({ limit: 2, after: "aa/a_c" }), ["aa/abc", "aa/b-c"]);
    });
  });
});
