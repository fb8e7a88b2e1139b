import { isDirectory, nameAt } from "./merged-files.ts";
import type { MergedFiles } from "./merged-files.ts";

/** Hears of every name of two images, in the order of their paths. Paths are bytes as latin1 strings. */
export interface SideVisitor {
  removed(base: number, path: string): void;
  added(head: number, path: string): void;
  both(base: number, head: number, path: string): void;
}

/** Walks through two images at the same time, a directory before what is in it. The roots are no names. */
export function walkSideBySide(base: MergedFiles, head: MergedFiles, visitor: SideVisitor): void {
  new Walk(base, head, visitor).directories(0, 0, "");
}

class Walk {
  readonly #base: MergedFiles;
  readonly #head: MergedFiles;
  readonly #visitor: SideVisitor;

  constructor(base: MergedFiles, head: MergedFiles, visitor: SideVisitor) {
    this.#base = base;
    this.#head = head;
    this.#visitor = visitor;
  }

  /** Both have their children in the order of names. */
  directories(base: number, head: number, path: string): void {
    let b = this.#base.firstChild[base] ?? 0;
    let h = this.#head.firstChild[head] ?? 0;
    const lastBase = b + (this.#base.childCount[base] ?? 0);
    const lastHead = h + (this.#head.childCount[head] ?? 0);
    while (b < lastBase || h < lastHead) {
      const baseName = b < lastBase ? nameAt(this.#base, b) : undefined;
      const headName = h < lastHead ? nameAt(this.#head, h) : undefined;
      if (headName === undefined || (baseName !== undefined && baseName < headName)) {
        this.#removed(b++, `${path}${baseName}`);
      } else if (baseName === undefined || headName < baseName) {
        this.#added(h++, `${path}${headName}`);
      } else this.#both(b++, h++, `${path}${baseName}`);
    }
  }

  #both(base: number, head: number, path: string): void {
    this.#visitor.both(base, head, path);
    const wasDirectory = isDirectory(this.#base, base);
    const isNow = isDirectory(this.#head, head);
    if (wasDirectory && isNow) this.directories(base, head, `${path}/`);
    else if (wasDirectory) this.#removedBelow(base, path);
    else if (isNow) this.#addedBelow(head, path);
  }

  #removed(at: number, path: string): void {
    this.#visitor.removed(at, path);
    this.#removedBelow(at, path);
  }

  #removedBelow(at: number, path: string): void {
    const first = this.#base.firstChild[at] ?? 0;
    const last = first + (this.#base.childCount[at] ?? 0);
    for (let child = first; child < last; child++) {
      this.#removed(child, `${path}/${nameAt(this.#base, child)}`);
    }
  }

  #added(at: number, path: string): void {
    this.#visitor.added(at, path);
    this.#addedBelow(at, path);
  }

  #addedBelow(at: number, path: string): void {
    const first = this.#head.firstChild[at] ?? 0;
    const last = first + (this.#head.childCount[at] ?? 0);
    for (let child = first; child < last; child++) {
      this.#added(child, `${path}/${nameAt(this.#head, child)}`);
    }
  }
}
