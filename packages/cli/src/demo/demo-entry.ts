/** One entry of a layer of the demonstration's image. */
export type DemoEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode?: number }
  | { readonly kind: "text"; readonly path: string; readonly text: string }
  /** A file of this machine. */
  | {
      readonly kind: "file";
      readonly path: string;
      readonly hostPath: string;
      readonly mode: number;
      readonly size: number;
    }
  /** Deletes what a lower layer has under this path (image-spec `layer.md`, "Whiteouts"). */
  | { readonly kind: "deletion"; readonly path: string };
