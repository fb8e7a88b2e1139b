import type { Origin, Problem } from "./problem.ts";
import type { SettingKey } from "./setting-key.ts";

/** A value as somebody wrote it. */
export interface RawSetting {
  readonly value: string | readonly string[];
  readonly origin: Origin;
  /** Absolute folder that a relative path starts from. */
  readonly base: string;
}

/** What one source says, with what is wrong about it. */
export interface RawSettings {
  readonly settings: ReadonlyMap<SettingKey, RawSetting>;
  readonly problems: readonly Problem[];
}
