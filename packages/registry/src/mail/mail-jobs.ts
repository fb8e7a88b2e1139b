import { hash } from "node:crypto";
import type { RegistryContext } from "../context.ts";
import { on } from "../events/event-listener.ts";
import type { EventListener } from "../events/event-listener.ts";
import { jobHandler, PermanentJobError } from "../jobs/job-handler.ts";
import type { JobHandler } from "../jobs/job-handler.ts";
import { writeLetter } from "./letters.ts";
import { sendLetter } from "./send-letter.ts";
import { mailWish } from "./wishes.ts";

/** The job that sends a mail. */
const KIND = "mail.send";

export const mailListeners: readonly EventListener[] = [
  // Who asks for the same mail again while it waits gets one.
  on("mail.wanted", (wish) => ({ kind: KIND, key: keyOf(wish), payload: wish })),
];

function keyOf(wish: object): string {
  return hash("sha256", JSON.stringify(wish), "base64url");
}

/** Sends mails. A mail that could not be sent is tried again, with another code: the one before is worth nothing. */
export function mailJobs(context: RegistryContext): JobHandler[] {
  return [
    jobHandler({
      kind: KIND,
      payload: mailWish,
      run: async (wish, { signal }) => {
        const { mail } = context.config;
        if (mail === undefined) return;
        await using letter = await writeLetter(context, wish);
        if (letter.content === undefined) return;
        try {
          await sendLetter(mail, letter.content, signal);
        } catch (error) {
          if (isFinal(error)) throw new PermanentJobError(`the mail was refused: ${String(error)}`);
          throw error;
        }
        letter.sent();
      },
    }),
  ];
}

/** A server that says 5xx will not change its mind (RFC 5321, 4.2.1). */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error) || !("responseCode" in error)) return false;
  // Wrong credentials (530 to 539) are ours to mend, and the mail can go out then.
  const { responseCode: code } = error;
  return typeof code === "number" && code >= 500 && !(code >= 530 && code < 540);
}
