/** A label of a manifest. */
export interface Label {
  /** UUID. */
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly source: "manifest" | "api" | "internal";
  readonly mediaType: string;
}

/** What a label says before it has an id. */
export type NewLabel = Omit<Label, "id">;

/** JSON objects and lists are told apart from texts, as Quay does. */
export function labelMediaType(value: string): "application/json" | "text/plain" {
  return isJson(value) ? "application/json" : "text/plain";
}

function isJson(value: string): boolean {
  if (!/^\s*[[{]/.test(value)) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
