import type { CollectedItem, CollectedKind, CollectionReport } from "./collection-report.ts";
import { KINDS } from "./collection-report.ts";

const NAMES: Readonly<Record<CollectedKind, string>> = {
  repositories: "repositories that can no longer be restored",
  tags: "tags that can no longer be taken back",
  manifests: "manifests",
  links: "blobs that a repository no longer needs",
  squashedImages: "squashed images",
  squashedIndexes: "squashed indexes",
  blobs: "blobs that no repository needs",
  layerIndexes: "layer indexes",
  uploads: "uploads that nobody continued",
  endedUploads: "remembered ends of uploads",
  uploadLeftovers: "leftovers of uploads",
  orphanedBlobs: "objects of unknown blobs",
  orphanedIndexes: "objects of unknown layer indexes",
  signingKeys: "expired signing keys",
  credentials: "expired credentials",
  sessions: "ended sessions",
  mailCodes: "expired codes of mails",
  notifications: "notifications dismissed long ago",
  invitations: "expired invitations to teams",
  deadJobs: "jobs given up long ago",
  plans: "plans for squashing that nobody used",
  reports: "old reports",
};

/** A report for people, several lines, the last one ended. */
export function reportText(report: CollectionReport): string {
  const verb = report.dryRun ? "would be taken" : "taken";
  const lines: string[] = [];
  for (const kind of KINDS) {
    const { count, bytes } = report.taken[kind];
    if (count === 0) continue;
    const size = bytes === 0 ? "" : `, ${formatBytes(bytes)}`;
    lines.push(`${count} ${NAMES[kind]}${size}`);
  }
  const size = `${formatBytes(report.bytes)} of the blob store ${verb} back`;
  lines.push(lines.length === 0 ? `nothing ${verb}` : size);
  if (!report.complete) lines.push("not everything was looked at; the next collection goes on");
  for (const { kind, item, message } of report.errors.first) {
    lines.push(`error: ${item ?? NAMES[kind]}: ${message}`);
  }
  const untold = report.errors.count - report.errors.first.length;
  if (untold > 0) lines.push(`and ${untold} more error${untold === 1 ? "" : "s"}`);
  return `${lines.join("\n")}\n`;
}

/** One thing for people, in one line without its end, such as `manifests team/app@sha256:…`. */
export function itemText({ kind, repository, tag, digest, name, bytes }: CollectedItem): string {
  const place = repository ?? "";
  const what =
    tag === undefined
      ? `${place}${place !== "" && digest !== undefined ? "@" : ""}${digest ?? ""}`
      : `${place}:${tag}@${digest ?? ""}`;
  const words = [kind, what, name ?? "", bytes === 0 ? "" : formatBytes(bytes)];
  return words.filter((word) => word !== "").join(" ");
}

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** For example `1.5 GiB`. */
function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
