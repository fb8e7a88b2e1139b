import type { HistoryStep } from "./config-facts.ts";

/** A step of the history, and the layer it made. */
export interface LayerStep extends HistoryStep {
  /** Counted from 0, the lowest first; undefined: it made none, or that is not told. */
  readonly layer: number | undefined;
}

/**
 * Tells which step made which layer. A history whose steps are not as many as the layers says it of none.
 *
 * @param layers how many there are
 */
export function layerSteps(history: readonly HistoryStep[], layers: number): LayerStep[] {
  const fits = history.filter(({ isEmpty }) => !isEmpty).length === layers;
  let next = 0;
  return history.map((step) => ({
    ...step,
    layer: fits && !step.isEmpty ? next++ : undefined,
  }));
}
