interface LogRecord {
  readonly time: string;
  readonly level: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** As `log.ts` writes errors. */
interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: unknown;
}

/** A line for people, from the JSON line of the logger: `20:41:07.123 info  message key=value`. */
export function textLine(json: string): string {
  // Our own logger has written it: an object with these fields.
  const { time, level, msg, ...fields } = JSON.parse(json) as LogRecord;
  const stacks: string[] = [];
  const facts = Object.entries(fields).map(([name, value]) => fact(name, value, stacks));
  const head = `${time} ${level.padEnd(5)} ${plain(msg ?? "")}`;
  return `${[[head, ...facts].join(" "), ...stacks].join("\n")}\n`;
}

/** Errors show their message here and their stack, which has several lines, below. */
function fact(name: string, value: unknown, stacks: string[]): string {
  if (typeof value !== "object" || value === null) return `${name}=${shown(value)}`;
  for (let error: unknown = value; isErrorRecord(error); error = error.cause) {
    const stack = error.stack ?? `${error.name}: ${error.message}`;
    stacks.push(...stack.split("\n").map((line) => `    ${plain(line)}`));
  }
  return `${name}=${shown(isErrorRecord(value) ? value.message : JSON.stringify(value))}`;
}

function isErrorRecord(value: unknown): value is ErrorRecord {
  return typeof value === "object" && value !== null && "message" in value;
}

function shown(value: unknown): string {
  const text = String(value);
  return /^[\w./:@+%&=?*,-]+$/.test(text) ? text : JSON.stringify(plain(text));
}

/** Without characters that would move the cursor or begin a line that nobody has logged. */
function plain(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
