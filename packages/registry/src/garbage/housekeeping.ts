import type { CollectedKind } from "./collection-report.ts";
import type { Garbage } from "./garbage.ts";
import {
  deadJobs,
  dismissedNotifications,
  endedSessions,
  expiredCredentials,
  expiredInvitations,
  expiredMailCodes,
  expiredSigningKeys,
  oldReports,
  unusedPlans,
} from "./housekeeping-store.ts";
import type { ExpiredRows } from "./housekeeping-store.ts";
import { PAGE } from "./pages.ts";

const DAY = 86_400_000;

/** Rows that go some time after they have served their purpose. */
const RULES: readonly { kind: CollectedKind; rows: ExpiredRows; after: number }[] = [
  { kind: "signingKeys", rows: expiredSigningKeys, after: DAY },
  // Long enough for its owner to see why it does not work any more.
  { kind: "credentials", rows: expiredCredentials, after: 30 * DAY },
  { kind: "sessions", rows: endedSessions, after: 0 },
  { kind: "mailCodes", rows: expiredMailCodes, after: 0 },
  { kind: "notifications", rows: dismissedNotifications, after: 30 * DAY },
  { kind: "invitations", rows: expiredInvitations, after: 30 * DAY },
  { kind: "deadJobs", rows: deadJobs, after: 30 * DAY },
  { kind: "plans", rows: unusedPlans, after: 30 * DAY },
  { kind: "reports", rows: oldReports, after: 90 * DAY },
];

export const housekeeping: readonly Garbage<string>[] = RULES.map(({ kind, rows, after }) => ({
  kind,

  async *find(run) {
    const before = run.limits.now - after;
    let last: string | undefined = "";
    while (last !== undefined) {
      const keys: string[] = await rows.find(run.database.read, before, last);
      yield keys;
      last = keys.length < PAGE ? undefined : keys.at(-1);
    }
  },

  take: (run, keys) => run.write((trx) => rows.remove(trx, run.limits.now - after, keys)),

  describe: (key) => ({ kind, name: key, bytes: 0 }),
}));
