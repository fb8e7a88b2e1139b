import { randomBytes, randomUUID } from "node:crypto";
import type { ExportFormat } from "./log-text.ts";

/** How long a file can be fetched, in milliseconds. */
export const FILE_LIFE = 86_400_000;

/** A file that an export makes. */
export interface ExportFile {
  /** UUID. */
  readonly exportId: string;
  /** Milliseconds since 1970; nobody is given it after that. */
  readonly until: number;
  readonly format: ExportFormat;
  /** 32 hex digits: whoever knows them may fetch it. */
  readonly secret: string;
}

/** @param now in milliseconds since 1970 */
export function newExportFile(format: ExportFormat, now: number): ExportFile {
  const until = Math.floor((now + FILE_LIFE) / 1000) * 1000;
  return { exportId: randomUUID(), until, format, secret: randomBytes(16).toString("hex") };
}

/** Last segment of its key in the blob store: `<export id>.<end, seconds since 1970>.<secret>.<format>`. */
export function fileName({ exportId, until, secret, format }: ExportFile): string {
  return `${exportId}.${until / 1000}.${secret}.${format}`;
}

/** The secret stands in the query, because paths stand in logs. */
export function fileLink(origin: string, { exportId, until, secret, format }: ExportFile): string {
  return `${origin}/exportedlogs/${exportId}.${until / 1000}.${format}?token=${secret}`;
}

/** @returns undefined for what {@link fileName} has not made */
export function parseFileName(name: string): ExportFile | undefined {
  const match = /^([0-9a-f-]{36})\.(\d{1,11})\.([0-9a-f]{32})\.(json|ndjson|csv)$/.exec(name);
  if (match === null) return undefined;
  const [, exportId = "", end = "", secret = "", format] = match;
  return { exportId, until: Number(end) * 1000, secret, format: format as ExportFormat }; // one of the three
}

/** @param file last segment of the link's path. @param secret of its query */
export function parseFileLink(file: string, secret: string): ExportFile | undefined {
  const [exportId = "", end = "", format = "", ...rest] = file.split(".");
  return rest.length > 0 ? undefined : parseFileName(`${exportId}.${end}.${secret}.${format}`);
}
