import { z } from "zod";

/** Payload of the event `audit`, and the shape in which pulls are gathered: a row of the log to be. */
export const auditedDeed = z.object({
  /** Milliseconds since 1970. */
  at: z.int(),
  kind: z.string(),
  namespaceId: z.int().nullable(),
  namespace: z.string().nullable(),
  repositoryId: z.int().nullable(),
  repository: z.string().nullable(),
  performerId: z.int().nullable(),
  performer: z.string().nullable(),
  performerKind: z.enum(["user", "robot", "token", "operator", "anonymous", "registry"]),
  via: z.string().nullable(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()).readonly(),
});

export type AuditedDeed = Readonly<z.output<typeof auditedDeed>>;
