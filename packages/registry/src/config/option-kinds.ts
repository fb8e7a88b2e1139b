import { BlockList, isIP } from "node:net";
import { z } from "zod";

import { parseDuration } from "./parse-duration.ts";
import { parseSize } from "./parse-size.ts";

/** A kind of value: how it is written, and what becomes of it. Values come as text, from the file as from the environment. */
export interface OptionKind<T> {
  /** In the reference, such as `size`. */
  readonly name: string;
  /** Issues read on after the name of the key: `must be …`. */
  readonly schema: z.ZodType<T>;
  /** Relative ones are resolved against the folder of the file, or the working folder. */
  readonly isPath?: true;
  /** Written as a list; in a variable with commas between. */
  readonly isList?: true;
}

export function integer(min: number, max: number): OptionKind<number> {
  const rule = `must be a whole number from ${min} to ${max}`;
  return {
    name: "integer",
    schema: text(rule, (value) => {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return number >= min && number <= max ? number : undefined;
    }),
  };
}

/** @param min bytes */
export function size(min: number, minText: string): OptionKind<number> {
  return {
    name: "size",
    schema: text("must be a size such as 500MB or 20GiB", parseSize).pipe(
      z.number().min(min, `must be at least ${minText}`),
    ),
  };
}

/** @param min milliseconds */
export function duration(min: number, minText: string): OptionKind<number> {
  return {
    name: "duration",
    schema: text(
      "must be a time with its unit, such as 30s, 10m, 1h30m or 14d",
      parseDuration,
    ).pipe(z.number().min(min, `must be at least ${minText}`)),
  };
}

/** Times, such as `1d, 2w`. */
export const durations: OptionKind<readonly number[]> = {
  name: "list of durations",
  isList: true,
  schema: z.preprocess(
    listOf,
    z.array(text("must be a list of times with their units, such as 1d, 14d", parseDuration)),
  ),
};

export const boolean: OptionKind<boolean> = {
  name: "boolean",
  schema: text("must be true or false", (value) =>
    value === "true" ? true : value === "false" ? false : undefined,
  ),
};

export function oneOf<const T extends string>(...allowed: readonly T[]): OptionKind<T> {
  return {
    name: allowed.map((value) => `\`${value}\``).join(", "),
    schema: text(`must be one of ${allowed.join(", ")}`, (value) =>
      allowed.find((one) => one === value),
    ),
  };
}

/** @param rule reads on after the name of the key */
export function string(rule: string, pattern: RegExp): OptionKind<string> {
  return {
    name: "string",
    schema: text(rule, (value) => (pattern.test(value) ? value : undefined)),
  };
}

export const path: OptionKind<string> = {
  name: "path",
  isPath: true,
  schema: text("must be a path", (value) =>
    value === "" || value.includes("\0") ? undefined : value,
  ),
};

/** An `http` or `https` URL of a server: no path, no query, no user. Comes out without a trailing slash. */
export const origin: OptionKind<string> = {
  name: "URL",
  schema: text(
    "must be http:// or https:// with a host, without user, path and query, such as https://registry.example.com",
    (value) => {
      const url = URL.parse(value);
      if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
      return url.href === `${url.origin}/` ? url.origin : undefined;
    },
  ),
};

export const postgresUrl: OptionKind<string> = {
  name: "URL",
  schema: text("must be like postgres://user:password@host:5432/database", (value) => {
    const url = URL.parse(value);
    return url !== null && /^postgres(?:ql)?:$/.test(url.protocol) ? value : undefined;
  }),
};

/** A mail server with its login, if it wants one. */
export const smtpUrl: OptionKind<string> = {
  name: "URL",
  schema: text(
    "must be like smtp://user:password@mail.example.com:587, without path and query",
    (value) => {
      const url = URL.parse(value);
      if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === "") return undefined;
      const isPlain = /^\/?$/.test(url.pathname) && url.search === "" && url.hash === "";
      return isPlain && decodes(url.username) && decodes(url.password) ? value : undefined;
    },
  ),
};

/** `name@host`, or `Name <name@host>`. */
export const mailAddress: OptionKind<string> = {
  name: "address",
  schema: text("must be like registry@example.com or Wharf <registry@example.com>", (value) =>
    /^(?:[^\s\0@<>"]+@[^\s\0@<>"]+|[^\0-\x1f\x7f<>"@,;:]+ <[^\s\0@<>"]+@[^\s\0@<>"]+>)$/.test(value)
      ? value
      : undefined,
  ),
};

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Addresses and networks, such as `10.0.0.0/8` and `::1`. */
export const networks: OptionKind<readonly string[]> = {
  name: "list of addresses and networks",
  isList: true,
  schema: z.preprocess(
    listOf,
    z.array(
      text("must be a list of addresses and networks such as 10.0.0.0/8", (value) =>
        isNetwork(value) ? value : undefined,
      ),
    ),
  ),
};

function isNetwork(value: string): boolean {
  const [address = "", bits, ...rest] = value.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes("%")) return false;
  if (bits === undefined) return true;
  if (!/^\d{1,3}$/.test(bits)) return false;
  try {
    new BlockList().addSubnet(address, Number(bits), version === 4 ? "ipv4" : "ipv6");
    return true;
  } catch {
    return false;
  }
}

/** What stands between the commas, when it is no list already. */
export function listOf(value: unknown): unknown {
  if (typeof value !== "string") return value;
  return value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** One value as text, made a `T`; undefined from `parse` refuses it with `rule`. */
export function text<T extends string | number | boolean>(
  rule: string,
  parse: (value: string) => T | undefined,
): z.ZodType<T> {
  return z.string("must be one value, not a list").transform((value, context) => {
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    context.addIssue(rule);
    return z.NEVER;
  });
}
