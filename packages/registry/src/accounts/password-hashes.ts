import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { WorkQueue } from "./work-queue.ts";

/** OWASP's password storage cheat sheet, argon2id: 19 MiB, two passes, one lane. About 50 ms. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** Two of the four threads that file reads and writes need as well. */
const AT_ONCE = 2;
const WAITING = 64;

/** PHC string format: https://github.com/P-H-C/phc-string-format */
const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

const derive = promisify(argon2);

/** Slow hashes of passwords (argon2id, RFC 9106), off the event loop, a few at a time. */
export class PasswordHashes {
  readonly #queue: WorkQueue;
  /** Of no password. */
  readonly #decoy = phc(randomBytes(SALT_BYTES), randomBytes(TAG_BYTES));

  /** @param waiting most hashes that wait for their turn */
  constructor(waiting: number = WAITING) {
    this.#queue = new WorkQueue(AT_ONCE, waiting);
  }

  /**
   * @param password any text, hashed as UTF-8
   * @returns PHC string
   */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const tag = await this.#derive(password, {
      nonce: salt,
      memory: MEMORY_KIB,
      passes: PASSES,
      parallelism: LANES,
      tagLength: TAG_BYTES,
    });
    return phc(salt, tag);
  }

  /**
   * @param hash PHC string; undefined takes as long and is never right
   * @throws {RegistryError} `UNAVAILABLE` when too many wait
   */
  async verify(hash: string | undefined, password: string): Promise<boolean> {
    const match = PHC.exec(hash ?? this.#decoy);
    if (match === null) throw new Error("a password hash in the database is malformed");
    const [, memory, passes, lanes, salt = "", tag = ""] = match;
    const expected = Buffer.from(tag, "base64");
    const derived = await this.#derive(password, {
      nonce: Buffer.from(salt, "base64"),
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(lanes),
      tagLength: expected.length,
    });
    return timingSafeEqual(derived, expected) && hash !== undefined;
  }

  async #derive(
    password: string,
    parameters: {
      readonly nonce: Buffer;
      readonly memory: number;
      readonly passes: number;
      readonly parallelism: number;
      readonly tagLength: number;
    },
  ): Promise<Buffer> {
    const message = Buffer.from(password, "utf8");
    return this.#queue.run(() => derive("argon2id", { message, ...parameters }));
  }
}

function phc(salt: Buffer, tag: Buffer): string {
  const text = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${text(salt)}$${text(tag)}`;
}
