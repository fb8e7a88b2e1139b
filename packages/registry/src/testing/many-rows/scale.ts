/** How much a database is filled with. */
export interface Scale {
  /** Organizations; the first has `largest` of the repositories. */
  readonly namespaces: number;
  readonly repositories: number;
  readonly largest: number;
  readonly users: number;
  /** Rows of tags in all. */
  readonly tags: number;
  /** Tags of the first repository. */
  readonly tagsOfOne: number;
  /** Images that the tag `latest` of the second repository has pointed to. */
  readonly history: number;
  /** Entries of the audit log. */
  readonly entries: number;
}

/** What every list must cope with (issue 4, "Cost"). */
export const LARGE: Scale = {
  namespaces: 200,
  repositories: 10_000,
  largest: 3_000,
  users: 2_000,
  tags: 1_000_000,
  tagsOfOne: 100_000,
  history: 10_000,
  entries: 1_000_000,
};

/** Enough for a planner to take an index where there is one. */
export const SMALL: Scale = {
  namespaces: 20,
  repositories: 2_000,
  largest: 900,
  users: 1_200,
  tags: 15_000,
  tagsOfOne: 4_000,
  history: 1_500,
  entries: 12_000,
};

/** Ids of what is filled in begin after this: those that a server gives out meanwhile are smaller. */
export const FIRST_ID = 1_000_000;
