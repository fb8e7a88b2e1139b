import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import {
  mkdir,
  mkdtempDisposable,
  readdir,
  readFile,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf, readFully, writeFully } from "@wharf/image";
import type { Digest } from "@wharf/image";
import { SILENT_LOGGER } from "../log.ts";
import { Metrics } from "../metrics.ts";
import { descriptors } from "../testing/descriptors.ts";
import { until } from "../testing/test-registry.ts";
import { LayerCache } from "./layer-cache.ts";
import type { CachedLayer, MakeLayer } from "./layer-cache.ts";

/** A layer that is made when and as far as the test wants. */
class Production {
  readonly bytes: Buffer;
  /** How often it was begun. */
  begun = 0;
  #write: ((count: number) => Promise<void>) | undefined;
  #end = Promise.withResolvers<void>();
  readonly started = Promise.withResolvers<void>();

  constructor(text: string) {
    this.bytes = Buffer.from(text);
  }

  readonly make: MakeLayer = async (fd, grew, signal) => {
    this.begun++;
    let written = 0;
    this.#write = async (count) => {
      await writeFully(fd, this.bytes.subarray(written, written + count), written);
      written += count;
      grew(count);
    };
    this.started.resolve();
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error)); // the cache gives an error
    });
    await Promise.race([this.#end.promise, aborted]);
    return digestOf(this.bytes);
  };

  async write(count: number): Promise<void> {
    await this.started.promise;
    await this.#write?.(count);
  }

  finish(): void {
    this.#end.resolve();
  }

  fail(error: Error): void {
    this.#end.reject(error);
  }
}

/** Makes all of it at once. */
function making(text: string): MakeLayer {
  return async (fd, grew) => {
    await writeFully(fd, Buffer.from(text), 0);
    grew(text.length);
    return digestOf(Buffer.from(text));
  };
}

async function openCache(
  folder: string,
  { maxBytes = 1000, producers = 4 } = {},
): Promise<LayerCache & AsyncDisposable> {
  return await LayerCache.open({
    folder,
    maxBytes,
    producers,
    metrics: new Metrics(),
    log: SILENT_LOGGER,
  });
}

const NEVER = new AbortController().signal;

async function read(
  layer: CachedLayer,
  start: number,
  end: number,
  signal = NEVER,
): Promise<string> {
  const parts: Buffer[] = [];
  for await (const { fd, offset, size } of layer.pieces(start, end, signal)) {
    const part = Buffer.alloc(size);
    await readFully(fd, part, size, offset);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** Takes a layer, waits until it is complete and gives it back. */
async function use(cache: LayerCache, name: string, make: MakeLayer): Promise<Digest> {
  await using layer = cache.acquire(name, "plain", make);
  return (await layer.made).digest;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => name.split(".")[0] ?? "")
    .toSorted();
}

/** Has every layer that is complete its name? */
function isSettled(folder: string): boolean {
  return readdirSync(folder).every((name) => !name.endsWith(".part"));
}

test("however many ask for a layer, it is made once, and all read it while it grows", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  await using cache = await openCache(folder.path);
  const layer = new Production("0123456789");
  const readers = Array.from({ length: 8 }, () => cache.acquire("a", "plain", layer.make));
  const early = readers.map((reader) => read(reader, 2, 5));
  const whole = readers.map((reader) => read(reader, 0, 10));
  await layer.write(5);
  assert.deepEqual([...new Set(await Promise.all(early))], ["234"]);
  await layer.write(5);
  assert.deepEqual([...new Set(await Promise.all(whole))], ["0123456789"]);
  layer.finish();
  assert.deepEqual(await readers[0]?.made, { size: 10, digest: digestOf(layer.bytes) });
  for (const reader of readers) await reader[Symbol.asyncDispose]();
  await using later = cache.acquire("a", "plain", layer.make);
  assert.equal(await read(later, 9, 10), "9");
  assert.equal(layer.begun, 1);
});

test("a reader that leaves stops neither the producer nor the others", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  await using cache = await openCache(folder.path);
  const layer = new Production("0123456789");
  const leaving = cache.acquire("a", "plain", layer.make);
  await using staying = cache.acquire("a", "plain", layer.make);
  const controller = new AbortController();
  const left = read(leaving, 0, 10, controller.signal);
  const rest = read(staying, 0, 10);
  controller.abort(new Error("left"));
  await assert.rejects(left, /left/);
  await leaving[Symbol.asyncDispose]();
  await layer.write(10);
  layer.finish();
  assert.equal(await rest, "0123456789");
});

test("a layer whose last reader has left is made to its end", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  await using cache = await openCache(folder.path);
  const layer = new Production("0123456789");
  const reader = cache.acquire("a", "plain", layer.make);
  await layer.write(3);
  await reader[Symbol.asyncDispose]();
  await layer.write(7);
  layer.finish();
  assert.equal(await use(cache, "a", layer.make), digestOf(layer.bytes));
  assert.equal(layer.begun, 1);
});

test("a failure reaches all readers, leaves no file, and the next one tries again", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  await using cache = await openCache(folder.path);
  const layer = new Production("0123456789");
  const readers = [1, 2, 3].map(() => cache.acquire("a", "plain", layer.make));
  const reading = readers.map((reader) => read(reader, 0, 10));
  await layer.write(4);
  layer.fail(new Error("damaged"));
  await Promise.all(reading.map((each) => assert.rejects(each, /damaged/)));
  await Promise.all(readers.map(({ made }) => assert.rejects(made, /damaged/)));
  for (const reader of readers) await reader[Symbol.asyncDispose]();
  await until(() => readdirSync(folder.path).length === 0);
  assert.equal(cache.bytes, 0);
  assert.equal(await use(cache, "a", making("new")), digestOf(Buffer.from("new")));
});

test("the least recently used go when there is too much, never what is read", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  await using cache = await openCache(folder.path, { maxBytes: 30 });
  const ten = "x".repeat(10);
  for (const name of ["a", "b", "c"]) await use(cache, name, making(ten));
  await until(() => isSettled(folder.path));
  const held = cache.acquire("b", "plain", making("never"));
  await use(cache, "a", making("never"));
  await use(cache, "d", making(ten));
  await until(() => !filesIn(folder.path).includes("c"));
  assert.deepEqual(filesIn(folder.path), ["a", "b", "d"]);
  await use(cache, "e", making("y".repeat(15)));
  await until(() => filesIn(folder.path).join() === "b,e");
  assert.equal(await read(held, 0, 10), ten);
  assert.equal(cache.bytes, 25);
  await held[Symbol.asyncDispose]();
  await use(cache, "f", making("z".repeat(15)));
  await until(() => filesIn(folder.path).join() === "e,f");
});

test("evictions at the same time take no more than they must", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  await using cache = await openCache(folder.path, { maxBytes: 40 });
  const names = ["a", "b", "c", "d", "e", "f"];
  const held = names.map((name) => cache.acquire(name, "plain", making("x".repeat(10))));
  await Promise.all(held.map((layer) => layer.made));
  await until(() => isSettled(folder.path));
  await Promise.all(held.map((layer) => layer[Symbol.asyncDispose]()));
  assert.equal(cache.bytes, 40);
  assert.deepEqual(filesIn(folder.path), ["c", "d", "e", "f"]);
});

test("with no space at all a layer is there as long as it is read", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  await using cache = await openCache(folder.path, { maxBytes: 0 });
  const layer = cache.acquire("a", "plain", making("0123456789"));
  await layer.made;
  assert.equal(await read(layer, 0, 10), "0123456789");
  await layer[Symbol.asyncDispose]();
  await until(() => readdirSync(folder.path).length === 0);
  assert.equal(cache.bytes, 0);
});

test("a restart keeps what is complete, in the order of use, and deletes what is not", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  const hex = createHash("sha256").update("0123456789").digest("hex");
  const files = ["old", "used", "new"];
  await mkdir(folder.path, { recursive: true });
  for (const [index, name] of files.entries()) {
    const path = join(folder.path, `${name}.${hex}`);
    await writeFile(path, "0123456789");
    await utimes(path, 1000 + index, 1000 + index);
  }
  await writeFile(join(folder.path, "half.1.part"), "012");
  await writeFile(join(folder.path, "README"), "not ours");
  {
    await using cache = await openCache(folder.path);
    assert.deepEqual(cache.names(), ["old", "used", "new"]);
    assert.deepEqual(
      await readdir(folder.path).then((names) => names.includes("half.1.part")),
      false,
    );
    await using layer = cache.acquire("used", "plain", making("never"));
    assert.equal(await read(layer, 3, 6), "345");
    assert.equal((await layer.made).digest, `sha256:${hex}`);
  }
  await using cache = await openCache(folder.path, { maxBytes: 15 });
  assert.deepEqual(cache.names(), ["used"]);
  assert.equal(await readFile(join(folder.path, "README"), "utf8"), "not ours");
});

test("what is dropped goes, after its readers", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  await using cache = await openCache(folder.path);
  await use(cache, "gone", making("1"));
  await use(cache, "kept", making("2"));
  await until(() => isSettled(folder.path));
  const reader = cache.acquire("gone", "plain", making("never"));
  await cache.drop((name) => name === "gone");
  assert.equal(await read(reader, 0, 1), "1");
  await reader[Symbol.asyncDispose]();
  assert.deepEqual(filesIn(folder.path), ["kept"]);
  await cache.drop(() => true);
  assert.deepEqual(filesIn(folder.path), []);
});

test("a file that somebody has removed is made again", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  const hex = createHash("sha256").update("old").digest("hex");
  await writeFile(join(folder.path, `a.${hex}`), "old");
  await using cache = await openCache(folder.path);
  await unlink(join(folder.path, `a.${hex}`));
  {
    await using layer = cache.acquire("a", "plain", making("never"));
    await assert.rejects(read(layer, 0, 3), { code: "ENOENT" });
  }
  await using layer = cache.acquire("a", "plain", making("new"));
  assert.equal(await read(layer, 0, 3), "new");
});

test("a layer that cannot be kept is served, and leaves neither file nor descriptor", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  await using cache = await openCache(folder.path);
  const bytes = Buffer.from("0123456789");
  // Its name is taken by something that no file can replace.
  await mkdir(join(folder.path, `a.${digestOf(bytes).slice(7)}`, "x"), { recursive: true });
  const layer = cache.acquire("a", "plain", making("0123456789"));
  assert.equal(await read(layer, 0, 10), "0123456789");
  await until(() => isSettled(folder.path));
  await layer[Symbol.asyncDispose]();
  assert.deepEqual(openBelow(folder.path), []);
  assert.deepEqual(cache.names(), []);
});

test("no more producers of a lane than allowed, other lanes go on", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  await using cache = await openCache(folder.path, { producers: 1 });
  const [first, second, other] = [new Production("1"), new Production("2"), new Production("3")];
  await using one = cache.acquire("a", "plain", first.make);
  await using two = cache.acquire("b", "plain", second.make);
  await using three = cache.acquire("c", "gzip", other.make);
  await Promise.all([first.started.promise, other.started.promise]);
  assert.equal(second.begun, 0);
  first.finish();
  await one.made;
  await second.started.promise;
  second.finish();
  other.finish();
  await Promise.all([two.made, three.made]);
});

test("a stop gives up what is being made and leaves only what is complete", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-cache-"));
  const cache = await openCache(folder.path, { producers: 1 });
  await use(cache, "done", making("1"));
  const running = new Production("22");
  const layer = cache.acquire("running", "plain", running.make);
  const waiting = cache.acquire("waiting", "plain", making("3"));
  await running.write(1);
  await cache[Symbol.asyncDispose]();
  await assert.rejects(layer.made, /stopping/);
  await assert.rejects(waiting.made, /stopping/);
  await layer[Symbol.asyncDispose]();
  await waiting[Symbol.asyncDispose]();
  assert.deepEqual(filesIn(folder.path), ["done"]);
  assert.deepEqual(openBelow(folder.path), []);
});

function openBelow(folder: string): string[] {
  return descriptors().filter((target) => target.startsWith(folder));
}
