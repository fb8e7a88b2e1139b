/**
 * By how much a size changed, in percent: `-11 %`, `+3 %`, `0 %`; less than one percent with one decimal.
 *
 * @param before bytes
 * @param after bytes
 */
export function changeText(before: number, after: number): string {
  if (before === after || before === 0) return "0 %";
  const percent = ((after - before) / before) * 100;
  const size = Math.abs(percent);
  const digits = size < 0.05 ? "0" : size < 0.95 ? size.toFixed(1) : size.toFixed(0);
  return `${percent < 0 ? "-" : "+"}${digits} %`;
}
