import type { ConfigFacts } from "../repositories/manifests/config-facts.ts";

/** Texts by name that one has and the other has not, or has otherwise. */
export interface ValueChanges {
  readonly added: Readonly<Record<string, string>>;
  readonly removed: Readonly<Record<string, string>>;
  readonly changed: Readonly<Record<string, { readonly base: string; readonly head: string }>>;
}

export interface NameChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What a single value was and is; null: it is the same. */
export type Change<T> = { readonly base: T | null; readonly head: T | null } | null;

export interface ConfigChanges {
  readonly env: ValueChanges;
  readonly labels: ValueChanges;
  readonly exposedPorts: NameChanges;
  readonly volumes: NameChanges;
  readonly entrypoint: Change<string[]>;
  readonly cmd: Change<string[]>;
  readonly user: Change<string>;
  readonly workingDir: Change<string>;
  readonly stopSignal: Change<string>;
}

/** Compares what two configs say of the containers that are made of them. Undefined: it says nothing. */
export function compareConfigs(
  base: ConfigFacts | undefined,
  head: ConfigFacts | undefined,
): ConfigChanges {
  return {
    env: changedValues(variables(base), variables(head)),
    labels: changedValues(base?.labels ?? new Map(), head?.labels ?? new Map()),
    exposedPorts: changedNames(base?.exposedPorts, head?.exposedPorts),
    volumes: changedNames(base?.volumes, head?.volumes),
    entrypoint: changedList(base?.entrypoint, head?.entrypoint),
    cmd: changedList(base?.cmd, head?.cmd),
    user: changedText(base?.user, head?.user),
    workingDir: changedText(base?.workingDir, head?.workingDir),
    stopSignal: changedText(base?.stopSignal, head?.stopSignal),
  };
}

/** `NAME=value`; the last one of a name holds. One without a value is empty. */
function variables(facts: ConfigFacts | undefined): Map<string, string> {
  const pairs = (facts?.env ?? []).map((text): [string, string] => {
    const mark = text.indexOf("=");
    return mark < 0 ? [text, ""] : [text.slice(0, mark), text.slice(mark + 1)];
  });
  return new Map(pairs);
}

function changedValues(
  base: ReadonlyMap<string, string>,
  head: ReadonlyMap<string, string>,
): ValueChanges {
  const added = [...head].filter(([name]) => !base.has(name));
  const removed = [...base].filter(([name]) => !head.has(name));
  const changed = [...head].flatMap(([name, is]) => {
    const was = base.get(name);
    return was === undefined || was === is ? [] : [[name, { base: was, head: is }] as const];
  });
  return {
    added: Object.fromEntries(added),
    removed: Object.fromEntries(removed),
    changed: Object.fromEntries(changed),
  };
}

function changedNames(base: readonly string[] = [], head: readonly string[] = []): NameChanges {
  const was = new Set(base);
  const is = new Set(head);
  return {
    added: head.filter((name) => !was.has(name)),
    removed: base.filter((name) => !is.has(name)),
  };
}

function changedList(
  base: readonly string[] | undefined,
  head: readonly string[] | undefined,
): Change<string[]> {
  if (JSON.stringify(base ?? null) === JSON.stringify(head ?? null)) return null;
  return {
    base: base === undefined ? null : [...base],
    head: head === undefined ? null : [...head],
  };
}

function changedText(base: string | undefined, head: string | undefined): Change<string> {
  return base === head ? null : { base: base ?? null, head: head ?? null };
}
