import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { everyDatabase, openTestSqlite } from "../database/testing/every-database.ts";
import { SealedSecrets } from "./sealed-secrets.ts";

const SECRET_KEY = "a key of at least 32 characters, from the configuration";

suite("secrets that are shown again", () => {
  everyDatabase((_dialect, open) => {
    test("open for every replica, and only for what they belong to", async () => {
      await using database = await open();
      for (const secretKey of [undefined, SECRET_KEY]) {
        const one = new SealedSecrets({ database, secretKey });
        const other = new SealedSecrets({ database, secretKey });
        const sealed = await one.seal("grüße", "credential:1");
        assert.match(sealed, /^v1\.[\w-]{12}\.[\w-]+$/);
        assert.equal(await other.open(sealed, "credential:1"), "grüße");
        assert.equal(await other.open(sealed, "credential:2"), undefined);
        assert.notEqual(await one.seal("grüße", "credential:1"), sealed);
      }
    });
  });

  test("what cannot be opened is no error", async () => {
    await using database = await openTestSqlite();
    const sealer = new SealedSecrets({ database, secretKey: SECRET_KEY });
    const sealed = await sealer.seal("secret", "here");
    const other = new SealedSecrets({ database, secretKey: `${SECRET_KEY}!` });
    assert.equal(await other.open(sealed, "here"), undefined);
    const [version, id, text = ""] = sealed.split(".");
    const bytes = Buffer.from(text, "base64url");
    bytes[13] = (bytes[13] ?? 0) ^ 1;
    for (const damaged of [
      null,
      "",
      "v1",
      "v1.",
      `v2.${id}.${text}`,
      `${version}.${id}.`,
      `${version}.${id}.${text.slice(0, 10)}`,
      `${version}.${id}.${bytes.toString("base64url")}`,
    ]) {
      assert.equal(await sealer.open(damaged, "here"), undefined, String(damaged));
    }
  });
});
