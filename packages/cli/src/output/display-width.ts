/** East Asian wide characters and emoji take two cells of a terminal (Unicode TR 11). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** How many cells of a terminal a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += cells(character);
  return width;
}

/** The text, cut to fit; what is missing is shown by an ellipsis at the end, or in front where the end matters more. */
export function fitText(text: string, width: number, keep: "start" | "end" = "start"): string {
  if (displayWidth(text) <= width) return text;
  const characters = keep === "start" ? [...text] : [...text].toReversed();
  const kept: string[] = [];
  let used = 1;
  for (const character of characters) {
    used += cells(character);
    if (used > width) break;
    kept.push(character);
  }
  return keep === "start" ? `${kept.join("")}…` : `…${kept.toReversed().join("")}`;
}

function cells(character: string): number {
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
