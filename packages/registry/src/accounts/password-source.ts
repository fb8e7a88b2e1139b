/**
 * Somebody else who knows passwords of users, such as a directory (LDAP). Asked when a password is not the one that
 * the registry keeps, and counted like it: a failure here is a failure of the account and the address.
 */
export interface PasswordSource {
  /** Id for sessions and the audit log, such as `ldap`. */
  readonly service: string;
  /**
   * @param name as the user wrote it; may be anything
   * @returns id of the account that the password is right for, made if there was none; undefined: it is wrong, or of
   *   nobody
   * @throws {RegistryError} `UNAVAILABLE` when it cannot be asked
   */
  check(name: string, password: string): Promise<number | undefined>;
}
