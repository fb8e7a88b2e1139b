/** What a room of the house may import. docs/architecture.md has the same table for people. */
export interface Room {
  /** Rooms whose package it may import; its own is always allowed. `all` stands for every package. */
  readonly mayImport: readonly string[] | "all";
  /** Only `import type`. */
  readonly typesOnly?: true;
  /** Modules and globals it must not touch. */
  readonly forbidden?: ReadonlySet<string>;
}

/** The image library knows no network: it can be used anywhere, and nothing in it can call out. */
const NETWORK = new Set(
  "dgram dns dns/promises http http2 https inspector net quic tls fetch WebSocket EventSource".split(
    " ",
  ),
);

/** Rooms by folder. A folder below `packages/` that is not listed is a violation. */
export const ROOMS: ReadonlyMap<string, Room> = new Map<string, Room>([
  ["packages/image", { mayImport: [], forbidden: NETWORK }],
  ["packages/contract", { mayImport: [] }],
  ["packages/registry", { mayImport: ["packages/image", "packages/contract"] }],
  ["packages/builder", { mayImport: ["packages/image", "packages/contract"] }],
  ["packages/console", { mayImport: ["packages/contract"], typesOnly: true }],
  ["packages/cli", { mayImport: "all" }],
  ["e2e", { mayImport: [] }],
  ["bench", { mayImport: "all" }],
  ["tools", { mayImport: [] }],
]);

/** The room of a path below the root, undefined when it lies in none. `/` separates. */
export function roomOf(path: string): string | undefined {
  const [first = "", second = ""] = path.split("/");
  const folder = first === "packages" ? `${first}/${second}` : first;
  return first === "packages" || ROOMS.has(folder) ? folder : undefined;
}
