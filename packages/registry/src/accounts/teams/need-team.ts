import type { Kysely } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { findTeamByName } from "../team-store.ts";
import type { TeamRow } from "../team-store.ts";

/** The team of that name, in or out of a transaction. @throws {RegistryError} `NOT_FOUND` */
export async function needTeam(
  db: Kysely<Tables>,
  organization: { readonly id: number; readonly name: string },
  name: string,
): Promise<TeamRow> {
  // PostgreSQL takes no NUL.
  const team = /^[a-z0-9._-]{1,255}$/.test(name)
    ? await findTeamByName(db, organization.id, name)
    : undefined;
  if (team !== undefined) return team;
  const shown = name.slice(0, 255);
  throw new RegistryError("NOT_FOUND", `there is no team ${shown} in ${organization.name}`, {
    detail: { team: shown, organization: organization.name },
  });
}
