import * as endpoints from "@wharf/contract/endpoints";
import type { z } from "zod";
import type { Session } from "../../../accounts/sessions.ts";
import type { RegistryContext } from "../../../context.ts";
import { RegistryError } from "../../../http/registry-error.ts";
import type { TagOperation } from "../change-tags.ts";

type Operation = z.output<NonNullable<typeof endpoints.changeTags.body>>["operations"][number];

/** An operation of a request in the words of the use case. */
export function operationOf(operation: Operation): TagOperation {
  const { tag, action } = operation;
  switch (action) {
    case "add":
    case "move":
    case "restore":
      return { action, tag, digest: operation.manifest_digest };
    case "delete":
      return { action, tag };
    case "expire": {
      const { expiration } = operation;
      return { action, tag, expiresAt: expiration === null ? null : Math.floor(expiration * 1000) };
    }
    case "immutable":
      return { action, tag, isImmutable: operation.immutable };
    case "permanent":
      return {
        action,
        tag,
        digest: operation.manifest_digest,
        isAlive: operation.is_alive ?? false,
        withChildren: operation.include_submanifests ?? false,
      };
  }
}

/** What is deleted for good needs a fresh login, here as where it is asked for alone. */
export function expectFreshForPermanent(
  { config, now }: RegistryContext,
  session: Session | undefined,
  operations: readonly Operation[],
): void {
  if (session === undefined || !operations.some(({ action }) => action === "permanent")) return;
  if (now() - session.freshAt <= config.accounts.freshLoginTimeout) return;
  throw new RegistryError(
    "LOGIN_NOT_FRESH",
    "deleting for good needs your password again: POST /api/v1/signin/verify",
  );
}
