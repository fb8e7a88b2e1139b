/**
 * Whether a statement failed because a row with that key is there already. On PostgreSQL nothing else can be done in
 * the transaction then: where that is expected use `on conflict`.
 */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && error.code === "23505") return true; // unique_violation
  // SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE
  return "errcode" in error && (error.errcode === 1555 || error.errcode === 2067);
}
