import { OPERATOR, parseLogFilter, readLog } from "@wharf/registry";
import type { EntryRow, LogFilter, LogScope, OpenAdministration } from "@wharf/registry";

import type { Flag } from "../../flag.ts";
import type { ParsedFlags } from "../../parse-flags.ts";
import { UsageError } from "../../usage-error.ts";
import { pastTime } from "./time-input.ts";
import { timeOrNull } from "./time-text.ts";

/** Which entries of the log. */
export const LOG_FLAGS: readonly Flag[] = [
  { name: "namespace", value: "NAME", help: "Only what was done in this user or organization." },
  { name: "repository", value: "NAME", help: "Only what was done in this repository." },
  { name: "performer", value: "NAME", help: "Only what this user or robot did." },
  {
    name: "kind",
    value: "KIND",
    repeatable: true,
    help: "Only this kind, such as push_repo; may be given several times.",
  },
  {
    name: "from",
    value: "TIME",
    help: "From when on; a time such as 2026-11-21T10:00:00Z, or 2h for two hours ago. Default: a day before the end.",
  },
  { name: "to", value: "TIME", help: "Until when. Default: now." },
];

/** A log, or a part of it. */
export interface LogQuery {
  readonly filter: LogFilter;
  readonly read: (page: Parameters<typeof readLog>[4]) => Promise<EntryRow[]>;
}

/** @throws {UsageError} and {RegistryError} 404 for what the flags name */
export async function logQuery(
  administration: OpenAdministration,
  flags: ParsedFlags,
): Promise<LogQuery> {
  const now = administration.now();
  const scope = await scopeOf(administration, flags);
  const [from, to] = [pastTime(flags, "from", now), pastTime(flags, "to", now)];
  const text = {
    starttime: timeOrNull(from) ?? undefined,
    endtime: timeOrNull(to) ?? undefined,
    performer: flags.value("performer"),
    kind: flags.values("kind").join(","),
  };
  const filter = parseLogFilter(text, now);
  return { filter, read: (page) => readLog(administration, OPERATOR, scope, filter, page) };
}

async function scopeOf(administration: OpenAdministration, flags: ParsedFlags): Promise<LogScope> {
  const [namespace, repository] = [flags.value("namespace"), flags.value("repository")];
  if (namespace !== undefined && repository !== undefined) {
    throw new UsageError("a repository has its namespace", "give --namespace or --repository");
  }
  if (repository !== undefined) {
    return { kind: "repository", repository: await administration.needRepository(repository) };
  }
  if (namespace === undefined) return { kind: "registry" };
  const account = await administration.needNamespace(namespace);
  return { kind: account.kind === "user" ? "user" : "organization", namespace: account };
}
