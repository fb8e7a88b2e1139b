/** Where a value comes from. */
export type Origin =
  | {
      readonly kind: "file";
      readonly file: string;
      /** From 1. */
      readonly line: number;
      /** From 1, in characters. */
      readonly column: number;
    }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "flag"; readonly name: string };

/** Something that keeps a server from starting, and where to mend it. */
export interface Problem {
  readonly origin: Origin | undefined;
  /** Such as `server.port`; undefined when it is about the file as a whole. */
  readonly key: string | undefined;
  /** What is wrong and what to do; reads on after the key. Holds no secret. */
  readonly message: string;
}

/** One line: `wharf.yaml:3:9: server.port must be …`. */
export function problemText({ origin, key, message }: Problem): string {
  const text = key === undefined ? message : `${key} ${message}`;
  return origin === undefined ? text : `${originText(origin)}: ${text}`;
}

/** `wharf.yaml:3:9`, `WHARF_SERVER_PORT` or `--port`. */
export function originText(origin: Origin): string {
  return origin.kind === "file" ? `${origin.file}:${origin.line}:${origin.column}` : origin.name;
}
