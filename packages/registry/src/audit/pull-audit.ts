import type { Config } from "../config/config.ts";
import type { Principal } from "../accounts/principal.ts";
import type { Pull, PullListener } from "../usage/pull.ts";
import type { Gatherer } from "./gatherer.ts";
import { deedOf } from "./record-audit.ts";

/** Tells the audit log of pulls, as `audit.pulls` says. */
export function auditPulls(
  gatherer: Gatherer,
  config: Pick<Config["audit"], "pulls">,
): PullListener {
  return {
    pulled(pull) {
      if (config.pulls === "none") return;
      const who = identityOf(pull.principal);
      if (config.pulls === "authenticated" && who === ANYBODY) return;
      const { kind, repository, tag, digest, verb, address, userAgent } = pull;
      const key = JSON.stringify([kind, repository.id, tag, digest, verb, who, address, userAgent]);
      gatherer.add(key, () => deedOfPull(pull));
    },
  };
}

const ANYBODY = "anybody";

/** Whoever shows something else is somebody else. */
function identityOf(principal: Principal): string {
  switch (principal.kind) {
    case "anonymous":
      return ANYBODY;
    case "account":
      return `${principal.accountId} ${principal.shown?.kind} ${principal.shown?.credentialId}`;
    case "token":
      return principal.accountId === undefined ? ANYBODY : `${principal.accountId} token`;
    case "repository":
      return "$token";
  }
}

function deedOfPull(pull: Pull) {
  const { at, kind, repository, tag, digest, verb, principal, address, userAgent } = pull;
  return deedOf(
    { ...principal, from: { address, userAgent } },
    {
      kind,
      repository,
      metadata: {
        ...(tag === undefined ? {} : { tag }),
        manifest_digest: digest,
        ...(verb === undefined ? {} : { verb }),
      },
    },
    at,
  );
}
