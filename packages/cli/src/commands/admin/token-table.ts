import type { AdminRun } from "./admin-command.ts";
import { printTable } from "./print-table.ts";
import { timeOrNull, timeText } from "./time-text.ts";

/** A token without what is secret; times in milliseconds since 1970. */
export interface ShownToken {
  /** UUID, to revoke it by. */
  readonly id: string;
  /** What it logs in as. */
  readonly kind: string;
  readonly title: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  /** What else is to be told of it in JSON. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Prints tokens. @param owner what the document says of whose they are */
export function printTokens(
  run: Pick<AdminRun, "print" | "context">,
  owner: object,
  tokens: readonly ShownToken[],
): void {
  const documents = tokens.map(({ id, kind, title, createdAt, expiresAt, lastUsedAt, more }) => ({
    id,
    kind,
    title,
    createdAt: timeOrNull(createdAt),
    expiresAt: timeOrNull(expiresAt),
    lastUsedAt: timeOrNull(lastUsedAt),
    ...more,
  }));
  printTable(
    run,
    { ...owner, tokens: documents },
    ["ID", "KIND", "CREATED", "EXPIRES", "LAST USED", "TITLE"],
    tokens.map((token) => [
      token.id,
      token.kind,
      timeText(token.createdAt),
      token.expiresAt === null ? "never" : timeText(token.expiresAt),
      token.lastUsedAt === null ? "never" : timeText(token.lastUsedAt),
      token.title,
    ]),
  );
}
