import assert from "node:assert/strict";
import { argon2Sync } from "node:crypto";
import { suite, test } from "node:test";
import { PasswordHashes } from "./password-hashes.ts";

suite("password hashes", () => {
  test("fit their password alone, and are another each time", async () => {
    const hashes = new PasswordHashes();
    const [one, other] = await Promise.all([hashes.hash("pässword"), hashes.hash("pässword")]);
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    assert.notEqual(one, other);
    assert(await hashes.verify(one, "pässword"));
    assert(!(await hashes.verify(one, "password")));
    assert(!(await hashes.verify(undefined, "pässword")));
  });

  test("of other parameters are read from their text", async () => {
    const message = Buffer.from("secret");
    const nonce = Buffer.alloc(16, 7);
    const parameters = { message, nonce, memory: 64, passes: 3, parallelism: 2, tagLength: 24 };
    const tag = argon2Sync("argon2id", parameters).toString("base64").replace(/=+$/, "");
    const salt = nonce.toString("base64").replace(/=+$/, "");
    const hash = `$argon2id$v=19$m=64,t=3,p=2$${salt}$${tag}`;
    assert(await new PasswordHashes().verify(hash, "secret"));
    assert(!(await new PasswordHashes().verify(hash, "secreT")));
  });

  test("that are none are a fault of the database", async () => {
    await assert.rejects(new PasswordHashes().verify("$2y$05$bcrypt", "x"), /malformed/);
  });
});
