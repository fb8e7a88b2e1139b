import { z } from "zod";
import { mailDate } from "./values.ts";

/** `synced` in the answer with a team's members; Quay shows all but the service to superusers alone. */
export const syncedTeam = z.object({
  service: z.string(),
  last_updated: mailDate.nullable().optional().describe("null: not yet"),
  config: z.record(z.string(), z.string()).optional().describe("`group_dn` or `group_name`"),
  last_error: z.string().nullable().optional().describe("why the last try changed nothing"),
});

/** `can_sync` in the answer with a team's members, for whoever may set it up. */
export const syncableTeam = z.object({
  service: z.string(),
  services: z.array(z.string()).describe("`ldap`, and the ids of OIDC services"),
  base_dn: z.string().optional().describe("of the LDAP directory"),
});
