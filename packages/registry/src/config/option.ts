import type { z } from "zod";

import type { OptionKind } from "./option-kinds.ts";

/** One key of the configuration, as data: it is read, checked and documented from this. */
export interface Option<T = unknown> {
  readonly kind: OptionKind<unknown>;
  readonly schema: z.ZodType<T>;
  /** As it would be written; undefined when there is none, `defaultMeaning` then says what happens. */
  readonly default: string | undefined;
  readonly defaultMeaning: string | undefined;
  /** Markdown; one or two sentences. */
  readonly description: string;
  /** Never shown in an error; `<variable>_FILE` names a file that holds it. */
  readonly secret: boolean;
}

/** A key that always has a value. */
export function option<T>(
  kind: OptionKind<T>,
  defaultText: string,
  description: string,
): Option<T> {
  return {
    kind,
    schema: kind.schema,
    default: defaultText,
    defaultMeaning: undefined,
    description,
    secret: false,
  };
}

/** A key that may be left out. @param defaultMeaning what happens then */
export function optional<T>(
  kind: OptionKind<T>,
  defaultMeaning: string,
  description: string,
): Option<T | undefined> {
  return {
    kind,
    schema: kind.schema.optional(),
    default: undefined,
    defaultMeaning,
    description,
    secret: false,
  };
}

export function secret<T>(option: Option<T>): Option<T> {
  return { ...option, secret: true };
}

/** `server.stopTimeout` → `WHARF_SERVER_STOP_TIMEOUT`, `oidc.our-idp.name` → `WHARF_OIDC_OUR_IDP_NAME`. */
export function variableOf(key: string): string {
  return `WHARF_${key.replace(/[A-Z]/g, "_$&").replaceAll(/[.-]/g, "_").toUpperCase()}`;
}
