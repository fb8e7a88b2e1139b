/** Payload of the event `audit`, and the shape in which pulls are gathered: a row of the log to be. */
export interface AuditedDeed {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: string;
  readonly namespaceId: number | null;
  readonly namespace: string | null;
  readonly repositoryId: number | null;
  readonly repository: string | null;
  readonly performerId: number | null;
  readonly performer: string | null;
  readonly performerKind: "user" | "robot" | "token" | "operator" | "anonymous" | "registry";
  readonly via: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}
