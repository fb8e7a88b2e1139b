import { createCipheriv, createDecipheriv, hkdf, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { Database } from "../database/database.ts";
import { settle } from "./setting-store.ts";

const SETTING = "sealed-secrets-key";
const CIPHER = "aes-256-gcm";
/** NIST SP 800-38D, 5.2.1.1: 96 bits; 8.2.2: random ones. */
const NONCE = 12;
const TAG = 16;
const derive = promisify(hkdf);

interface Key {
  /** Tells keys apart, and nothing of the key. */
  readonly id: string;
  readonly key: Uint8Array;
}

/**
 * Secrets that may be shown again, encrypted (docs/decisions/010). Only their hash lets anybody in, so a key that was
 * changed or lost shuts nobody out: the secrets cannot be shown any more, that is all.
 */
export class SealedSecrets {
  readonly #database: Database;
  readonly #secretKey: string | undefined;
  #key: Promise<Key> | undefined;

  /** @param options.secretKey of the configuration (`accounts.secretKey`); undefined: one in the database */
  constructor(options: { readonly database: Database; readonly secretKey: string | undefined }) {
    this.#database = options.database;
    this.#secretKey = options.secretKey;
  }

  /**
   * @param owner what the secret belongs to, such as `credential:<uuid>`; it opens for nothing else
   * @returns `v1.<id of the key>.<base64url of nonce, ciphertext and tag>`
   */
  async seal(secret: string, owner: string): Promise<string> {
    const { id, key } = await this.#find();
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG }).setAAD(
      Buffer.from(owner),
    );
    const text = Buffer.concat([
      nonce,
      cipher.update(secret, "utf8"),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `v1.${id}.${text.toString("base64url")}`;
  }

  /** The secret; undefined when it cannot be shown: sealed with another key, for something else, or damaged. */
  async open(sealed: string | null, owner: string): Promise<string | undefined> {
    const [version, id, text] = sealed?.split(".") ?? [];
    const { id: ours, key } = await this.#find();
    if (version !== "v1" || id !== ours || text === undefined) return undefined;
    const bytes = Buffer.from(text, "base64url");
    if (bytes.length < NONCE + TAG) return undefined;
    const end = bytes.length - TAG;
    try {
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE), {
        authTagLength: TAG,
      })
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(end));
      return (
        decipher.update(bytes.subarray(NONCE, end), undefined, "utf8") + decipher.final("utf8")
      );
    } catch {
      return undefined; // the tag does not fit
    }
  }

  async #find(): Promise<Key> {
    this.#key ??= this.#derive();
    try {
      return await this.#key;
    } catch (error) {
      this.#key = undefined; // asked again next time
      throw error;
    }
  }

  async #derive(): Promise<Key> {
    const secret =
      this.#secretKey ??
      (await settle(this.#database, SETTING, () => randomBytes(32).toString("base64url")));
    const part = async (purpose: string, length: number): Promise<Buffer> =>
      Buffer.from(
        await derive("sha256", secret, "", `wharf sealed secrets v1: ${purpose}`, length),
      );
    return { id: (await part("id", 9)).toString("base64url"), key: await part("key", 32) };
  }
}
