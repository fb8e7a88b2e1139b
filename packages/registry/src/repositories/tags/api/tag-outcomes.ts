import type { TagOutcome } from "../change-tag.ts";
import type { TagResult } from "../change-tags.ts";

/** What was done to a tag, in the words of the API (`tagChange` of the contract). */
export function shownOutcome({
  tag,
  status,
  digest,
  movedFrom,
  expiresAt,
  isImmutable,
}: TagOutcome) {
  return {
    tag,
    status,
    manifest_digest: digest,
    ...(movedFrom === undefined ? {} : { moved_from: movedFrom }),
    ...(expiresAt === undefined ? {} : { expiration: timeOrNull(expiresAt) }),
    ...(isImmutable === undefined ? {} : { immutable: isImmutable }),
  };
}

/** What became of one of many operations. */
export function shownResult(result: TagResult) {
  const { action, tag } = result.operation;
  if ("outcome" in result) return { action, ...shownOutcome(result.outcome) };
  const { code, status, message } = result.refusal;
  return { action, tag, error: { code, status, message } };
}

function timeOrNull(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
