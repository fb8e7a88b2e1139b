import { z } from "zod";
import type { RegistryContext } from "../../context.ts";
import type { EventPayloads } from "../../events/event.ts";
import type { EventWriter } from "../../events/event-writer.ts";
import { jobHandler } from "../../jobs/job-handler.ts";
import type { JobHandler } from "../../jobs/job-handler.ts";
import { savePushTime } from "./description-store.ts";

const KIND = "repository.pushed";

/** Notes when repositories were pushed to, soon after the push: pushes to one need not wait for its row. */
export function pushTimeWriter({ now }: Pick<RegistryContext, "now">): EventWriter {
  return {
    events: new Set(["manifest.pushed"]),
    rowsOf: (_kind, payload) => [(payload as EventPayloads["manifest.pushed"]).repositoryId], // recordEvent wrote nothing else
    write: (trx, rows) => savePushTime(trx, distinct(rows), now()),
    later: (rows) => {
      const ids = distinct(rows);
      return { kind: KIND, key: ids.join(" "), payload: { ids, at: now() } };
    },
  };
}

export function pushTimeJob({ database }: Pick<RegistryContext, "database">): JobHandler {
  return jobHandler({
    kind: KIND,
    payload: z.object({ ids: z.array(z.number()), at: z.number() }),
    run: ({ ids, at }) => database.transaction((trx) => savePushTime(trx, ids, at)),
  });
}

/** In the same order everywhere. */
function distinct(rows: readonly unknown[]): number[] {
  return [...new Set(rows as readonly number[])].toSorted((a, b) => a - b); // made by rowsOf
}
