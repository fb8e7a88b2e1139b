import type { Digest } from "@wharf/image";
import type { Principal } from "../accounts/principal.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Repository } from "../repositories/repository.ts";
import type { Pull } from "./pull.ts";
import type { PullRecorder } from "./pull-recorder.ts";

/** What a client asked for, and was answered with. */
export interface AnsweredPull {
  readonly repository: Repository;
  readonly principal: Principal;
  readonly tag: string | undefined;
  /** That the answer told. */
  readonly digest: Digest;
  /** Manifest of the image that the answer was made of; undefined: it was pushed as it is. */
  readonly source?: Digest | undefined;
  /** Undefined: as it was pushed. */
  readonly verb?: Pull["verb"];
}

/**
 * Counts a request that was answered: a GET that was given the whole, or told that it has it. HEAD only remembers which
 * tag a digest comes from.
 */
export function countPull(
  pulls: PullRecorder,
  exchange: Exchange,
  { repository, principal, tag, digest, source, verb }: AnsweredPull,
): void {
  const { statusCode } = exchange.response;
  if (statusCode !== 200 && statusCode !== 304) return;
  const { address } = exchange;
  if (exchange.isHead) {
    if (tag !== undefined) pulls.resolved({ repository, address, digest }, tag);
    return;
  }
  pulls.record({
    repository,
    principal,
    tag: tag ?? pulls.tagOf({ repository, address, digest }),
    digest: source ?? digest,
    address,
    userAgent: exchange.header("user-agent")?.slice(0, 500),
    ...(verb === undefined ? { kind: "pull_repo" } : { kind: "repo_verb", verb }),
  });
}

/** Whether a download begins with this response: the next ranges of one belong to it. */
export function beginsDownload(exchange: Exchange): boolean {
  const { statusCode, headersSent } = exchange.response;
  if (exchange.isHead || !headersSent) return false;
  if (statusCode === 200) return true;
  return statusCode === 206 && /^\s*bytes\s*=\s*0+\s*-/i.test(exchange.header("range") ?? "");
}
