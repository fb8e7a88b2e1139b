import {
  addLimit,
  changeLimit,
  changeQuota,
  createQuota,
  listQuotas,
  OPERATOR,
  removeLimit,
} from "@wharf/registry";
import type { OpenAdministration, Quota } from "@wharf/registry";

import { sizeText } from "../../output/size-text.ts";
import { parseSize } from "../../parse-size.ts";
import type { ParsedFlags } from "../../parse-flags.ts";
import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";

/** `wharf admin quota set`. */
export const quotaSet = adminCommand(
  {
    verb: "quota set",
    summary: "limit how much a user or organization may keep",
    args: ["NAMESPACE", "SIZE"],
    description: [
      "A new quota refuses pushes when all of it is used, unless --reject says otherwise. When a quota is changed, its limits stay unless they are given.",
    ],
    examples: [
      {
        title: "Warn at 80 %, refuse when it is full:",
        command: "wharf admin quota set team 500GiB --warn 80",
      },
      {
        title: "Only warn:",
        command: "wharf admin quota set team 500GiB --warn 80 --warn 100 --reject never",
      },
    ],
    flags: [
      { name: "reject", value: "PERCENT|never", help: "From when on pushes are refused." },
      {
        name: "warn",
        value: "PERCENT|never",
        repeatable: true,
        help: "When the administrators are told; may be given several times.",
      },
    ],
  },
  async ({ administration, args: [name = "", size = ""], flags, print }) => {
    const bytes = parseSize(size, "SIZE");
    const rejects = percentsOf(flags, "reject")?.slice(-1);
    const warnings = percentsOf(flags, "warn");
    const namespace = await administration.needNamespace(name);
    const before = await ownQuota(administration, namespace);
    if (before === undefined) await createQuota(administration, OPERATOR, namespace, bytes);
    else await changeQuota(administration, OPERATOR, namespace, before.id, bytes);
    const quota = await neededQuota(administration, namespace);
    const place = { administration, namespace, quota };
    await setLimits(place, "Reject", rejects ?? (before === undefined ? [100] : undefined));
    await setLimits(place, "Warning", warnings);
    const { limitBytes, limits } = await neededQuota(administration, namespace);
    const shown = limits.map(({ type, percent }) => ({ type: type.toLowerCase(), percent }));
    print({ namespace: name, limitBytes, limits: shown }, [
      `The quota of ${name} is ${sizeText(limitBytes)}.`,
      ...shown.map(({ type, percent }) => `  ${type} from ${percent} %`),
    ]);
  },
);

type Namespace = Awaited<ReturnType<OpenAdministration["needNamespace"]>>;

/** Undefined as well where only the default of the configuration holds, which has the id 0. */
async function ownQuota(
  administration: OpenAdministration,
  namespace: Namespace,
): Promise<Quota | undefined> {
  const [quota] = await listQuotas(administration, namespace);
  return quota?.id === 0 ? undefined : quota;
}

async function neededQuota(
  administration: OpenAdministration,
  namespace: Namespace,
): Promise<Quota> {
  const quota = await ownQuota(administration, namespace);
  if (quota !== undefined) return quota;
  throw new UsageError(
    "somebody else has removed the quota meanwhile",
    "look at it with wharf admin quota list",
  );
}

/** @param percents undefined: they stay */
async function setLimits(
  place: {
    readonly administration: OpenAdministration;
    readonly namespace: Namespace;
    readonly quota: Quota;
  },
  type: Quota["limits"][number]["type"],
  percents: readonly number[] | undefined,
): Promise<void> {
  if (percents === undefined) return;
  const { administration, namespace, quota } = place;
  const old = quota.limits.filter((limit) => limit.type === type);
  const surplus = old.filter(({ percent }) => !percents.includes(percent));
  const missing = percents.filter((percent) => old.every((limit) => limit.percent !== percent));
  // Changed rather than removed and added, so that there is no time without.
  for (const percent of missing) {
    const changed = surplus.shift();
    await (changed === undefined
      ? addLimit(administration, OPERATOR, namespace, quota.id, { type, percent })
      : changeLimit(administration, OPERATOR, namespace, quota.id, changed.id, { percent }));
  }
  for (const { id } of surplus) {
    await removeLimit(administration, OPERATOR, namespace, quota.id, id);
  }
}

/** @returns undefined when the flag is not given */
function percentsOf(flags: ParsedFlags, name: string): number[] | undefined {
  const texts = flags.values(name);
  if (texts.length === 0) return undefined;
  const percents = texts.flatMap((text) => {
    if (text === "never") return [];
    const percent = /^\d{1,3}$/.test(text) ? Number(text) : 0;
    if (percent >= 1 && percent <= 100) return [percent];
    throw new UsageError(
      `--${name} ${JSON.stringify(text)} is no percentage`,
      "write a whole number from 1 to 100, or never",
    );
  });
  return [...new Set(percents)];
}
