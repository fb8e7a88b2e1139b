// Long because it is one thing: signing in elsewhere, from the first click to what it leaves behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OidcConfig } from "../../../config/config.ts";
import { everyRegistry } from "../../../testing/test-registry.ts";
import type { StartTestRegistry, TestRegistry } from "../../../testing/test-registry.ts";
import { insertAccount } from "../../account-store.ts";
import { insertTeam, insertTeamMember } from "../../team-store.ts";
import { putTeamSync } from "../teams/team-sync-store.ts";
import { TestBrowser } from "../testing/test-browser.ts";
import type { PageAnswer } from "../testing/test-browser.ts";
import { TestProvider } from "../testing/test-provider.ts";
import type { ProviderUser } from "../testing/test-provider.ts";

const ALICE: ProviderUser = {
  sub: "1001",
  preferred_username: "Alice@corp",
  email: "alice@example.com",
  email_verified: true,
};

everyRegistry((start) => {
  test("two services sign in, each its own users, and never take an account over", async () => {
    await using world = await openWorld(start);
    const { registry, first, second } = world;
    await registry.database.transaction((trx) =>
      insertAccount(trx, {
        kind: "user",
        name: "bob",
        email: "bob@example.com",
        passwordHash: "$none$",
        createdAt: 1,
      }),
    );
    const services = await new TestBrowser().ask("GET", `${registry.url}/api/v1/externallogin`);
    assert.deepEqual(JSON.parse(services.text), {
      services: [
        { id: "first", title: "FIRST", kind: "oidc" },
        { id: "second", title: "SECOND", kind: "oidc" },
      ],
      directory: false,
    });

    first.user = ALICE;
    const browser = new TestBrowser();
    const begun = await begin(registry, browser, "first", { return_to: "/repository/team/app" });
    const url = new URL(begun.auth_url);
    assert.equal(url.searchParams.get("code_challenge_method"), "S256");
    assert.equal(url.searchParams.has("prompt"), false);
    const arrived = await browser.open(url, (next) => next.pathname === "/repository/team/app");
    assert.equal(arrived.status, 303);
    assert.equal(arrived.url.origin, registry.url);
    assert.equal(arrived.headers.get("cache-control"), "no-store");
    assert.deepEqual([...browser.cookies(registry.url).keys()], ["wharf_session"]);
    const me = await whoIs(registry, browser);
    assert.equal(me.username, "alice");
    assert.equal(me.email, "alice@example.com");
    assert.equal(me.has_password_set, false);
    assert.deepEqual(me.logins, [
      {
        service: "first",
        service_identifier: "1001",
        metadata: { service_username: "Alice@corp", email: "alice@example.com" },
      },
    ]);

    // Again, from elsewhere: the same account.
    const other = new TestBrowser();
    await signIn(registry, other, "first");
    assert.equal((await whoIs(registry, other)).username, "alice");

    // Of the same name, address and even number elsewhere: somebody else.
    second.user = ALICE;
    const stranger = new TestBrowser();
    await signIn(registry, stranger, "second");
    const they = await whoIs(registry, stranger);
    assert.equal(they.username, "alice2");
    assert.equal(they.email, null);

    // A user of our own keeps name and address to themselves.
    first.user = { ...ALICE, sub: "1002", preferred_username: "bob", email: "bob@example.com" };
    const bob = new TestBrowser();
    await signIn(registry, bob, "first");
    const noBob = await whoIs(registry, bob);
    assert.deepEqual([noBob.username, noBob.email], ["bob2", null]);

    await registry.settled();
    const kinds = await auditKinds(registry);
    assert.equal(kinds.filter((kind) => kind === "user_create").length, 3);
    assert.equal(kinds.filter((kind) => kind === "login_success").length, 4);
  });

  test("two first sign-ins of one person at the same time make one user", async () => {
    await using world = await openWorld(start);
    const { registry, first } = world;
    first.user = ALICE;
    const browsers = [new TestBrowser(), new TestBrowser(), new TestBrowser()];
    const ends = await Promise.all(browsers.map((browser) => signIn(registry, browser, "first")));
    assert.deepEqual(
      ends.map(({ status }) => status),
      [303, 303, 303],
    );
    for (const browser of browsers) {
      assert.equal((await whoIs(registry, browser)).username, "alice");
    }
  });

  test("an owner attaches a service, signs in with it, and detaches it", async () => {
    await using world = await openWorld(start, { createUsers: false });
    const { registry, first, second } = world;
    first.user = ALICE;
    const lost = await signIn(registry, new TestBrowser(), "first");
    assert.equal(lost.status, 403);
    assert.match(lost.text, /attach FIRST to your account/);

    const browser = await ownBrowser(registry, "carol");
    const attached = await run(registry, browser, "first", "attach");
    assert.equal(attached.status, 303);
    assert.equal(attached.url.href, `${registry.url}/user/carol?tab=external`);
    assert.deepEqual((await whoIs(registry, browser)).logins.map(service), ["first"]);
    // Once more changes nothing.
    assert.equal((await run(registry, browser, "first", "attach")).status, 303);

    const elsewhere = new TestBrowser();
    assert.equal((await signIn(registry, elsewhere, "first")).status, 303);
    assert.equal((await whoIs(registry, elsewhere)).username, "carol");

    // The person there belongs to carol now, and carol has one person there.
    const dave = await ownBrowser(registry, "dave");
    const taken = await run(registry, dave, "first", "attach");
    assert.equal(taken.status, 409);
    assert.match(taken.text, /belongs to another account/);
    first.user = { ...ALICE, sub: "1002" };
    browser.cookies(first.issuer).clear(); // somebody else sits there
    const twice = await run(registry, browser, "first", "attach");
    assert.equal(twice.status, 409);
    assert.match(twice.text, /detach it first/);

    // The last way in stays: carol has no password that anybody could type.
    await registry.database.transaction((trx) =>
      trx
        .updateTable("accounts")
        .set({ password_hash: null })
        .where("name", "=", "carol")
        .execute(),
    );
    const last = await detach(registry, browser, "first");
    assert.equal(last.status, 409);
    second.user = ALICE;
    assert.equal((await run(registry, browser, "second", "attach")).status, 303);
    assert.equal((await detach(registry, browser, "first")).status, 200);
    assert.equal((await detach(registry, browser, "first")).status, 200);
    assert.equal((await detach(registry, browser, "second")).status, 409);
    assert.deepEqual((await whoIs(registry, browser)).logins.map(service), ["second"]);
    await registry.settled();
    const kinds = await auditKinds(registry);
    assert.equal(kinds.filter((kind) => kind === "attach_external_login").length, 2);
    assert.equal(kinds.filter((kind) => kind === "detach_external_login").length, 1);
  });

  test("docker login gets a secret from whoever signs in elsewhere", async () => {
    await using world = await openWorld(start);
    const { registry, first } = world;
    first.user = ALICE;
    const browser = new TestBrowser();
    await signIn(registry, browser, "first");
    const page = await run(registry, browser, "first", "cli");
    assert.equal(page.status, 200);
    assert.equal(page.headers.get("cache-control"), "no-store");
    assert.match(page.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
    const [, secret = ""] = /-u=&#39;\$app&#39; -p=&#39;(wharf_\w+)&#39;/.exec(page.text) ?? [];
    const client = registry.client(`Basic ${btoa(`$app:${secret}`)}`);
    assert.equal((await client.get("/v2/")).status, 200);
    // The person there must be the one of the account.
    first.user = { ...ALICE, sub: "1002" };
    browser.cookies(first.issuer).clear(); // somebody else sits there
    assert.equal((await run(registry, browser, "first", "cli")).status, 403);
  });

  test("teams and superusers follow the groups, with every sign-in", async () => {
    await using world = await openWorld(start, { superuserGroups: ["root"] });
    const { registry, first } = world;
    const { database } = registry;
    const organization = await database.read
      .selectFrom("accounts")
      .select("id")
      .where("name", "=", "team")
      .executeTakeFirstOrThrow();
    const teams = await database.transaction(async (trx) => {
      const ids: number[] = [];
      for (const [name, group] of [
        ["devs", "dev"],
        ["testers", "test"],
        ["alien", "dev"],
        ["free", undefined],
      ] as const) {
        const team = {
          organizationId: organization.id,
          name,
          role: "member",
          description: "",
        } as const;
        const id = await insertTeam(trx, team);
        ids.push(id);
        const of = name === "alien" ? "second" : "first";
        if (group !== undefined) await putTeamSync(trx, id, of, group);
      }
      return ids;
    });
    const teamsOf = async (name: string): Promise<string[]> => {
      const rows = await database.read
        .selectFrom("team_members as m")
        .innerJoin("teams as t", "t.id", "m.team_id")
        .innerJoin("accounts as a", "a.id", "m.account_id")
        .select("t.name")
        .where("a.name", "=", name)
        .orderBy("t.name")
        .execute();
      return rows.map((row) => row.name);
    };
    const browser = new TestBrowser();
    first.user = { ...ALICE, groups: ["dev", "root", "unknown"] };
    await signIn(registry, browser, "first");
    assert.deepEqual(await teamsOf("alice"), ["devs"]);
    assert.equal((await whoIs(registry, browser)).super_user, true);
    // Put there by hand; no group of the service speaks of it.
    const { id } = await database.read
      .selectFrom("accounts")
      .select("id")
      .where("name", "=", "alice")
      .executeTakeFirstOrThrow();
    await database.transaction((trx) => insertTeamMember(trx, teams[3] ?? 0, id));

    first.user = { ...ALICE, sub: "1001", groups: ["test"] };
    const again = new TestBrowser();
    await signIn(registry, again, "first");
    assert.deepEqual(await teamsOf("alice"), ["free", "testers"]);
    assert.equal((await whoIs(registry, again)).super_user, false);

    // A service that tells no groups changes nothing.
    first.user = ALICE;
    await signIn(registry, new TestBrowser(), "first");
    assert.deepEqual(await teamsOf("alice"), ["free", "testers"]);

    // The last one who administrates stays, and it is told.
    const owners = await database.read
      .selectFrom("teams")
      .select("id")
      .where("name", "=", "owners")
      .executeTakeFirstOrThrow();
    await database.transaction(async (trx) => {
      await putTeamSync(trx, owners.id, "first", "own");
      await trx.deleteFrom("team_members").where("team_id", "=", owners.id).execute();
      await insertTeamMember(trx, owners.id, id);
    });
    first.user = { ...ALICE, groups: [] };
    await signIn(registry, new TestBrowser(), "first");
    assert.deepEqual(await teamsOf("alice"), ["free", "owners"]);
    const sync = await database.read
      .selectFrom("team_syncs")
      .select("last_error")
      .where("team_id", "=", owners.id)
      .executeTakeFirst();
    assert.equal(
      sync?.last_error,
      "nobody would administrate team: alice stays although the group does not have them",
    );
    await registry.settled();
    const kinds = await auditKinds(registry);
    assert.equal(kinds.filter((kind) => kind === "org_add_team_member").length, 2);
    assert.equal(kinds.filter((kind) => kind === "org_remove_team_member").length, 2);
    assert.equal(kinds.filter((kind) => kind === "user_update").length, 2);
  });

  test("disabled users, and who is in no allowed group, stay outside", async () => {
    await using world = await openWorld(start, { allowedGroups: ["staff"] });
    const { registry, first } = world;
    first.user = { ...ALICE, groups: ["guests"] };
    assert.equal((await signIn(registry, new TestBrowser(), "first")).status, 403);
    first.user = { ...ALICE, sub: "1002", groups: undefined } as unknown as ProviderUser; // as if left out
    assert.equal((await signIn(registry, new TestBrowser(), "first")).status, 403);
    const { read } = registry.database;
    const made = await read.selectFrom("external_logins").select("subject").execute();
    assert.deepEqual(made, []);
    first.user = { ...ALICE, sub: "1003", groups: ["staff"] };
    const browser = new TestBrowser();
    assert.equal((await signIn(registry, browser, "first")).status, 303);
    await registry.database.transaction((trx) =>
      trx.updateTable("accounts").set({ enabled: 0 }).where("name", "=", "alice").execute(),
    );
    const refused = await signIn(registry, new TestBrowser(), "first");
    assert.equal(refused.status, 403);
    assert.match(refused.text, /The account alice is disabled/);
  });
});

interface World extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly first: TestProvider;
  readonly second: TestProvider;
}

async function openWorld(
  start: StartTestRegistry,
  changes: Partial<OidcConfig> = {},
): Promise<World> {
  const stack = new AsyncDisposableStack();
  const first = stack.use(await TestProvider.start());
  const second = stack.use(await TestProvider.start());
  const oidc = [first.config("first", changes), second.config("second", changes)];
  const registry = stack.use(await start({ config: { oidc } }));
  await first.serve(registry.url, "first");
  await second.serve(registry.url, "second");
  return { registry, first, second, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A browser that is signed in as a user with a password. */
async function ownBrowser(registry: TestRegistry, name: string): Promise<TestBrowser> {
  const { passwordHashes, now } = registry.administration;
  const passwordHash = await passwordHashes.hash("correct horse");
  await registry.database.transaction((trx) =>
    insertAccount(trx, { kind: "user", name, passwordHash, createdAt: now() }),
  );
  const browser = new TestBrowser();
  const body = { username: name, password: "correct horse" };
  const { status } = await browser.ask("POST", `${registry.url}/api/v1/signin`, { body });
  assert.equal(status, 200);
  return browser;
}

async function signIn(
  registry: TestRegistry,
  browser: TestBrowser,
  id: string,
): Promise<PageAnswer> {
  return run(registry, browser, id, "login");
}

/** From the click to the page of the registry that it ends at. */
async function run(
  registry: TestRegistry,
  browser: TestBrowser,
  id: string,
  kind: "login" | "attach" | "cli",
): Promise<PageAnswer> {
  const { auth_url: url } = await begin(registry, browser, id, { kind });
  const isBack = (next: URL): boolean =>
    next.origin === registry.url && !next.pathname.startsWith("/oauth2/");
  return browser.open(url, isBack);
}

async function begin(
  registry: TestRegistry,
  browser: TestBrowser,
  id: string,
  body: object,
): Promise<{ readonly auth_url: string }> {
  const answer = await browser.ask("POST", `${registry.url}/api/v1/externallogin/${id}`, {
    body: { kind: "login", ...body },
    headers: await csrf(registry, browser),
  });
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text) as { auth_url: string }; // as the contract says
}

async function detach(
  registry: TestRegistry,
  browser: TestBrowser,
  id: string,
): Promise<PageAnswer> {
  const headers = await csrf(registry, browser);
  return browser.ask("POST", `${registry.url}/api/v1/detachexternal/${id}`, { headers });
}

async function csrf(
  registry: TestRegistry,
  browser: TestBrowser,
): Promise<Readonly<Record<string, string>>> {
  if (!browser.cookies(registry.url).has("wharf_session")) return {};
  const { text } = await browser.ask("GET", `${registry.url}/csrf_token`);
  return { "x-csrf-token": (JSON.parse(text) as { csrf_token: string }).csrf_token }; // Quay's answer
}

interface Me {
  readonly username: string;
  readonly email: string | null;
  readonly has_password_set: boolean;
  readonly super_user: boolean;
  readonly logins: readonly { readonly service: string }[];
}

async function whoIs(registry: TestRegistry, browser: TestBrowser): Promise<Me> {
  const { text, status } = await browser.ask("GET", `${registry.url}/api/v1/user`);
  assert.equal(status, 200, text);
  return JSON.parse(text) as Me; // as the contract says
}

function service(login: { readonly service: string }): string {
  return login.service;
}

async function auditKinds(registry: TestRegistry): Promise<string[]> {
  const rows = await registry.database.read.selectFrom("audit_log").select("kind").execute();
  return rows.map(({ kind }) => kind);
}
