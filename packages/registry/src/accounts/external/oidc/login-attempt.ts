import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";

export type AttemptKind = "login" | "attach" | "cli";

/** A sign-in that a browser has begun and must finish itself. */
export interface LoginAttempt {
  readonly service: string;
  readonly kind: AttemptKind;
  /** Who is signed in already; null for `login`. */
  readonly accountId: number | null;
  /** Path of the page to come back to. */
  readonly returnTo: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** What ties the answer of the service to the attempt. */
export interface AttemptSecrets {
  /** RFC 6749, 10.12. */
  readonly state: string;
  /** OpenID Connect Core, 3.1.2.1: the ID token names it. */
  readonly nonce: string;
  /** RFC 7636: who has begun shows it to redeem the code. */
  readonly verifier: string;
}

/** How long somebody may take to sign in at the service, in milliseconds. */
export const ATTEMPT_LIFE = 600_000;

const Cookie = z.tuple([
  z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  z.string(),
  z.enum(["login", "attach", "cli"]),
  z.int().nullable(),
  z.string().regex(/^\/(?![/\\])[!-~]*$/),
  z.int(),
]);

/**
 * Begins an attempt. All of it is in a cookie of the browser: a secret, and what is to be done. State, nonce and
 * verifier are made from both, so nothing of it can be used for another service, kind or account, and no other browser
 * can finish it (login CSRF).
 */
export function beginAttempt(attempt: LoginAttempt): AttemptSecrets & { readonly cookie: string } {
  const secret = randomBytes(32).toString("base64url");
  const { service, kind, accountId, returnTo, startedAt } = attempt;
  const parts: z.input<typeof Cookie> = [secret, service, kind, accountId, returnTo, startedAt];
  const cookie = Buffer.from(JSON.stringify(parts)).toString("base64url");
  return { cookie, ...secretsOf(secret, attempt) };
}

/**
 * The attempt that a browser comes back with.
 *
 * @param expected where it has come back to, with which state
 * @returns undefined when it is not that one, or too old
 */
export function resumeAttempt(
  cookie: string,
  expected: { readonly service: string; readonly kind: AttemptKind; readonly state: string },
  now: number,
): (LoginAttempt & AttemptSecrets) | undefined {
  const parts = read(cookie);
  if (parts === undefined) return undefined;
  const [secret, service, kind, accountId, returnTo, startedAt] = parts;
  const attempt = { service, kind, accountId, returnTo, startedAt };
  const age = now - startedAt;
  if (age < 0 || age > ATTEMPT_LIFE) return undefined;
  if (service !== expected.service || kind !== expected.kind) return undefined;
  const secrets = secretsOf(secret, attempt);
  const state = Buffer.from(expected.state);
  const ours = Buffer.from(secrets.state);
  if (state.length !== ours.length || !timingSafeEqual(state, ours)) return undefined;
  return { ...attempt, ...secrets };
}

function read(cookie: string): z.output<typeof Cookie> | undefined {
  try {
    const { success, data } = Cookie.safeParse(
      JSON.parse(Buffer.from(cookie, "base64url").toString("utf8")),
    );
    return success ? data : undefined;
  } catch {
    return undefined; // no JSON
  }
}

function secretsOf(secret: string, attempt: LoginAttempt): AttemptSecrets {
  const { service, kind, accountId, returnTo, startedAt } = attempt;
  const derive = (purpose: string): string =>
    createHmac("sha256", secret)
      .update(JSON.stringify([purpose, service, kind, accountId, returnTo, startedAt]))
      .digest("base64url");
  return { state: derive("state"), nonce: derive("nonce"), verifier: derive("verifier") };
}
