/**
 * The names most like a wanted one, for the hint beside "not found".
 *
 * @param available what there is; only the first 10,000 are looked at
 * @returns at most five, the most alike first; none when nothing resembles it
 */
export function nearNames(wanted: string, available: Iterable<string>): string[] {
  const rated: { name: string; distance: number }[] = [];
  let seen = 0;
  for (const name of new Set(available)) {
    if (++seen > 10_000) break;
    const distance = distanceOf(wanted, name);
    if (distance !== undefined) rated.push({ name, distance });
  }
  rated.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return rated.slice(0, 5).map(({ name }) => name);
}

/** 0 for another tag of the same image, then names that hold each other, then typing errors. */
function distanceOf(wanted: string, name: string): number | undefined {
  const [path, other] = [pathOf(wanted), pathOf(name)];
  if (path === other) return edits(wanted, name) / 1000;
  if (path.length > 2 && other.length > 2 && (path.includes(other) || other.includes(path)))
    return 1;
  const distance = Math.min(edits(path, other), edits(lastPart(path), lastPart(other)));
  return distance <= Math.max(1, Math.floor(lastPart(path).length / 3)) ? 1 + distance : undefined;
}

function pathOf(name: string): string {
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

/** The name without registry and namespace, which are often left out. */
function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Levenshtein distance of the first 128 characters. */
function edits(left: string, right: string): number {
  const [a, b] = [left.slice(0, 128), right.slice(0, 128)];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const swap = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(swap, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
