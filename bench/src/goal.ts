/** A figure that has to be reached, and what was measured. */
export interface Goal {
  readonly text: string;
  readonly measured: string;
  readonly isReached: boolean;
}

/** A goal of the form "at most". */
export function atMost(text: string, measured: number, most: number, unit = ""): Goal {
  return {
    text,
    measured: `${measured.toFixed(2)}${unit} of ${most}${unit}`,
    isReached: measured <= most,
  };
}

/**
 * A goal of the form "at most" for a ratio of wall times. The medians decide; the minima are told beside them, since
 * on a shared machine they say more about the programs.
 */
export function atMostRatio(text: string, medians: number, minima: number, most: number): Goal {
  const measured = `${medians.toFixed(2)} of ${most} (minima: ${minima.toFixed(2)})`;
  return { text, measured, isReached: medians <= most };
}
