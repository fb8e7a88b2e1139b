import type { Origin } from "./principal.ts";

/** What accounts want to know of a request. An `Exchange` is one. */
export interface Caller {
  /** Still percent-encoded, without the query. */
  readonly path: string;
  /** Of the client. */
  readonly address: string;
  /** Scheme and authority under which the client reached us. */
  readonly origin: string;
  /** @param name in lower case */
  header(name: string): string | undefined;
}

/** Where a request came from, for sessions and the audit log. */
export function originOf(caller: Pick<Caller, "address" | "header">): Origin {
  return {
    address: caller.address,
    userAgent: caller.header("user-agent")?.slice(0, 500),
  };
}
