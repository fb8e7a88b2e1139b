import { deleteMailCode, insertMailCode, listMailCodes } from "../accounts/mail-code-store.ts";
import type { MailCodeRow } from "../accounts/mail-code-store.ts";
import { hashSecret, randomText } from "../accounts/secret.ts";
import type { RegistryContext } from "../context.ts";
import type { Letter } from "./send-letter.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long the codes of mails are good, in milliseconds. */
const LIFE: Readonly<Record<MailCodeRow["kind"], number>> = {
  recover: HOUR,
  verify: 24 * HOUR,
  "change-email": 24 * HOUR,
};

/** Nobody gets more mails with codes of a kind than this at a time, nor one so soon after another. */
const MOST_CODES = 5;
const PAUSE = MINUTE;

/** 200 bits. */
const CODE_LENGTH = 40;

/** A letter with its code. Unless it is said that it was sent, the code is worth nothing once it is disposed of. */
export interface Draft extends AsyncDisposable {
  /** Undefined: there is nobody to write to. */
  readonly content: Letter | undefined;
  sent(): void;
}

/** A letter without a code. */
export function plainDraft(content: Letter | undefined): Draft {
  return { content, sent: () => {}, [Symbol.asyncDispose]: async () => {} };
}

/**
 * A letter with a code that is made here; the database gets its hash alone.
 *
 * @param code.email the address that it confirms, when it is not the user's already
 */
export async function draftWithCode(
  { database, now }: RegistryContext,
  { kind, accountId, email }: Pick<MailCodeRow, "kind" | "email"> & { readonly accountId: number },
  write: (code: string) => Letter,
): Promise<Draft> {
  const at = now();
  const open = await listMailCodes(database.read, accountId, kind, at);
  const isEnough =
    open.length >= MOST_CODES || open.some(({ created_at: before }) => at - before < PAUSE);
  if (isEnough) return plainDraft(undefined);
  const code = randomText(CODE_LENGTH);
  const codeHash = hashSecret(code);
  await database.transaction((trx) =>
    insertMailCode(trx, {
      code_hash: codeHash,
      kind,
      account_id: accountId,
      email,
      created_at: at,
      expires_at: at + LIFE[kind],
    }),
  );
  let isSent = false;
  return {
    content: write(code),
    sent: () => (isSent = true),
    [Symbol.asyncDispose]: async () => {
      if (!isSent) await database.transaction((trx) => deleteMailCode(trx, codeHash));
    },
  };
}
