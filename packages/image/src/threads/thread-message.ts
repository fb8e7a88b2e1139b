import { ImageError } from "../image-error.ts";
import type { ImageErrorCode, ImageErrorPlace } from "../image-error.ts";
import type { TaskName } from "./tasks.ts";

/** What goes to a thread: a task, or the end of one. Numbers tell the tasks of a thread apart. */
export type ThreadRequest = TaskRequest | { readonly id: number; readonly abort: true };

export interface TaskRequest {
  readonly id: number;
  readonly task: TaskName;
  readonly input: unknown;
}

/** What comes back: progress, then one of the others. */
export type ThreadReply =
  | { readonly id: number; readonly kind: "progress"; readonly bytes: number }
  | { readonly id: number; readonly kind: "done"; readonly output: unknown }
  | { readonly id: number; readonly kind: "failed"; readonly failure: Failure };

/** An error in a form that crosses threads. */
export type Failure =
  | {
      readonly code: ImageErrorCode;
      readonly reason: string;
      readonly place: ImageErrorPlace;
      readonly hint: string | undefined;
    }
  | { readonly error: unknown };

export function asFailure(error: unknown): Failure {
  if (!(error instanceof ImageError)) return { error };
  const { code, reason, place, hint } = error;
  return { code, reason, place, hint };
}

export function asError(failure: Failure): unknown {
  if ("error" in failure) return failure.error;
  const { code, reason, place, hint } = failure;
  return new ImageError(code, reason, { ...place, ...(hint === undefined ? {} : { hint }) });
}
