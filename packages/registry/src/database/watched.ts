import type { CompiledQuery, KyselyConfig } from "kysely";

/** Is told of every statement that has run, with its values; for tests and measurements. */
export type OnQuery = (query: CompiledQuery) => void;

/** What a database hands Kysely for it; nothing is measured where nobody listens. */
export function watched(onQuery: OnQuery | undefined): Pick<KyselyConfig, "log"> {
  return onQuery === undefined ? {} : { log: ({ query }) => onQuery(query) };
}
