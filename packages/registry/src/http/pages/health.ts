import type { RegistryContext } from "../../context.ts";
import type { PlainRoute } from "../plain-route.ts";

/** `/healthz`: the process lives. `/readyz`: it can work. @param isStopping tells that it takes no new work */
export function healthRoutes(isStopping: () => boolean): readonly PlainRoute[] {
  return [
    {
      endpoint: { method: "GET", path: "/healthz" },
      label: "health",
      handle: async (exchange) => exchange.sendJson(200, { status: "ok" }),
    },
    {
      endpoint: { method: "GET", path: "/readyz" },
      label: "health",
      handle: async (exchange, _parameters, context) => {
        if (isStopping()) {
          exchange.sendJson(503, { status: "stopping" });
          return;
        }
        const checks = await readiness(context);
        const isReady = Object.values(checks).every((text) => text === "ok");
        exchange.sendJson(isReady ? 200 : 503, { status: isReady ? "ok" : "not ready", checks });
      },
    },
  ];
}

async function readiness({ database, store }: RegistryContext): Promise<Record<string, string>> {
  const [db, blobs] = await Promise.allSettled([
    database.read.selectFrom("settings").select("key").limit(1).execute(),
    store.stat("readiness"),
  ]);
  return { database: outcome(db), storage: outcome(blobs) };
}

/** What is wrong is for the log, not for everybody. */
function outcome({ status }: PromiseSettledResult<unknown>): string {
  return status === "fulfilled" ? "ok" : "failed";
}
