/** How many tests (or checks) passed and failed. Skipped ones are in neither. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}
