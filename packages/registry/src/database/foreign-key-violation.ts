/** Whether a statement failed because a row that it refers to is not there. On PostgreSQL the transaction is lost then. */
export function isForeignKeyViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && error.code === "23503") return true; // foreign_key_violation
  return "errcode" in error && error.errcode === 787; // SQLITE_CONSTRAINT_FOREIGNKEY
}
