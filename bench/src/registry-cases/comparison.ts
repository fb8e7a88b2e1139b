import type { Goal } from "../goal.ts";
import { table } from "../markdown.ts";
import { median } from "../summary.ts";
import type { Figure } from "./figure.ts";
import type { RegistryCase } from "./registry-case.ts";

/** The runs of one case on both servers. */
export interface Comparison {
  readonly name: string;
  readonly unit: RegistryCase["unit"];
  readonly goal: number | undefined;
  readonly wharf: Side;
  /** Undefined where docker-registry has no such thing. */
  readonly peer: Side | undefined;
}

/** Medians of the runs on one server. */
export interface Side {
  readonly runs: number;
  /** Requests or bytes a second. */
  readonly rate: number;
  /** Of the server a request or byte. */
  readonly cpuSeconds: number;
  readonly p99: number | undefined;
  readonly load: readonly [number, number];
}

export function compare(
  { name, unit, goal }: Pick<RegistryCase, "name" | "unit" | "goal">,
  figures: readonly Figure[],
): Comparison {
  const of = (server: string): readonly Figure[] =>
    figures.filter((figure) => figure.case === name && figure.server === server);
  const peer = of("docker-registry");
  return {
    name,
    unit,
    goal,
    wharf: sideOf(of("wharf")),
    peer: peer.length === 0 ? undefined : sideOf(peer),
  };
}

/** How many times docker-registry's rate; also of its CPU time, which a busy machine moves less. */
export function ratios({ wharf, peer }: Comparison): { rate: number; cpu: number } | undefined {
  if (peer === undefined) return undefined;
  return { rate: wharf.rate / peer.rate, cpu: peer.cpuSeconds / wharf.cpuSeconds };
}

/** A goal of the form "at least so many times docker-registry". */
export function goalOf(comparison: Comparison): Goal | undefined {
  const found = ratios(comparison);
  if (comparison.goal === undefined || found === undefined) return undefined;
  return atLeast(comparison.name, found.rate, comparison.goal, " × docker-registry");
}

/** A goal of the form "at least". */
export function atLeast(text: string, measured: number, least: number, unit = ""): Goal {
  return {
    text,
    measured: `${measured.toFixed(2)} of ${least}${unit}`,
    isReached: measured >= least,
  };
}

const TITLES = [
  "case",
  "runs",
  "wharf",
  "docker-registry",
  "×",
  "wharf CPU",
  "docker-registry CPU",
  "÷",
  "p99 ms",
  "load",
];

/** A table of all cases; rates and CPU times carry their units. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map((comparison) => {
    const { name, unit, wharf, peer } = comparison;
    const found = ratios(comparison);
    const [low, high] = wharf.load;
    return [
      name,
      String(wharf.runs),
      rateText(wharf.rate, unit),
      peer === undefined ? "" : rateText(peer.rate, unit),
      found?.rate.toFixed(2) ?? "",
      cpuText(wharf.cpuSeconds, unit),
      peer === undefined ? "" : cpuText(peer.cpuSeconds, unit),
      found?.cpu.toFixed(2) ?? "",
      wharf.p99 === undefined ? "" : `${wharf.p99.toFixed(1)} / ${peer?.p99?.toFixed(1) ?? ""}`,
      `${low.toFixed(1)}–${high.toFixed(1)}`,
    ];
  });
  return table(TITLES, rows);
}

function rateText(rate: number, unit: RegistryCase["unit"]): string {
  if (unit === "bytes") return `${(rate / 2 ** 20).toFixed(0)} MiB/s`;
  if (unit === "copies") return `${(1 / rate).toFixed(2)} s`;
  return `${rate.toFixed(0)}/s`;
}

function cpuText(seconds: number, unit: RegistryCase["unit"]): string {
  if (unit === "bytes") return `${(seconds * 2 ** 30 * 1000).toFixed(0)} ms/GiB`;
  if (unit === "copies") return `${seconds.toFixed(2)} s`;
  return `${(seconds * 1e6).toFixed(0)} µs`;
}

function sideOf(figures: readonly Figure[]): Side {
  const loads = figures.map(({ load }) => load);
  const late = figures.flatMap(({ p99 }) => (p99 === undefined ? [] : [p99]));
  return {
    runs: figures.length,
    rate: median(figures.map(({ amount, seconds }) => amount / seconds)),
    cpuSeconds: median(figures.map(({ cpuSeconds, amount }) => cpuSeconds / amount)),
    p99: late.length === 0 ? undefined : median(late),
    load: [Math.min(...loads), Math.max(...loads)],
  };
}
