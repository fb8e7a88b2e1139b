/** distribution-spec, "Pulling manifests": the form of a tag. */
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

export function isTagName(text: string): boolean {
  return TAG.test(text);
}
