import type { Settings, WharfServer } from "../clients/wharf-server.ts";

/** What a registry keeps its data in. */
export interface Backend extends AsyncDisposable {
  readonly settings: Settings;
  /** The bytes of all blobs, whatever they belong to. */
  storedBytes(server: WharfServer): Promise<number>;
}

export interface BackendKind {
  readonly title: string;
  /** Why it cannot run here; false when it can. */
  readonly missing: string | false;
  start(): Promise<Backend>;
}
