/** Somebody whom another service vouches for. */
export interface ExternalIdentity {
  /** Id of the OIDC service, or `ldap`. */
  readonly service: string;
  /** Tells the person for good at that service, whatever they are called. */
  readonly subject: string;
  /** How the service names them; the name of a new user is made from it. */
  readonly name: string;
  /** Undefined: none, or none that the service knows to be theirs. */
  readonly email: string | undefined;
}

/** Service of the directory; no OIDC service has this id. */
export const LDAP = "ldap";
