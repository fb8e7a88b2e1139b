import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { OPERATOR } from "../accounts/admin/actor.ts";
import { createUser, setEnabled, setPassword } from "../accounts/admin/users.ts";
import { basic } from "../accounts/testing/test-accounts.ts";
import { TestBrowser } from "../accounts/testing/test-browser.ts";
import { ApiClient } from "../testing/api-client.ts";
import { everyRegistry, startTestRegistry } from "../testing/test-registry.ts";
import type { ConfigChanges, TestRegistry } from "../testing/test-registry.ts";
import { codeIn, TestMailServer } from "./testing/test-mail-server.ts";

const PASSWORD = "correct horse";
const URL = "https://registry.example.com";

function withMail(server: TestMailServer, more: ConfigChanges = {}): ConfigChanges {
  return {
    mail: { url: server.url, from: "Wharf <wharf@example.com>", timeout: 5000 },
    server: { url: URL },
    ...more,
  };
}

suite("mail", () => {
  everyRegistry((start) => {
    test("a lost password is replaced by mail, once, and all sessions end", async () => {
      await using mails = await TestMailServer.start();
      let now = Date.now();
      await using registry = await start({ config: withMail(mails), now: () => now });
      await addAlice(registry);
      const browser = new TestBrowser(registry);
      await browser.signIn("alice", PASSWORD);
      const api = new ApiClient(registry.client());
      const sent = await api.post("/recovery", { email: "ALICE@example.com" });
      const none = await api.post("/recovery", { email: "nobody@example.com" });
      assert.deepEqual([sent.json, none.json], [{ status: "sent" }, { status: "sent" }]);
      const mail = await mails.mail(1);
      assert.deepEqual([mail.from, mail.to], ["wharf@example.com", ["alice@example.com"]]);
      assert.match(mail.source, /^Subject: A new password for alice$/m);
      assert.match(mail.source, /^Auto-Submitted: auto-generated$/m);
      const code = codeIn(mail);
      assert(mail.text.includes(`${URL}/recovery?code=${code}`));

      // Whoever reads the database finds nothing to use: neither now nor in what is left of the job.
      await registry.settled();
      assert(!(await everything(registry)).includes(code));
      assert.equal(mails.received.length, 1);

      const password = "another horse";
      const wrong = [
        [{ code: `${code}x`, password }, "404 NOT_FOUND"],
        [{ code: "", password }, "404 NOT_FOUND"],
        [{ code, password: "short" }, "400 PARAMETER_INVALID"],
        [{ code }, "400 PARAMETER_INVALID"],
      ] as const;
      for (const [body, outcome] of wrong) {
        assert.equal((await api.post("/recovery/confirm", body)).outcome, outcome);
      }
      // A code for a password confirms no address.
      assert.equal((await api.post("/user/confirm", { code })).outcome, "404 NOT_FOUND");
      const twice = await Promise.all([
        api.post("/recovery/confirm", { code, password }),
        api.post("/recovery/confirm", { code, password: "third horse" }),
      ]);
      assert.deepEqual(twice.map(({ outcome }) => outcome).toSorted(), ["200", "404 NOT_FOUND"]);
      assert.equal((await browser.get("/user")).outcome, "401 UNAUTHORIZED");
      assert.equal((await new TestBrowser(registry).signIn("alice", PASSWORD)).status, 403);
      const told = await mails.mail(2);
      assert.match(told.source, /^Subject: The password of alice was changed$/m);

      // An hour later a code is worth nothing.
      now += 120_000;
      await api.post("/recovery", { email: "alice@example.com" });
      const late = codeIn(await mails.mail(3));
      now += 3_600_001;
      const expired = await api.post("/recovery/confirm", { code: late, password });
      assert.equal(expired.outcome, "404 NOT_FOUND");
    });

    test("nobody gets mails without end, and disabled users none", async () => {
      await using mails = await TestMailServer.start();
      await using registry = await start({
        config: withMail(mails, { accounts: { failuresPerMinute: 3 } }),
      });
      await addAlice(registry);
      const bob = { name: "bob", password: PASSWORD, email: "bob@example.com" };
      await createUser(registry.administration, OPERATOR, bob);
      await setEnabled(registry.administration, OPERATOR, "bob", false);
      const api = new ApiClient(registry.client());
      const outcomes: string[] = [];
      for (const email of ["bob@example.com", "alice@example.com", "alice@example.com", "x@y.z"]) {
        outcomes.push((await api.post("/recovery", { email })).outcome);
        await registry.settled();
      }
      assert.deepEqual(outcomes, ["200", "200", "200", "429 TOOMANYREQUESTS"]);
      assert.deepEqual(
        mails.received.map(({ to }) => to),
        [["alice@example.com"]],
      );
      for (const email of ["", "alice", "a@b, c@d", "a@b\r\nBcc: c@d", "<a@b>"]) {
        const answer = await api.post("/recovery", { email });
        assert.equal(answer.outcome, "400 PARAMETER_INVALID", email);
      }
      // A password that a superuser sets makes codes that are under way worthless.
      const code = codeIn(await mails.mail(1));
      await setPassword(registry.administration, OPERATOR, "alice", "third horse");
      const body = { code, password: "another horse" };
      assert.equal((await api.post("/recovery/confirm", body)).outcome, "404 NOT_FOUND");
    });

    test("users who register confirm their address before they can do anything", async () => {
      await using mails = await TestMailServer.start();
      const accounts = { registration: "open", verifyEmail: true } as const;
      await using registry = await start({ config: withMail(mails, { accounts }) });
      const browser = new TestBrowser(registry);
      const user = { username: "alice", password: PASSWORD, email: "alice@example.com" };
      const missing = await browser.ask("POST", "/user", { ...user, email: undefined });
      assert.deepEqual([missing.status, missing.json.field], [400, "email"]);
      const made = await browser.ask("POST", "/user", user);
      assert.deepEqual(made.json, { awaiting_verification: true });
      assert.equal(made.headers["set-cookie"], undefined);
      assert.equal((await browser.signIn("alice", PASSWORD)).outcome, "403 EMAIL_UNVERIFIED");
      assert.equal(
        (await browser.signIn("alice", "wrong password")).outcome,
        "403 CREDENTIALS_INVALID",
      );
      const docker = registry.client(basic("alice", PASSWORD));
      assert.equal((await docker.get("/v2/")).status, 403);
      const code = codeIn(await mails.mail(1));

      // The link leads to a page; opening it confirms nothing.
      const client = registry.client();
      const page = await client.get(`/confirm?code=${code}`);
      assert.match(page.body.toString(), new RegExp(`value="${code}"`));
      assert.match(String(page.headers["content-security-policy"]), /^default-src 'none'/);
      const evil = await client.get(`/confirm?code=${encodeURIComponent('"><script>')}`);
      assert(!evil.body.toString().includes("<script>"));
      const form = { "content-type": "application/x-www-form-urlencoded" };
      const wrong = await client.post("/confirm", "code=none", { headers: form });
      assert.equal(wrong.status, 404);
      assert.match(wrong.body.toString(), /That did not work/);
      const right = await client.post("/confirm", `code=${code}`, { headers: form });
      assert.match(right.body.toString(), /alice@example\.com is the address of the user alice/);
      assert.equal((await browser.signIn("alice", PASSWORD)).outcome, "200");
      assert.equal((await docker.get("/v2/")).status, 200);
      const again = await client.post("/confirm", `code=${code}`, { headers: form });
      assert.equal(again.status, 404);

      // Who has lost that mail gets another one by asking for a password.
      await browser.ask("POST", "/signout");
      await browser.ask("POST", "/user", { ...user, username: "bob", email: "bob@example.com" });
      await mails.mail(2);
      await browser.ask("POST", "/recovery", { email: "bob@example.com" });
      const recovery = codeIn(await mails.mail(3));
      const fields = { code: recovery, password: "another horse", again: "another horses" };
      const differs = await client.post("/recovery", encoded(fields), { headers: form });
      assert.match(differs.body.toString(), /not the same/);
      const done = await client.post("/recovery", encoded({ ...fields, again: fields.password }), {
        headers: form,
      });
      assert.equal(done.status, 200);
      assert.equal((await browser.signIn("bob", "another horse")).outcome, "200");
    });

    test("another address counts once it has confirmed itself, and the old one is told", async () => {
      await using mails = await TestMailServer.start();
      await using registry = await start({ config: withMail(mails) });
      await addAlice(registry);
      const bob = { name: "bob", password: PASSWORD, email: "bob@example.com" };
      await createUser(registry.administration, OPERATOR, bob);
      const api = new ApiClient(registry.client(basic("alice", PASSWORD)));
      const taken = await api.put("/user", { email: "BOB@example.com" });
      assert.deepEqual([taken.outcome, taken.json.field], ["400 CONFLICT", "email"]);
      const asked = await api.put("/user", { email: "new@example.com" });
      assert.equal(asked.json.email, "alice@example.com");
      const mail = await mails.mail(1);
      assert.deepEqual(mail.to, ["new@example.com"]);
      const code = codeIn(mail);
      // Nobody needs to be signed in to confirm.
      const anybody = new ApiClient(registry.client());
      const confirmed = await anybody.post("/user/confirm", { code });
      assert.deepEqual(confirmed.json, { username: "alice", email: "new@example.com" });
      assert.equal((await api.get("/user")).json.email, "new@example.com");
      const told = await mails.mail(2);
      assert.deepEqual(told.to, ["alice@example.com"]);
      assert.match(told.source, /^Subject: The e-mail address of alice was changed$/m);

      // Somebody else was quicker.
      await api.put("/user", { email: "third@example.com" });
      const late = codeIn(await mails.mail(3));
      const carol = { name: "carol", password: PASSWORD, email: "third@example.com" };
      await createUser(registry.administration, OPERATOR, carol);
      const conflict = await anybody.post("/user/confirm", { code: late });
      assert.equal(conflict.outcome, "400 CONFLICT");
    });

    test("who is invited to a team by mail registers with its code, or accepts with an account", async () => {
      await using mails = await TestMailServer.start();
      const accounts = { registration: "invited", verifyEmail: true } as const;
      await using registry = await start({ config: withMail(mails, { accounts }) });
      await addAlice(registry);
      const admin = new ApiClient(registry.admin);
      const invite = "/organization/team/team/owners/invite";
      assert.match((await admin.put(`${invite}/bob@example.com`)).outcome, /^20\d$/);
      const mail = await mails.mail(1);
      assert.deepEqual(mail.to, ["bob@example.com"]);
      assert.match(mail.source, /^Subject: You are invited to the team owners of team$/m);
      const code = codeIn(mail);
      await registry.settled();
      assert(!(await everything(registry)).includes(code));
      // Whoever reads mail at the address has confirmed it by that.
      const browser = new TestBrowser(registry);
      const bob = { username: "bob", password: PASSWORD, invite_code: code };
      const made = await browser.ask("POST", "/user", bob);
      assert.deepEqual([made.json.email, made.json.verified], ["bob@example.com", true]);
      assert.equal(made.json.organizations[0].name, "team");

      // Somebody with an account needs no other one.
      await admin.put(`${invite}/elsewhere@example.com`);
      const second = codeIn(await mails.mail(2));
      const alice = new TestBrowser(registry);
      const credentials = { username: "alice", password: PASSWORD, invite_code: second };
      assert.equal((await alice.ask("POST", "/signin", credentials)).outcome, "200");
      assert.equal((await alice.get("/user")).json.organizations[0].name, "team");
      assert.equal((await alice.ask("POST", "/signin", credentials)).outcome, "200");
    });

    test("a mail that cannot be sent is tried again, and no code of it is left", async () => {
      await using mails = await TestMailServer.start();
      await using registry = await start({ config: withMail(mails) });
      await addAlice(registry);
      const api = new ApiClient(registry.client());
      mails.refusals.push({ code: 451, text: "come again" });
      await api.post("/recovery", { email: "alice@example.com" });
      // The second attempt goes through, a second later.
      const code = codeIn(await mails.mail(1));
      await registry.settled();
      const { read } = registry.database;
      assert.equal((await read.selectFrom("mail_codes").select("kind").execute()).length, 1);
      const body = { code, password: "another horse" };
      assert.equal((await api.post("/recovery/confirm", body)).outcome, "200");

      await mails.mail(2);
      mails.refusals.push({ code: 550, text: "no such user" });
      await registry.admin.post("/api/v1/superuser/users/alice/sendrecovery");
      await registry.settled();
      const dead = await read
        .selectFrom("jobs")
        .select("last_error")
        .where("state", "=", "dead")
        .execute();
      assert.equal(dead.length, 1);
      assert.match(String(dead[0]?.last_error), /no such user/);
      assert.deepEqual(await read.selectFrom("mail_codes").select("kind").execute(), []);
    });
  });

  test("without a mail server nothing is promised", async () => {
    await using registry = await startTestRegistry();
    await addAlice(registry);
    const api = new ApiClient(registry.client());
    const answer = await api.post("/recovery", { email: "alice@example.com" });
    assert.equal(answer.outcome, "400 CONFLICT");
    const admin = new ApiClient(registry.admin);
    for (const path of ["superuser", "superusers"]) {
      const sent = await admin.post(`/${path}/users/alice/sendrecovery`);
      assert.equal(sent.outcome, "400 CONFLICT");
    }
    // An address counts at once.
    const alice = new ApiClient(registry.client(basic("alice", PASSWORD)));
    assert.equal(
      (await alice.put("/user", { email: "a@example.com" })).json.email,
      "a@example.com",
    );
  });
});

async function addAlice({ administration }: TestRegistry): Promise<void> {
  const alice = { name: "alice", password: PASSWORD, email: "alice@example.com" };
  await createUser(administration, OPERATOR, alice);
}

function encoded(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

/** All that the database has about mails, jobs and events. */
async function everything({ database: { read } }: TestRegistry): Promise<string> {
  return JSON.stringify([
    await read.selectFrom("mail_codes").selectAll().execute(),
    await read.selectFrom("jobs").selectAll().execute(),
    await read.selectFrom("events").selectAll().execute(),
    await read.selectFrom("audit_log").selectAll().execute(),
  ]);
}
