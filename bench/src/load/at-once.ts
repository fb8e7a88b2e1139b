import { Connection } from "./connection.ts";

/** What writers did together. */
export interface Written {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p99: number;
}

/**
 * Lets several writers work until the time or the work is over, each on a connection of its own.
 *
 * @param write does one piece of work; told its number, counted over all writers; false: there is no more
 * @param seconds after which none is begun; undefined: until there is no more
 */
export async function atOnce(
  host: string,
  writers: number,
  write: (connection: Connection, number: number) => Promise<boolean>,
  seconds = Number.POSITIVE_INFINITY,
): Promise<Written> {
  const connections = await Promise.all(
    Array.from({ length: writers }, () => Connection.open(host)),
  );
  const times: number[] = [];
  let next = 0;
  const began = performance.now();
  const until = began + seconds * 1000;
  const work = async (connection: Connection): Promise<void> => {
    while (performance.now() < until) {
      const start = performance.now();
      if (!(await write(connection, next++))) return;
      times.push(performance.now() - start);
    }
  };
  try {
    await Promise.all(connections.map(work));
    const took = (performance.now() - began) / 1000;
    const sorted = times.toSorted((a, b) => a - b);
    return {
      requests: times.length,
      seconds: took,
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    };
  } finally {
    for (const connection of connections) connection[Symbol.dispose]();
  }
}
