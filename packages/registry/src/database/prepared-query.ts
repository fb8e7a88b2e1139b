import { sql } from "kysely";
import type { Compilable, CompiledQuery, Expression, Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** Stands for a value that is known when the query runs. */
export type Parameter<P> = <K extends keyof P & string>(name: K) => Expression<P[K]>;

export interface PreparedQuery<P, O> {
  readonly all: (db: Kysely<Tables>, values: P) => Promise<O[]>;
  readonly first: (db: Kysely<Tables>, values: P) => Promise<O | undefined>;
  /** @returns how many rows were inserted, changed or deleted; not for queries that answer with rows */
  readonly run: (db: Kysely<Tables>, values: P) => Promise<number>;
}

/**
 * A query that is built and turned into SQL once for each dialect, for the hot paths: that takes longer than SQLite
 * takes to run it.
 *
 * @param build must make the same query each time
 * @example
 * const findManifest = preparedQuery((db, parameter: Parameter<{ repositoryId: number; digest: string }>) =>
 *   db
 *     .selectFrom("manifests")
 *     .select("content")
 *     .where("repository_id", "=", parameter("repositoryId"))
 *     .where("digest", "=", parameter("digest")),
 * );
 * const manifest = await findManifest.first(database.read, { repositoryId: 1, digest });
 */
export function preparedQuery<P extends object, O>(
  build: (db: Kysely<Tables>, parameter: Parameter<P>) => Compilable<O>,
): PreparedQuery<P, O> {
  const byDialect = new WeakMap<object, CompiledQuery<O>>();

  const compiledFor = (db: Kysely<Tables>): CompiledQuery<O> => {
    const dialect = db.getExecutor().adapter.constructor;
    const known = byDialect.get(dialect);
    if (known !== undefined) return known;
    const compiled = build(db, (name) => sql`${new Placeholder(name)}`).compile();
    byDialect.set(dialect, compiled);
    return compiled;
  };
  const execute = (db: Kysely<Tables>, values: P) => {
    const compiled = compiledFor(db);
    const given = values as Readonly<Record<string, unknown>>; // parameters are looked up by the names that P has
    const parameters = compiled.parameters.map((value) =>
      value instanceof Placeholder ? given[value.name] : value,
    );
    return db.executeQuery<O>({ ...compiled, parameters });
  };

  return {
    all: async (db, values) => (await execute(db, values)).rows,
    first: async (db, values) => (await execute(db, values)).rows[0],
    run: async (db, values) => Number((await execute(db, values)).numAffectedRows ?? 0n),
  };
}

/** Lists that are longer than this are rare; their queries are built anew. */
const LONGEST_PREPARED = 64;

/**
 * Queries with a list of values, one {@link preparedQuery} for each length.
 *
 * @param build the same query each time for the same number of values
 */
export function preparedByCount<Query>(build: (count: number) => Query): (count: number) => Query {
  const byCount = new Map<number, Query>();
  return (count) => {
    const known = byCount.get(count);
    if (known !== undefined) return known;
    const made = build(count);
    if (count <= LONGEST_PREPARED) byCount.set(count, made);
    return made;
  };
}

/** Values of a list as named parameters: `0`, `1` and so on. */
export function numbered<V>(values: readonly V[]): Record<string, V> {
  return Object.fromEntries(values.entries());
}

class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}
