import type { TestRegistry } from "../../testing/test-registry.ts";

/** What the walk over the table of rights finds in every registry it starts. */
export interface RightsWorld {
  readonly registry: TestRegistry;
  /** Digest of the image that `team/app:v1` points to. */
  readonly digest: string;
}

/**
 * A request of one endpoint, for the walk over the table of rights (`rights-walk.test.ts`). The world has the
 * organization `team` with the team `devs`, the private repository `team/app` with an image at `v1`, the robot
 * `team+bot` and the users `alice` (no rights) and `carol` (member of `devs`).
 *
 * Rights are looked at before the body, so a body that is refused with 400 shows that the right was there and changes
 * nothing; where there is no body, name something that does not exist.
 */
export interface Sample {
  /** Below `/api/v1`. */
  readonly path: string | ((world: RightsWorld) => string | Promise<string>);
  readonly body?: unknown;
  /** Status and code that somebody with the right gets, such as `/^200$/` or `/^404 NOT_FOUND$/`. */
  readonly granted: RegExp;
  /** Asked when all others were: afterwards whoever asked may be gone. */
  readonly isLast?: true;
}

/** By operation id. */
export type Samples = Readonly<Record<string, Sample>>;
