import { dirname } from "node:path";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Document, Node, Pair, ParsedNode, YAMLMap } from "yaml";

import { nearestName } from "./nearest-name.ts";
import type { Origin, Problem } from "./problem.ts";
import type { RawSetting, RawSettings } from "./raw-settings.ts";
import {
  isMisnamedService,
  isSection,
  nearNames,
  SERVICE_RULE,
  settingKey,
} from "./setting-key.ts";
import type { SettingKey } from "./setting-key.ts";

/**
 * Reads the text of a configuration file. Values stay text: numbers and times are the table's business.
 *
 * @param file as errors shall name it
 * @param path absolute; relative paths start in its folder
 */
export function readYaml(text: string, file: string, path: string): RawSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const reader = new YamlReader(document, file, lines, dirname(path));
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    if (code === "DUPLICATE_KEY") {
      reader.refuse(pos[0], /^[\w-]+/.exec(text.slice(pos[0]))?.[0], "stands here a second time");
    } else {
      reader.refuse(pos[0], undefined, message);
    }
  }
  // What a broken document seems to say would only give misleading errors.
  if (document.errors.length === 0) reader.readDocument();
  return reader;
}

class YamlReader implements RawSettings {
  readonly settings = new Map<SettingKey, RawSetting>();
  readonly problems: Problem[] = [];
  readonly #document: Document;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #base: string;

  constructor(document: Document, file: string, lines: LineCounter, base: string) {
    this.#document = document;
    this.#file = file;
    this.#lines = lines;
    this.#base = base;
  }

  readDocument(): void {
    const { contents } = this.#document;
    if (contents === null || isEmpty(contents)) return;
    if (isMap(contents)) this.#readSection(contents, "");
    else this.refuse(offsetOf(contents), undefined, "must be a list of `key: value`");
  }

  /** @param prefix empty, or ending in a dot */
  #readSection(section: YAMLMap, prefix: string): void {
    for (const pair of section.items) this.#readPair(pair, prefix);
  }

  #readPair({ key: keyNode, value }: Pair, prefix: string): void {
    // The parser makes nodes of both; the type allows what programs build.
    const key = keyNode as ParsedNode;
    const node = this.#resolved(value as ParsedNode | null);
    const at = offsetOf(key);
    if (!isScalar(key)) return this.refuse(at, undefined, "a key must be a plain word");
    const name = `${prefix}${String(key.value)}`;
    const known = settingKey(name);
    if (known !== undefined) return this.#readValue(known, node, at);
    if (isMisnamedService(name)) return this.refuse(at, name, SERVICE_RULE);
    if (!isSection(name)) return this.refuse(at, name, `is not known${guess(name)}`);
    // A section whose keys are all commented out says nothing.
    if (node === undefined || isEmpty(node)) return;
    if (isMap(node)) return this.#readSection(node, `${name}.`);
    this.refuse(offsetOf(node), name, "is a section and takes keys of its own");
  }

  #readValue(key: SettingKey, node: Node | undefined, at: number): void {
    if (node === undefined || isEmpty(node)) {
      return this.refuse(at, key, "has no value; give it one, or take the line out");
    }
    const offset = offsetOf(node);
    const value = isSeq(node)
      ? node.items.map((item) => scalarText(this.#resolved(item as ParsedNode)))
      : scalarText(node);
    if (value === undefined)
      return this.refuse(offset, key, "takes a value and no keys of its own");
    if (typeof value === "string") return this.#set(key, value, offset);
    const texts = value.filter((item) => item !== undefined);
    if (texts.length < value.length) {
      return this.refuse(offset, key, "takes a list of plain values");
    }
    this.#set(key, texts, offset);
  }

  #set(key: SettingKey, value: RawSetting["value"], offset: number): void {
    this.settings.set(key, { value, origin: this.#originAt(offset), base: this.#base });
  }

  refuse(offset: number, key: string | undefined, message: string): void {
    this.problems.push({ origin: this.#originAt(offset), key, message });
  }

  #originAt(offset: number): Origin {
    const { line, col } = this.#lines.linePos(offset);
    return { kind: "file", file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** Follows `*name` to what `&name` marks. */
  #resolved(node: Node | null): Node | undefined {
    if (!isAlias(node)) return node ?? undefined;
    const marked = node.resolve(this.#document);
    if (marked === undefined) {
      this.refuse(
        offsetOf(node),
        undefined,
        `*${node.source} stands for nothing: there is no &${node.source} above`,
      );
    }
    return marked;
  }
}

/** As it stands in the file, so that the password 0123 keeps its zero. */
function scalarText(node: Node | undefined): string | undefined {
  if (!isScalar(node)) return undefined;
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function guess(name: string): string {
  const near = nearestName(name, nearNames(name));
  return near === undefined ? "; docs/configuration.md lists all keys" : `; did you mean ${near}?`;
}
