import type { Scope } from "@wharf/contract";

/** Who makes a request, and how it was shown. Made by `authenticator.ts` and `sessions.ts` only. */
export type Principal =
  | AnonymousPrincipal
  | AccountPrincipal
  | TokenPrincipal
  | RepositoryPrincipal;

export interface AnonymousPrincipal {
  readonly kind: "anonymous";
  readonly from?: Origin;
}

/** Where a request came from, for the audit log. */
export interface Origin {
  /** Of the client. */
  readonly address: string;
  readonly userAgent: string | undefined;
}

/** What was shown to be an account. */
export interface Shown {
  readonly kind: "password" | "session" | "robot" | "application" | "oauth" | "federation";
  /** Of the secret; undefined for passwords and sessions. */
  readonly credentialId?: number;
  /** Title of the secret, or name of the OAuth application. */
  readonly title?: string;
}

/** A user or robot that has shown a password or one of its secrets. */
export interface AccountPrincipal {
  readonly kind: "account";
  readonly accountId: number;
  /** `alice` or `team+deploy`. */
  readonly name: string;
  readonly isRobot: boolean;
  /** False as well for a superuser's token whose scopes do not say so. */
  readonly isSuperuser: boolean;
  readonly shown?: Shown;
  /** What a token is limited to; undefined: all that the account may. */
  readonly scopes?: ReadonlySet<Scope>;
  /** Full names of the only repositories that a token is for; undefined: all that the account may. */
  readonly repositories?: ReadonlySet<string>;
  readonly from?: Origin;
}

/** Holder of a token of `/v2/auth`: may do what the token says until it expires, whatever happens meanwhile. */
export interface TokenPrincipal {
  readonly kind: "token";
  /** Undefined: a token for anybody. */
  readonly accountId: number | undefined;
  readonly name: string;
  readonly isSuperuser: boolean;
  /** Actions by full repository name. */
  readonly access: ReadonlyMap<string, ReadonlySet<TokenAction>>;
  /** `registry:catalog:*` was granted. */
  readonly catalog: boolean;
  /** What its holder has shown may not read everything that the account may: nothing counts but `access`. */
  readonly isLimited?: boolean;
  /** What was shown to get it, for the audit log. */
  readonly shown?: Pick<Shown, "kind" | "title">;
  readonly from?: Origin;
}

/** Basic user `$token`: a secret for one repository, whoever holds it. */
export interface RepositoryPrincipal {
  readonly kind: "repository";
  readonly repositoryId: number;
  readonly role: "read" | "write" | "admin";
  readonly from?: Origin;
}

/** What a token can allow on a repository (token specification of Distribution, "Resource actions"). */
export type TokenAction = "pull" | "push" | "delete";

/** What somebody wants to do with a repository. `pull` needs the role read, `push` write, `delete` (of tags, manifests, blobs) write, `admin` admin. */
export type RepositoryAction = "pull" | "push" | "delete" | "admin";

export const ANONYMOUS: AnonymousPrincipal = Object.freeze({ kind: "anonymous" });

/** The same one, with where the request came from. */
export function withOrigin(
  principal: Principal,
  request: { readonly address: string; header(name: string): string | undefined },
): Principal {
  const userAgent = request.header("user-agent")?.slice(0, 500);
  return { ...principal, from: { address: request.address, userAgent } };
}

/** The account behind a principal, if any. */
export function accountIdOf(principal: Principal): number | undefined {
  return principal.kind === "account" || principal.kind === "token"
    ? principal.accountId
    : undefined;
}

/** Name for logs and histories; undefined for anybody. */
export function principalName(principal: Principal): string | undefined {
  if (principal.kind === "account") return principal.name;
  if (principal.kind === "token")
    return principal.accountId === undefined ? undefined : principal.name;
  return principal.kind === "repository" ? "$token" : undefined;
}
