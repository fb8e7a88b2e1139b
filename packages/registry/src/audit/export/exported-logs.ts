import type { PlainRoute } from "../../http/plain-route.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { objectContent, sendContent } from "../../http/send-content.ts";
import { exportKey } from "../../storage/object-keys.ts";
import { fileName, parseFileLink } from "./export-file.ts";

const TYPES = {
  json: "application/json",
  ndjson: "application/x-ndjson",
  csv: "text/csv; charset=utf-8",
} as const;

/** `GET /exportedlogs/{file}?token=`: whoever knows the link may fetch the file, until its time is over. */
export const exportedLogsRoutes: readonly PlainRoute[] = [
  {
    endpoint: { method: "GET", path: "/exportedlogs/{file}" },
    label: "exportedlogs",
    handle: async (exchange, parameters, { store, now }) => {
      const secret = exchange.query.get("token") ?? "";
      const file = parseFileLink(parameters["file"] ?? "", secret);
      if (file === undefined || file.until <= now()) throw unknownFile();
      const key = exportKey(fileName(file));
      const size = await store.stat(key);
      if (size === undefined) throw unknownFile();
      const { exportId, format } = file;
      await sendContent(exchange, {
        size,
        etag: `"${exportId}"`,
        headers: {
          "Content-Type": TYPES[format],
          "Content-Disposition": `attachment; filename="audit-log-${exportId}.${format}"`,
          "Cache-Control": "private, no-store",
          "Referrer-Policy": "no-referrer",
        },
        open: async () => objectContent(await store.open(key)),
      });
    },
  },
];

function unknownFile(): RegistryError {
  return new RegistryError(
    "NOT_FOUND",
    "there is no such export; it is not ready yet, or its day is over",
  );
}
