// Long because it is one thing: an authorization code from its making to its token.
import { hash, timingSafeEqual } from "node:crypto";
import type { Administration } from "../admin/administration.ts";
import type { AccountPrincipal, Origin } from "../principal.ts";
import { hashSecret, makeSecret } from "../secret.ts";
import type { ApplicationRow } from "./application-store.ts";
import type { AuthorizeRequest } from "./authorize-request.ts";
import {
  findEnabledUser,
  insertCode,
  lockCode,
  removeCodesBefore,
  setRedeemed,
} from "./code-store.ts";
import type { CodeRow } from "./code-store.ts";
import { findTokenOfApplication } from "./oauth-token-store.ts";
import { insertOauthToken, revoke } from "./oauth-tokens.ts";
import type { MadeOauthToken } from "./oauth-tokens.ts";

/** RFC 6749, 4.1.2: ten minutes at most. */
const LIFE = 600_000;
/** How long a code that was redeemed is remembered, so that a second try is noticed. */
const REMEMBERED = 86_400_000;

/** A code for the application, in place of a token that would pass through the browser. */
export async function makeCode(
  { database, now }: Administration,
  person: AccountPrincipal,
  request: AuthorizeRequest,
): Promise<string> {
  const code = makeSecret();
  const { application, grant, redirectUri, challenge } = request;
  const { scopes, repositories } = grant;
  await database.transaction(async (trx) => {
    await removeCodesBefore(trx, now() - REMEMBERED);
    await insertCode(trx, {
      code_hash: hashSecret(code),
      application_id: application.id,
      account_id: person.accountId,
      scopes,
      repositories: repositories === undefined ? null : JSON.stringify(repositories),
      redirect_uri: redirectUri,
      challenge: challenge ?? null,
      expires_at: now() + LIFE,
    });
  });
  return code;
}

/** What comes with a code. */
export interface CodeClaim {
  readonly code: string;
  readonly redirectUri: string | undefined;
  /** PKCE (RFC 7636, 4.5). */
  readonly verifier: string | undefined;
}

/**
 * The token of a code, once. A code that comes again was stolen, or its token was: what was made of it is revoked
 * (RFC 6749, 4.1.2).
 *
 * @param application whose client secret was shown
 * @returns undefined when the code is not good; nobody is told why
 */
export async function redeemCode(
  administration: Administration,
  application: ApplicationRow,
  claim: CodeClaim,
  from: Origin,
): Promise<MadeOauthToken | undefined> {
  const { database, now } = administration;
  const codeHash = hashSecret(claim.code);
  return database.transaction(async (trx) => {
    const row = await lockCode(trx, codeHash, database.dialect);
    if (row === undefined || row.application_id !== application.id) return undefined;
    const user = await findEnabledUser(trx, row.account_id);
    if (user === undefined) return undefined;
    const person: AccountPrincipal = {
      kind: "account",
      accountId: user.id,
      name: user.name,
      isRobot: false,
      isSuperuser: user.superuser === 1,
      shown: { kind: "oauth", title: application.name },
      from,
    };
    if (row.token_uuid !== null) {
      const stolen = await findTokenOfApplication(trx, application.id, row.token_uuid);
      if (stolen !== undefined) await revoke(administration, trx, person, stolen);
      return undefined;
    }
    if (row.expires_at <= now() || !isClaimed(row, claim)) return undefined;
    const repositories =
      row.repositories === null ? undefined : (JSON.parse(row.repositories) as string[]); // written by us alone
    const grant = { scopes: row.scopes, repositories };
    const title = application.name;
    const made = await insertOauthToken(administration, trx, person, application, { title, grant });
    await setRedeemed(trx, codeHash, made.token.uuid);
    return made;
  });
}

/** RFC 6749, 4.1.3; RFC 7636, 4.6. A verifier without a challenge is refused too (RFC 9700, 2.1.1). */
function isClaimed({ redirect_uri, challenge }: CodeRow, claim: CodeClaim): boolean {
  if (claim.redirectUri !== redirect_uri) return false;
  if (challenge === null || claim.verifier === undefined) {
    return challenge === null && claim.verifier === undefined;
  }
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(claim.verifier)) return false;
  const computed = Buffer.from(hash("sha256", claim.verifier, "base64url"));
  const expected = Buffer.from(challenge);
  return computed.length === expected.length && timingSafeEqual(computed, expected);
}
