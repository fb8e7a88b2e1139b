/**
 * Where an upload stands, as text for the caller to keep:
 *
 *     1 <name> <parts> <bytes in parts> <tail number> <tail bytes> <multipart upload or ->
 */
export interface UploadState {
  /** Of the temporary object, random. */
  readonly name: string;
  readonly parts: number;
  readonly partBytes: number;
  /** Number of the object that holds what was too little for a part; it exists unless `tailBytes` is 0. */
  readonly tail: number;
  readonly tailBytes: number;
  /** S3's id of the multipart upload, undefined as long as there are no parts. */
  readonly multipart: string | undefined;
}

const STATE = /^1 ([0-9a-f]{16}) (\d{1,5}) (\d{1,13}) (\d{1,15}) (\d{1,10}) (\S{1,1024})$/;
const NONE = "-";

export function formatState(state: UploadState): string {
  const { name, parts, partBytes, tail, tailBytes, multipart } = state;
  return `1 ${name} ${parts} ${partBytes} ${tail} ${tailBytes} ${multipart ?? NONE}`;
}

/** @returns undefined for text that is no state, such as that of another driver */
export function parseState(text: string): UploadState | undefined {
  const [, name, parts, partBytes, tail, tailBytes, multipart] = STATE.exec(text) ?? [];
  if (name === undefined) return undefined;
  return {
    name,
    parts: Number(parts),
    partBytes: Number(partBytes),
    tail: Number(tail),
    tailBytes: Number(tailBytes),
    multipart: multipart === NONE ? undefined : multipart,
  };
}
