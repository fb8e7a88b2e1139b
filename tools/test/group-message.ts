/** What the group's process is to run: absolute paths of test files. */
export interface ToGroup {
  readonly files: readonly string[];
  readonly isolation: "none" | "process";
  readonly timeoutMs: number;
}

/** What the group's process tells: one message for each test, and what the processes of test files print. */
export type FromGroup =
  | { readonly type: "output"; readonly text: string }
  | { readonly type: "started"; readonly name: string }
  | { readonly type: "passed" }
  | { readonly type: "skipped"; readonly reason: string }
  | { readonly type: "failed"; readonly text: string }
  | { readonly type: "ended" };
