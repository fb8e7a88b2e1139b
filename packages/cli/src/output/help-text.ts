import type { Flag } from "../flag.ts";
import type { HelpPage } from "../help-page.ts";
import { wrapText } from "./wrap-text.ts";

/** Longer lines are hard to read. */
const WIDEST = 100;
const INDENT = "  ";
/** Where explanations begin at most; a longer term has a line of its own. */
const WIDEST_TERM = 26;

/** A help page for a terminal: synopsis, examples, flags, further sections. */
export function helpText(page: HelpPage, width: number): string {
  const text = new HelpWriter(Math.min(width, WIDEST));
  text.paragraph(`${page.command} - ${page.summary}`, "");
  text.heading("Usage");
  for (const line of page.usage) text.line(INDENT + line);
  for (const paragraph of page.description) {
    text.line("");
    text.paragraph(paragraph, "");
  }
  if (page.examples.length > 0) text.heading("Examples");
  for (const [index, { title, command }] of page.examples.entries()) {
    if (index > 0) text.line("");
    text.paragraph(title, INDENT);
    for (const line of command.split("\n")) text.line(INDENT.repeat(2) + line);
  }
  for (const { title, flags } of page.flagGroups) {
    text.heading(title);
    text.list(flags.map((flag) => [flagTerm(flag), flag.help]));
  }
  for (const { title, intro, rows } of page.sections) {
    text.heading(title);
    if (intro !== undefined) text.paragraph(intro, INDENT);
    text.list(rows);
  }
  return text.toString();
}

/** How a flag is shown: `-o FILE`, `--format KIND`, `-from LAYER`. */
export function flagTerm({ name, short, value }: Flag): string {
  const names =
    name === short ? `-${short}` : short === undefined ? `--${name}` : `-${short}, --${name}`;
  return value === undefined ? names : `${names} ${value}`;
}

class HelpWriter {
  readonly #width: number;
  readonly #lines: string[] = [];

  constructor(width: number) {
    this.#width = width;
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  heading(title: string): void {
    this.#lines.push("", `${title}:`);
  }

  paragraph(text: string, indent: string): void {
    for (const line of wrapText(text, this.#width - indent.length)) this.line(indent + line);
  }

  /** Terms with their explanations beside them in one column. */
  list(rows: readonly (readonly [term: string, explanation: string])[]): void {
    const widths = rows.map(([term]) => INDENT.length + term.length + INDENT.length);
    const column = Math.max(...widths.filter((width) => width <= WIDEST_TERM), 2 * INDENT.length);
    for (const [term, explanation] of rows) this.#term(INDENT + term, explanation, column);
  }

  #term(term: string, explanation: string, column: number): void {
    const [first = "", ...rest] = wrapText(explanation, this.#width - column);
    if (term.length + INDENT.length <= column) {
      this.line(term.padEnd(column) + first);
    } else {
      this.line(term);
      this.line(" ".repeat(column) + first);
    }
    for (const line of rest) this.line(" ".repeat(column) + line);
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}
