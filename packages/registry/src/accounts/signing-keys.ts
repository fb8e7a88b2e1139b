import { calculateJwkThumbprint } from "jose/jwk/thumbprint";
import { exportJWK } from "jose/key/export";
import { generateKeyPair } from "jose/key/generate/keypair";
import { importJWK } from "jose/key/import";
import type { CryptoKey } from "jose";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import { findSigner, findVerifier, insertKey, removeExpiredKeys } from "./signing-key-store.ts";
import type { SigningKeyRow } from "./signing-key-store.ts";

const DAY = 86_400_000;
/** How long a key signs. */
const SIGNS = 7 * DAY;
/** How much longer its signatures are accepted; no token lives longer. */
const OUTLIVES = DAY;
/** A key that somebody took out of the database is used no longer than this. */
const BELIEVED = 60_000;

/** Longest life of a token, in milliseconds. */
export const LONGEST_TOKEN_LIFE = OUTLIVES;

export const ALGORITHM = "ES256";

interface Kept {
  readonly key: CryptoKey;
  readonly expiresAt: number;
  readonly readAt: number;
}

/**
 * The keys that sign tokens, shared by all replicas through the database. A key is named by its thumbprint (RFC 7638),
 * made when none signs any more, and found by its name whichever replica made it.
 */
export class SigningKeys {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #verifiers = new Map<string, Kept>();
  #signer: { readonly kid: string; readonly until: number; readonly kept: Kept } | undefined;
  #finding: Promise<{ readonly kid: string; readonly key: CryptoKey }> | undefined;

  constructor(options: { readonly database: Database; readonly now: () => number }) {
    this.#database = options.database;
    this.#now = options.now;
  }

  /** The private key that signs now. */
  async signer(): Promise<{ readonly kid: string; readonly key: CryptoKey }> {
    const now = this.#now();
    const signer = this.#signer;
    if (signer !== undefined && now < signer.until && now < signer.kept.readAt + BELIEVED) {
      return { kid: signer.kid, key: signer.kept.key };
    }
    this.#finding ??= this.#findSigner(now).finally(() => (this.#finding = undefined));
    return this.#finding;
  }

  /** The public key of that name; undefined when there is none, or none any more. */
  async verifier(kid: string): Promise<CryptoKey | undefined> {
    const now = this.#now();
    const kept = this.#verifiers.get(kid);
    if (kept !== undefined && now < kept.expiresAt && now < kept.readAt + BELIEVED) return kept.key;
    // Anything but a SHA-256 thumbprint names no key of ours.
    if (!/^[A-Za-z0-9_-]{43}$/.test(kid)) return undefined;
    const row = await findVerifier(this.#database.read, kid);
    if (row === undefined || row.expires_at <= now) {
      this.#verifiers.delete(kid);
      return undefined;
    }
    const key = await importKey(row.public_jwk);
    this.#verifiers.set(kid, { key, expiresAt: row.expires_at, readAt: now });
    return key;
  }

  async #findSigner(now: number): Promise<{ readonly kid: string; readonly key: CryptoKey }> {
    const row = (await findSigner(this.#database.read, now)) ?? (await this.#make(now));
    const key = await importKey(row.private_jwk);
    const kept = { key, expiresAt: row.expires_at, readAt: now };
    this.#signer = { kid: row.kid, until: row.signs_until, kept };
    return { kid: row.kid, key };
  }

  async #make(now: number): Promise<SigningKeyRow> {
    const made = await makeKey(now);
    return this.#database.transaction(async (trx) => {
      const other = await findSigner(trx, now);
      if (other !== undefined) return other; // of another replica, just now
      await removeExpiredKeys(trx, now);
      await insertKey(trx, made);
      return made;
    });
  }
}

async function makeKey(now: number): Promise<SigningKeyRow> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  return {
    kid: await calculateJwkThumbprint(publicJwk, "sha256"),
    private_jwk: JSON.stringify(await exportJWK(privateKey)),
    public_jwk: JSON.stringify(publicJwk),
    created_at: now,
    signs_until: now + SIGNS,
    expires_at: now + SIGNS + OUTLIVES,
  };
}

/** Members of an elliptic curve key (RFC 7518 section 6.2); `d` only of private ones. */
const Jwk = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  d: z.string().optional(),
});

async function importKey(text: string): Promise<CryptoKey> {
  const { d, ...jwk } = Jwk.parse(JSON.parse(text));
  const key = await importJWK(d === undefined ? jwk : { ...jwk, d }, ALGORITHM);
  if (key instanceof Uint8Array) throw new Error("a signing key is no key pair");
  return key;
}
