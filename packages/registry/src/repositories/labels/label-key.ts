/** Keys of labels that are added by the API (Quay, `util/validation.py`). */
export const LABEL_KEY = /^[a-z0-9](?:(?:[a-z0-9]|[-.](?![.-]))*[a-z0-9])?$/;

/** Only images themselves have keys that begin so (Quay, `config.py`). */
export const RESERVED_PREFIXES: readonly string[] = [
  "com.docker.",
  "io.docker.",
  "org.dockerproject.",
  "org.opencontainers.",
  "io.cncf.",
  "io.kubernetes.",
  "io.k8s.",
  "io.quay",
  "com.coreos",
  "com.tectonic",
  "internal",
  "quay",
];

/** Most characters of a key. */
export const KEY_LENGTH = 255;

export function isLabelKey(key: string): boolean {
  return key.length <= KEY_LENGTH && LABEL_KEY.test(key);
}

/** The prefix that keeps a key from being added, if any. */
export function reservedPrefix(key: string): string | undefined {
  return RESERVED_PREFIXES.find((prefix) => key.startsWith(prefix));
}
