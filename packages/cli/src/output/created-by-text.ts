/** The command that made a layer, without what all of them share: the shell, BuildKit's and the old builder's marks. */
export function createdByText(createdBy: string): string {
  return createdBy
    .replace(/\s+/g, " ")
    .replace(/^(?:RUN )?\|\d+ (?:\S+=\S* )*/, "RUN ")
    .replace(/^RUN \/bin\/sh -c #\(nop\) |^\/bin\/sh -c #\(nop\) /, "")
    .replace(/^(?:RUN )?\/bin\/(?:ba)?sh (?:-o pipefail )?-[a-z]*c /, "RUN ")
    .replace(/ # buildkit$/, "")
    .trim();
}
