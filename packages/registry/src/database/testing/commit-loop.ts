// Run by the database suite as a process of its own: commits without end and prints what is durable, until it is killed.
import { openDatabase } from "../open-database.ts";
import type { DatabaseOptions } from "../open-database.ts";

const options = JSON.parse(process.argv[2] ?? "") as DatabaseOptions; // as the suite writes it
const database = await openDatabase(options);
let count = 0;

async function commitForEver(): Promise<never> {
  for (;;) {
    const key = String(count++);
    await database.transaction(async (trx) => {
      await trx
        .insertInto("settings")
        .values({ key: `first ${key}`, value: "" })
        .execute();
      await trx
        .insertInto("settings")
        .values({ key: `second ${key}`, value: "" })
        .execute();
    });
    process.stdout.write(`${key}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, commitForEver));
