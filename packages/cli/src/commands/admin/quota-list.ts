import { listQuotas, quotaReport } from "@wharf/registry";

import { sizeText } from "../../output/size-text.ts";
import { adminCommand } from "./admin-command.ts";

/** `wharf admin quota list`. */
export const quotaList = adminCommand(
  {
    verb: "quota list",
    summary: "show a quota, and how much of it is used",
    args: ["NAMESPACE"],
    description: [
      "Pending bytes are those of deleted images that can still be taken back; they count as used.",
    ],
    examples: [{ title: "Is there room left?", command: "wharf admin quota list team" }],
  },
  async ({ administration, args: [name = ""], print }) => {
    const namespace = await administration.needNamespace(name);
    const { database, config } = administration;
    const quotas = (await listQuotas(administration, namespace)).map((quota) => ({
      limitBytes: quota.limitBytes,
      isDefault: quota.id === 0,
      limits: quota.limits.map(({ type, percent }) => ({ type: type.toLowerCase(), percent })),
    }));
    const report = await quotaReport(database.read, namespace, config);
    const used = { usedBytes: report.quota_bytes, pendingBytes: report.pending_bytes };
    const measured = report.running_backfill === "complete";
    print({ namespace: name, quotas, ...used, measured }, [
      name,
      ...(quotas.length === 0 ? ["  quota    none"] : []),
      ...quotas.flatMap(({ limitBytes, isDefault, limits }) => [
        `  quota    ${sizeText(limitBytes)}${isDefault ? " (registry.defaultQuota)" : ""}`,
        ...limits.map(({ type, percent }) => `  ${type.padEnd(7)}  from ${percent} %`),
      ]),
      `  used     ${sizeText(used.usedBytes)}${measured ? "" : " (not measured yet)"}`,
      `  pending  ${sizeText(used.pendingBytes)}`,
    ]);
  },
);
