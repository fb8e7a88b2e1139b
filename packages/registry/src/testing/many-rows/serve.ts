import { once } from "node:events";
import { parseArgs } from "node:util";
import { OPERATOR } from "../../accounts/admin/actor.ts";
import { createOauthToken } from "../../accounts/admin/access-secrets.ts";
import { basic, startTestRegistry } from "../test-registry.ts";
import { fillDatabase } from "./fill-database.ts";
import { LIST_REQUESTS, MEMBER } from "./list-requests.ts";
import { LARGE } from "./scale.ts";

/**
 * `node …/serve.ts --database sqlite|postgres`: a registry with as much in it as lists must cope with. Tells where it is
 * and what can be asked for in one line of JSON, and serves until its standard input ends.
 */
const { values } = parseArgs({ options: { database: { type: "string", default: "sqlite" } } });
await using registry = await startTestRegistry({
  database: values.database === "postgres" ? "postgres" : "sqlite",
  config: { api: { requestsPerMinute: 1_000_000 } },
});
await registry.settled();
const since = performance.now();
await fillDatabase(registry.config.database, LARGE, Date.now(), (line) => {
  process.stderr.write(`${line}\n`);
});
const seconds = (performance.now() - since) / 1000;
const { secret } = await createOauthToken(registry.administration, OPERATOR, MEMBER, {
  title: "lists",
});
const authorization = {
  superuser: registry.authorization,
  member: basic("$oauthtoken", secret),
  anybody: undefined,
};
const requests = LIST_REQUESTS.map(({ path, by }) => ({
  path,
  by,
  authorization: authorization[by],
}));
process.stdout.write(`${JSON.stringify({ url: registry.url, seconds, requests })}\n`);
process.stdin.resume();
await once(process.stdin, "end");
