import { z } from "zod";

import { listOf, text } from "./option-kinds.ts";
import type { OptionKind } from "./option-kinds.ts";

/** Issuer of ID tokens: compared letter by letter with what they say (OpenID Connect Core, 3.1.3.7), so it stays as it is. */
export const issuer: OptionKind<string> = {
  name: "URL",
  schema: text(
    "must be the https:// URL that the service calls itself by, without user, query and fragment, such as https://id.example.com/realms/main; http:// is for this machine alone",
    (value) => {
      const url = URL.parse(value);
      if (url === null || url.username !== "" || url.password !== "") return undefined;
      if (/[?#\s]/.test(value)) return undefined;
      const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
      return url.protocol === "https:" || (url.protocol === "http:" && isLocal) ? value : undefined;
    },
  ),
};

/** Scheme, host and port of a directory. */
export const ldapUrl: OptionKind<string> = {
  name: "URL",
  schema: text(
    "must be ldap:// or ldaps:// with a host, without user, path and query, such as ldaps://ldap.example.com",
    (value) => {
      const url = URL.parse(value);
      if (url === null || !/^ldaps?:$/.test(url.protocol) || url.hostname === "") return undefined;
      const isPlain = /^\/?$/.test(url.pathname) && !/[?#@]/.test(value);
      return isPlain ? value.replace(/\/$/, "") : undefined;
    },
  ),
};

/** A distinguished name (RFC 4514), as far as it can be told without the directory. */
export const distinguishedName: OptionKind<string> = {
  name: "distinguished name",
  schema: text("must be a distinguished name such as dc=example,dc=com", (value) =>
    /^[A-Za-z][\w.-]*=[^\0]+$/.test(value) ? value : undefined,
  ),
};

/** Name of an attribute (RFC 4512, 1.4), or its number. */
export const attributeName: OptionKind<string> = {
  name: "attribute",
  schema: text("must be the name of an attribute, such as uid", (value) =>
    /^(?:[A-Za-z][A-Za-z0-9-]{0,126}|\d+(?:\.\d+)+)$/.test(value) ? value : undefined,
  ),
};

/** A search filter (RFC 4515): one pair of parentheses around everything, and all of them closed. */
export const ldapFilter: OptionKind<string> = {
  name: "filter",
  schema: text("must be a filter in parentheses, such as (objectClass=person)", (value) =>
    isFilter(value) ? value : undefined,
  ),
};

function isFilter(value: string): boolean {
  if (!/^\(.+\)$/s.test(value) || value.includes("\0")) return false;
  let depth = 0;
  for (let at = 0; at < value.length; at += 1) {
    if (value[at] === "(") depth += 1;
    if (value[at] === ")") depth -= 1;
    if (depth === 0) return at === value.length - 1;
  }
  return false;
}

/** Texts, such as names of groups. */
export const texts: OptionKind<readonly string[]> = {
  name: "list",
  isList: true,
  schema: z.preprocess(
    listOf,
    z.array(
      text("must be a list of texts", (value) =>
        /^[^\0]{1,1024}$/.test(value) ? value : undefined,
      ),
    ),
  ),
};
