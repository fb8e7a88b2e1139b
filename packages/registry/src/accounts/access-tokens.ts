import * as errors from "jose/errors";
import { SignJWT } from "jose/jwt/sign";
import { jwtVerify } from "jose/jwt/verify";
import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { TokenAction, TokenPrincipal } from "./principal.ts";
import { ALGORITHM, LONGEST_TOKEN_LIFE } from "./signing-keys.ts";
import type { SigningKeys } from "./signing-keys.ts";

const ISSUER = "wharf";
/** Explicit type and purpose (RFC 8725 section 3.11): no other token of ours is taken for one of the registry. */
const TYPE = "wharf-registry+jwt";
const PURPOSE = "registry";
/** Clocks of replicas may differ by this, in seconds. */
const SKEW = 30;
/** Distribution's token specification: never less than 60 seconds. */
const SHORTEST_LIFE = 60_000;

/** What a token is for. */
export type TokenGrant = Omit<TokenPrincipal, "kind">;

export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Seconds. */
  readonly expiresIn: number;
}

export interface VerifiedToken {
  readonly principal: TokenPrincipal;
  /** Until when it need not be verified again, in milliseconds. */
  readonly until: number;
}

const Claims = z.object({
  purpose: z.literal(PURPOSE),
  exp: z.number(),
  sub: z.string(),
  account: z.number().int().optional(),
  superuser: z.boolean().optional(),
  limited: z.boolean().optional(),
  /** What was shown to get it. A kind that this version does not know is left out. */
  via: z
    .object({
      kind: z.enum(["password", "session", "robot", "application", "oauth", "federation"]),
      title: z.string().optional(),
    })
    .optional()
    .catch(undefined),
  access: z.array(z.object({ type: z.string(), name: z.string(), actions: z.array(z.string()) })),
});

/**
 * Tokens of the registry: JWTs (RFC 7519) signed with ES256, in the shape of Distribution's token specification.
 */
export class AccessTokens {
  readonly #keys: SigningKeys;
  readonly #life: number;
  readonly #now: () => number;

  /** @param options.life of a token in milliseconds; at least a minute, at most a day */
  constructor(options: {
    readonly keys: SigningKeys;
    readonly life: number;
    readonly now: () => number;
  }) {
    this.#keys = options.keys;
    this.#life = Math.min(LONGEST_TOKEN_LIFE, Math.max(SHORTEST_LIFE, options.life));
    this.#now = options.now;
  }

  /** @param service name of this registry; the token is good for it alone */
  async issue(grant: TokenGrant, service: string): Promise<IssuedToken> {
    const { kid, key } = await this.#keys.signer();
    const issuedAt = Math.floor(this.#now() / 1000);
    const expiresIn = Math.floor(this.#life / 1000);
    const token = await new SignJWT({
      purpose: PURPOSE,
      ...(grant.accountId === undefined ? {} : { account: grant.accountId }),
      ...(grant.isSuperuser ? { superuser: true } : {}),
      ...(grant.isLimited === true ? { limited: true } : {}),
      ...(grant.shown === undefined ? {} : { via: grant.shown }),
      access: accessClaim(grant),
    })
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: TYPE })
      .setIssuer(ISSUER)
      .setSubject(grant.name)
      .setAudience(service)
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(issuedAt + expiresIn)
      .setJti(randomBytes(12).toString("base64url"))
      .sign(key);
    return { token, issuedAt: issuedAt * 1000, expiresIn };
  }

  /** @returns undefined when it is not a token of this registry, or not at this time; the reason is nobody's business */
  async verify(token: string, service: string): Promise<VerifiedToken | undefined> {
    try {
      const { payload } = await jwtVerify(
        token,
        // Keys come from the database by name; those that a token brings along (`jwk`, `jku`, `x5u`) are not looked at.
        async ({ kid }) => {
          const key = kid === undefined ? undefined : await this.#keys.verifier(kid);
          if (key === undefined) throw new errors.JWKSNoMatchingKey();
          return key;
        },
        {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer: ISSUER,
          audience: service,
          clockTolerance: SKEW,
          currentDate: new Date(this.#now()),
          requiredClaims: ["exp", "nbf", "iat", "sub"],
        },
      );
      const claims = Claims.parse(payload);
      return { principal: toPrincipal(claims), until: (claims.exp + SKEW) * 1000 };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
      throw error; // the database's
    }
  }
}

function accessClaim({ access, catalog }: TokenGrant): z.infer<typeof Claims>["access"] {
  const repositories = Array.from(access, ([name, actions]) => ({
    type: "repository",
    name,
    actions: [...actions],
  }));
  return catalog
    ? [...repositories, { type: "registry", name: "catalog", actions: ["*"] }]
    : repositories;
}

function toPrincipal(claims: z.infer<typeof Claims>): TokenPrincipal {
  const access = new Map<string, ReadonlySet<TokenAction>>();
  let catalog = false;
  for (const { type, name, actions } of claims.access) {
    if (type === "repository") access.set(name, new Set(actions.filter(isTokenAction)));
    else if (type === "registry" && name === "catalog") catalog = actions.includes("*");
  }
  return {
    kind: "token",
    accountId: claims.account,
    name: claims.sub,
    isSuperuser: claims.superuser ?? false,
    access,
    catalog,
    ...(claims.limited === true ? { isLimited: true } : {}),
    ...(claims.via === undefined ? {} : { shown: shownOf(claims.via) }),
  };
}

export function isTokenAction(text: string): text is TokenAction {
  return text === "pull" || text === "push" || text === "delete";
}

function shownOf({
  kind,
  title,
}: NonNullable<z.infer<typeof Claims>["via"]>): NonNullable<TokenPrincipal["shown"]> {
  return title === undefined ? { kind } : { kind, title };
}
