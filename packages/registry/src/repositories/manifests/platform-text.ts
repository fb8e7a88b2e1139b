/**
 * Writes a platform as `os/architecture[/variant]`, in lower case.
 *
 * @returns undefined when it says no os or architecture, or a part that none has
 */
export function platformText(
  os: string | undefined,
  architecture: string | undefined,
  variant: string | undefined,
): string | undefined {
  const parts = [os ?? "", architecture ?? "", ...(isNone(variant) ? [] : [variant])];
  return parts.every((part) => /^[A-Za-z0-9_.-]{1,40}$/.test(part))
    ? parts.join("/").toLowerCase()
    : undefined;
}

function isNone(text: string | undefined): text is undefined | "" {
  return text === undefined || text === "";
}
