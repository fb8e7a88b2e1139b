/**
 * Finds import cycles.
 *
 * @param graph for each file the files it imports at run time
 * @returns one cycle for each knot of files that reach each other, as a list of files in the order of their imports,
 *   beginning with the first by name
 */
export function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const inKnot = new Set<string>();
  for (const file of [...graph.keys()].toSorted()) {
    if (inKnot.has(file)) continue;
    const cycle = shortestWayBack(graph, file);
    if (cycle === undefined) continue;
    found.push(cycle);
    for (const member of cycle) inKnot.add(member);
  }
  return found;
}

/** Breadth first from a file until it is reached again. */
function shortestWayBack(
  graph: ReadonlyMap<string, readonly string[]>,
  start: string,
): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) return wayTo(file, cameFrom);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return undefined;
}

function wayTo(end: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [end];
  for (let at = cameFrom.get(end); at !== undefined; at = cameFrom.get(at)) way.unshift(at);
  return way;
}
