import * as errors from "jose/errors";
import { decodeJwt } from "jose/jwt/decode";
import { jwtVerify } from "jose/jwt/verify";
import type { JWTVerifyGetKey } from "jose";
import type { IssuerKeys } from "./issuer-keys.ts";

/** Signatures with a public key; those with a shared secret are none of an issuer (RFC 8725, 3.1). */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** Clocks may differ by this, in seconds. */
const SKEW = 60;

/** What a token says of itself, which nobody has verified yet. */
export interface ClaimedIdentity {
  readonly issuer: string;
  readonly subject: string;
}

/** @returns undefined for what is no JWT, or one without issuer and subject */
export function readClaimedIdentity(token: string): ClaimedIdentity | undefined {
  try {
    const { iss: issuer, sub: subject } = decodeJwt(token);
    return issuer === undefined || subject === undefined ? undefined : { issuer, subject };
  } catch {
    return undefined;
  }
}

/**
 * Looks whether an OIDC token is the issuer's own, of this subject, made for one of the audiences, and good now.
 *
 * @param now milliseconds since 1970
 * @returns why it is not; undefined: it is
 * @throws when the keys of the issuer cannot be had
 */
export async function refusalOfToken(
  keys: IssuerKeys,
  token: string,
  expected: ClaimedIdentity & { readonly audiences: string[] },
  now: number,
): Promise<string | undefined> {
  const { issuer, subject, audiences: audience } = expected;
  const verify = async (key: JWTVerifyGetKey): Promise<void> => {
    const options = { issuer, subject, audience, algorithms: ALGORITHMS, clockTolerance: SKEW };
    const requiredClaims = ["exp", "iat"];
    await jwtVerify(token, key, { ...options, requiredClaims, currentDate: new Date(now) });
  };
  try {
    const known = await keys.of(issuer);
    if (known !== undefined) await verify(known);
    return undefined;
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) return reasonOf(error, audience);
  }
  try {
    const newer = await keys.of(issuer, true);
    if (newer === undefined) return "its issuer has no such key";
    await verify(newer);
    return undefined;
  } catch (error) {
    return reasonOf(error, audience);
  }
}

function reasonOf(error: unknown, audiences: readonly string[]): string {
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === "aud"
      ? `its audience must be ${audiences.join(" or ")}`
      : `its claim ${error.claim} is not as it must be`;
  }
  if (error instanceof errors.JWKSNoMatchingKey) return "its issuer has no such key";
  if (error instanceof errors.JOSEError) return "its signature is not its issuer's";
  throw error;
}
