import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import { after, before, suite, test } from "node:test";
import type { LdapConfig } from "../../../config/config.ts";
import { groupDn, startTestDirectory, userDn, whyNoDirectory } from "../testing/test-directory.ts";
import type { TestDirectory } from "../testing/test-directory.ts";
import { binaryAttributes, directoryUser, subjectValue } from "./directory-entry.ts";
import { Directory } from "./directory.ts";

suite("the directory", { skip: whyNoDirectory() ?? false }, () => {
  let slapd: TestDirectory;
  before(async () => {
    slapd = await startTestDirectory();
  });
  after(() => slapd[Symbol.asyncDispose]());

  const open = (changes: Partial<LdapConfig> = {}): Directory =>
    new Directory(slapd.config(changes), undefined);

  test("a right password is right, by name and by what tells the entry for good", async () => {
    const directory = open();
    const alice = await directory.authenticate({ name: "alice" }, "alice secret");
    assert.equal(alice?.dn, userDn("alice"));
    assert.equal(alice?.email, "alice@example.com");
    assert.match(alice?.subject ?? "", /^[0-9a-f-]{36}$/);
    const subject = alice?.subject ?? "";
    assert.equal((await directory.authenticate({ subject }, "alice secret"))?.name, "alice");
    // As people type it.
    assert.equal((await directory.authenticate({ name: "ALICE" }, "alice secret"))?.name, "alice");
  });

  test("what is wrong, empty, of nobody or no user is refused", async () => {
    const directory = open();
    for (const [name, password] of [
      ["alice", "wrong"],
      ["alice", ""],
      ["nobody", "x"],
      ["", ""],
      ["", "x"],
      ["printer", "printer secret"],
      ["alice", "alice secret\0"],
    ] as const) {
      assert.equal(await directory.authenticate({ name }, password), undefined, name + password);
    }
    assert.equal(await directory.authenticate(undefined, "alice secret"), undefined);
  });

  test("nothing in a name is taken for a part of the filter", async () => {
    const directory = open();
    for (const name of [
      "*",
      "a*",
      "alice)(uid=*",
      "*)(uid=*))(|(uid=*",
      "\\61lice",
      "alice\0",
      "bob)(|(objectClass=*)",
      "\\2a",
    ]) {
      assert.equal(await directory.authenticate({ name }, "alice secret"), undefined, name);
      assert.equal(await directory.authenticate({ subject: name }, "alice secret"), undefined);
    }
    await slapd.addUser("odd*(name)\\");
    const odd = await directory.authenticate({ name: "odd*(name)\\" }, "odd*(name)\\ secret");
    assert.equal(odd?.name, "odd*(name)\\");
  });

  test("whoever could be several is nobody", async () => {
    const directory = open({ usernameAttribute: "sn" });
    await slapd.addUser("dave1", { sn: "dave", userPassword: "same" });
    assert.equal((await directory.authenticate({ name: "dave" }, "same"))?.dn, userDn("dave1"));
    await slapd.addUser("dave2", { sn: "dave", userPassword: "same" });
    assert.equal(await directory.authenticate({ name: "dave" }, "same"), undefined);
  });

  test("attributes that hold bytes are told as hex digits, and found again", () => {
    const config = { ...slapd.config(), subjectAttribute: "objectGUID" };
    assert.deepEqual(binaryAttributes(config), ["objectGUID"]);
    const entry = { dn: "cn=a", objectguid: Buffer.from([0, 255]), uid: "a", mail: [] };
    const user = directoryUser(entry, config);
    assert.equal(user?.subject, "00ff");
    assert.deepEqual(subjectValue(user?.subject ?? "", config), Buffer.from([0, 255]));
    assert.equal(directoryUser({ ...entry, uid: [] }, config), undefined);
  });

  test("connections are encrypted, with a certificate of the host by an authority that is known", async () => {
    const { caCertificate, port, tlsPort } = slapd;
    const alice = async (changes: Partial<LdapConfig>): Promise<string | undefined> =>
      (await open(changes).authenticate({ name: "alice" }, "alice secret"))?.name;
    const url = `ldaps://localhost:${tlsPort}`;
    assert.equal(await alice({ url, caCertificate }), "alice");
    assert.equal(await alice({ startTls: true, caCertificate }), "alice");
    for (const changes of [
      { url },
      { startTls: true },
      { url: `ldaps://127.0.0.1:${tlsPort}`, caCertificate },
      { url: `ldap://127.0.0.1:${port}`, startTls: true, caCertificate },
      { url, caCertificate: "/nowhere.pem" },
      { url: `ldaps://localhost:${port}`, caCertificate },
    ]) {
      await assert.rejects(alice(changes), { code: "UNAVAILABLE" }, JSON.stringify(changes));
    }
  });

  test("a directory that is wrong, silent or gone is told, in time", async () => {
    const ask = (changes: Partial<LdapConfig>): Promise<unknown> =>
      open(changes).authenticate({ name: "alice" }, "alice secret");
    const unavailable = { code: "UNAVAILABLE", status: 503 };
    await assert.rejects(
      ask({ bind: { dn: "cn=x,dc=example,dc=com", password: "x" } }),
      unavailable,
    );
    await assert.rejects(ask({ baseDn: "dc=elsewhere" }), unavailable);
    await assert.rejects(ask({ url: "ldap://localhost:1" }), unavailable);
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo; // it listens to TCP
    const url = `ldap://127.0.0.1:${port}`;
    await assert.rejects(ask({ url, timeout: 100 }), unavailable);
    await assert.rejects(ask({ url, timeout: 100, startTls: true }), unavailable);
    await assert.rejects(ask({ url: url.replace("ldap", "ldaps"), timeout: 100 }), unavailable);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test("work that is called off ends at once, and is no fault of the directory", async () => {
    const directory = open();
    const controller = new AbortController();
    const reason = new Error("the registry stops");
    let hasEnded = false;
    const running = directory.session(async (connection) => {
      controller.abort(reason);
      await connection.hasUsers().finally(() => (hasEnded = true));
    }, controller.signal);
    await assert.rejects(running, reason);
    assert.ok(hasEnded);
  });

  test("what answers no LDAP is told", async () => {
    const chatty = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    chatty.listen(0, "127.0.0.1");
    await once(chatty, "listening");
    const { port } = chatty.address() as AddressInfo; // it listens to TCP
    const directory = open({ url: `ldap://127.0.0.1:${port}`, timeout: 500 });
    await assert.rejects(directory.authenticate({ name: "alice" }, "x"), { code: "UNAVAILABLE" });
    chatty.close();
  });

  test("groups are read, and what is none is not", async () => {
    const directory = open();
    await directory.session(async (connection) => {
      const devs = await connection.groupAt(groupDn("devs"), ["member"]);
      assert.deepEqual(devs?.["member"], [userDn("alice"), userDn("bob")]);
      assert.equal(await connection.groupAt(userDn("alice"), ["member"]), undefined);
      assert.equal(await connection.groupAt("cn=none,dc=example,dc=com", []), undefined);
      assert.equal(await connection.groupAt("no name at all", []), undefined);
      assert.equal((await connection.userAt(userDn("bob")))?.name, "bob");
      assert.equal(await connection.userAt(groupDn("devs")), undefined);
      assert.equal(await connection.hasUsers(), true);
    }, AbortSignal.timeout(5000));
  });
});
