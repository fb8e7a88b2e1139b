import type { Goal } from "./goal.ts";
import { describeMachine, machineLine } from "./machine.ts";
import { goalTable } from "./markdown.ts";
import { keepRawRows } from "./raw-rows.ts";

/** What a suite hands over. */
export interface SuiteResult {
  readonly suite: string;
  readonly title: string;
  readonly goals: readonly Goal[];
  /** Markdown below the goals. */
  readonly body: string;
  /** Every single run, each with its load. */
  readonly rows: readonly object[];
}

/** Keeps the raw rows and makes the page: title, machine, goals, tables. */
export async function report(result: SuiteResult, say: (line: string) => void): Promise<string> {
  const machine = await describeMachine();
  say(`raw rows: ${await keepRawRows(result.suite, machine, result.rows)}`);
  const parts = [
    `# ${result.title}`,
    `${new Date().toISOString().slice(0, 10)}, ${machineLine(machine)}.`,
  ];
  if (result.goals.length > 0) parts.push(goalTable(result.goals));
  parts.push(result.body);
  return `${parts.join("\n\n")}\n`;
}
