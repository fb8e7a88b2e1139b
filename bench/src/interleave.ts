import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { cacheRoot } from "./cache-root.ts";
import { measure } from "./measure.ts";
import type { Row } from "./measure.ts";
import type { Subject } from "./subject.ts";

/**
 * Measures all subjects in turn, round after round (A B C, A B C, …), so that a change of the machine's mood meets all.
 *
 * @param limit rounds of a single kind, where fewer are enough
 * @param say told one line for each run
 */
export async function interleave(
  subjects: readonly Subject[],
  rounds: number,
  limit: Partial<Record<Subject["kind"], number>>,
  say: (line: string) => void,
): Promise<Row[]> {
  const folder = join(cacheRoot, "time");
  await mkdir(folder, { recursive: true });
  const rows: Row[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const subject of subjects) {
      if (round > (limit[subject.kind] ?? rounds)) continue;
      const row = await measure(subject, round, folder);
      const facts = `${row.wallSeconds.toFixed(2)} s, CPU ${row.cpuSeconds.toFixed(2)} s, ${Math.round(row.peakBytes / 1e6)} MB`;
      say(`load ${row.load.toFixed(2)}  round ${round}  ${subject.name}: ${facts}`);
      rows.push(row);
    }
  }
  for (const { output } of subjects)
    if (output !== undefined) await rm(output, { recursive: true, force: true });
  return rows;
}
