import { printablePath } from "../printable-path.ts";

/** Characters of a foreign text that a message shows at most. */
const SHOWN = 200;

/** Text from outside in double quotes, safe to print: control characters escaped, cut where it is long. */
export function quote(text: string): string {
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return `"${printablePath(Buffer.from(shown, "utf8").toString("latin1"))}"`;
}
