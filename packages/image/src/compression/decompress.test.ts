import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { constants, crc32, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";

import fc from "fast-check";

import { detectCompression } from "./compression.ts";
import { decompress } from "./decompress.ts";
import { ImageError } from "../image-error.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";
import type { ChunkedSourceOptions } from "../testing/chunked-source.ts";
import { collect } from "../testing/collect.ts";
import { randomBytes } from "../testing/random-bytes.ts";

/** What came of reading compressed bytes to the end. */
interface Result {
  readonly content: Buffer;
  /** Stored bytes that were told of. */
  readonly stored: Buffer;
  readonly trailing: readonly number[];
}

async function read(bytes: Uint8Array, options: ChunkedSourceOptions = {}): Promise<Result> {
  const source = new ChunkedSource(bytes, options);
  const stored: Buffer[] = [];
  const trailing: number[] = [];
  const chunks = decompress(source, detectCompression(bytes), {
    onStored: (chunk) => void stored.push(Buffer.from(chunk)),
    onTrailingBytes: (count) => void trailing.push(count),
  });
  try {
    return { content: await collect(chunks), stored: Buffer.concat(stored), trailing };
  } finally {
    assert.equal(source.closed, source.opened, "every stream of the source is let go");
  }
}

/** Content, and what is told of the stored bytes, for chunks of all kinds of lengths. */
async function readInAllChunks(bytes: Uint8Array, sizes: readonly number[]): Promise<Result> {
  const whole = await read(bytes);
  for (const size of sizes) {
    const { content, stored, trailing } = await read(bytes, { sizes: [size] });
    assert.ok(content.equals(whole.content), `the same content in chunks of ${size}`);
    assert.ok(stored.equals(bytes), `every stored byte once in chunks of ${size}`);
    assert.deepEqual(trailing, whole.trailing, `the same trailing bytes in chunks of ${size}`);
  }
  return whole;
}

const member = (text: string): Buffer => gzipSync(text);
const frame = (text: string): Buffer => zstdCompressSync(text);
const concat = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);
const damaged = { name: "ImageError", code: "damaged" };

suite("gzip", () => {
  test("several members are read, wherever the chunks end", async () => {
    const bytes = concat(member("one"), member(""), member("two"));
    const sizes = Array.from({ length: bytes.length }, (_, index) => index + 1);
    const { content, trailing } = await readInAllChunks(bytes, sizes);
    assert.equal(content.toString(), "onetwo");
    assert.deepEqual(trailing, []);
  });

  test("thousands of members are read, as bgzip and pigz -i write them", async () => {
    const blocks = Array.from({ length: 3000 }, (_, index) => `block ${index}\n`);
    const { content } = await read(concat(...blocks.map(member)), { sizes: [65_536, 1, 777] });
    assert.equal(content.toString(), blocks.join(""));
  });

  test("zero padding is passed over, also much of it in many chunks", async () => {
    const one = member("one");
    const { content, trailing } = await readInAllChunks(concat(one, Buffer.alloc(2000)), [
      1,
      one.length,
      one.length + 1,
      512,
    ]);
    assert.equal(content.toString(), "one");
    assert.deepEqual(trailing, [2000]);
    const padded = concat(member("x".repeat(3_000_000)), Buffer.alloc(16 * 2 ** 20));
    const much = await read(padded, { sizes: [64 * 1024] });
    assert.equal(much.content.length, 3_000_000);
    assert.equal(much.stored.length, padded.length);
    assert.deepEqual(much.trailing, [16 * 2 ** 20]);
  });

  test("what follows zero padding is no content, not even a member", async () => {
    for (const after of [member("two"), Buffer.from("garbage")]) {
      const one = member("one");
      const bytes = concat(one, Buffer.alloc(100), after);
      const sizes = [1, 20, one.length, one.length + 100, one.length + 50, 1000];
      const { content, trailing } = await readInAllChunks(bytes, sizes);
      assert.equal(content.toString(), "one");
      assert.deepEqual(trailing, [100 + after.length]);
    }
  });

  test("garbage behind a member is told and ignored", async () => {
    const large = randomBytes(700_000);
    for (const [first, garbage] of [
      [Buffer.from("one"), "xy"],
      [Buffer.from("one"), "garbage".repeat(30)],
      [large, "\x1f no member"],
    ] as const) {
      const bytes = concat(gzipSync(first), Buffer.from(garbage, "latin1"));
      const end = bytes.length - garbage.length;
      const sizes = first === large ? [60_000, end] : [1, 7, end, end + 1];
      const { content, trailing } = await readInAllChunks(bytes, sizes);
      assert.ok(content.equals(first));
      assert.deepEqual(trailing, [garbage.length]);
    }
  });

  test("garbage behind many members leaves the content of all of them", async () => {
    const blocks = Array.from({ length: 40 }, (_, index) => `block ${index}\n`.repeat(index));
    const bytes = concat(...blocks.map(member), Buffer.from("garbage"));
    const { content, trailing } = await readInAllChunks(bytes, [1, 100, 1000]);
    assert.equal(content.toString(), blocks.join(""));
    assert.deepEqual(trailing, [7]);
  });

  test("members with all optional header fields are read, also before garbage", async () => {
    const bytes = concat(memberWithAllFields("one"), member("two"), Buffer.from("garbage"));
    const { content } = await readInAllChunks(bytes, [1, 13, 64]);
    assert.equal(content.toString(), "onetwo");
  });

  test("a cut inside a member is damage, one between two members is the end", async () => {
    const first = member("one ".repeat(50));
    const bytes = concat(first, gzipSync(randomBytes(300)));
    for (let length = 3; length < bytes.length; length++) {
      const cut = read(bytes.subarray(0, length), { sizes: [1 + (length % 61)] });
      if (length === first.length) assert.equal((await cut).content.toString(), "one ".repeat(50));
      else await assert.rejects(cut, damaged, `cut at ${length}`);
    }
  });

  test("a cut in a member before garbage was seen is damage, too", async () => {
    const bytes = concat(member("one"), member("two").subarray(0, -9), Buffer.from("garbage"));
    await assert.rejects(read(bytes), damaged);
  });

  test("a single byte behind a member could be the start of one: damage", async () => {
    for (const byte of ["x", "\x1f"])
      await assert.rejects(read(concat(member("one"), Buffer.from(byte))), damaged);
  });

  test("no flipped bit behind the header changes the content unnoticed", async () => {
    const content = concat(randomBytes(300), Buffer.alloc(300));
    await checkFlippedBits(gzipSync(content), 80, content);
  });
});

suite("zstd", () => {
  /** RFC 8878, 3.1.2. */
  const skippable = concat(Buffer.from("5a2a4d1803000000", "hex"), Buffer.from("abc"));

  test("several frames and skippable frames are read, wherever the chunks end", async () => {
    const bytes = concat(skippable, frame("one"), skippable, frame(""), frame("two"), skippable);
    const sizes = Array.from({ length: bytes.length }, (_, index) => index + 1);
    const { content, trailing } = await readInAllChunks(bytes, sizes);
    assert.equal(content.toString(), "onetwo");
    assert.deepEqual(trailing, []);
  });

  test("nothing but a skippable frame is no content", async () => {
    assert.equal((await read(skippable)).content.length, 0);
  });

  test("what is no frame behind a frame is told and ignored", async () => {
    const one = frame("one");
    for (const rest of [Buffer.alloc(3000), Buffer.from("garbage")]) {
      const bytes = concat(one, rest);
      const { content, trailing } = await readInAllChunks(bytes, [one.length, 1000]);
      assert.equal(content.toString(), "one");
      assert.deepEqual(trailing, [rest.length]);
    }
  });

  test("a cut inside a frame is damage", async () => {
    const bytes = zstdCompressSync(concat(randomBytes(200), Buffer.alloc(200)));
    for (let length = 4; length < bytes.length; length++) {
      await assert.rejects(
        read(bytes.subarray(0, length), { sizes: [1 + (length % 61)] }),
        damaged,
      );
    }
  });

  test("no flipped bit behind the magic of a frame with checksum changes the content unnoticed", async () => {
    const content = concat(randomBytes(300), Buffer.alloc(300));
    const params = { [constants.ZSTD_c_checksumFlag]: 1 };
    await checkFlippedBits(zstdCompressSync(content, { params }), 32, content);
  });
});

/** Some bits mean nothing, such as those that fill up the last byte of a deflate block. */
async function checkFlippedBits(bytes: Buffer, first: number, content: Buffer): Promise<void> {
  const property = fc.asyncProperty(
    fc.integer({ min: first, max: bytes.length * 8 - 1 }),
    async (bit) => {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        assert.ok((await read(flipped)).content.equals(content));
      } catch (error) {
        assert.ok(error instanceof ImageError && error.code === "damaged", String(error));
      }
    },
  );
  await fc.assert(property, { numRuns: 200 });
}

test("plain bytes pass as they are", async () => {
  const bytes = randomBytes(5000);
  const { content, stored } = await readInAllChunks(bytes, [1, 700, 5000]);
  assert.ok(content.equals(bytes));
  assert.ok(stored.equals(bytes));
});

test("an empty source is no compressed data", async () => {
  assert.equal((await read(new Uint8Array())).content.length, 0);
  for (const kind of ["gzip", "zstd"] as const) {
    await assert.rejects(collect(decompress(new ChunkedSource(new Uint8Array()), kind)), damaged);
  }
});

/** One of each kind, larger than all buffers on the way. */
const large = randomBytes(4_000_000);
const stored = {
  none: large,
  gzip: gzipSync(large, { level: 1 }),
  "gzip, before garbage": concat(gzipSync(large, { level: 1 }), Buffer.from("garbage")),
  zstd: zstdCompressSync(large),
};

for (const [what, bytes] of Object.entries(stored)) {
  suite(`a transfer that does not end, ${what}`, () => {
    const kind = detectCompression(bytes);
    const sizes = [50_000];

    test("a consumer that leaves lets go of the source, which is not read on", async () => {
      const source = new ChunkedSource(bytes, { sizes });
      for await (const chunk of decompress(source, kind)) {
        assert.ok(chunk.length > 0);
        break;
      }
      assert.equal(source.closed, source.opened);
      assert.ok(source.handedOut < 1_500_000, `${source.handedOut} bytes were read`);
    });

    test("a consumer that never starts leaves nothing open", async () => {
      const source = new ChunkedSource(bytes, { sizes });
      await decompress(source, kind).return(undefined);
      assert.equal(source.closed, source.opened);
    });

    test("a signal ends it with its reason", async () => {
      const source = new ChunkedSource(bytes, { sizes });
      const controller = new AbortController();
      const reason = new Error("changed my mind");
      const reading = async (): Promise<void> => {
        for await (const _ of decompress(source, kind, { signal: controller.signal })) {
          controller.abort(reason);
        }
      };
      await assert.rejects(reading(), reason);
      assert.equal(source.closed, source.opened);
      assert.ok(source.handedOut < 1_500_000, `${source.handedOut} bytes were read`);
    });

    test("an error of the source comes through as it is", async () => {
      const failure = new Error("the network is gone");
      for (const failAt of [0, 2_000_000, bytes.length - 1]) {
        const source = new ChunkedSource(bytes, { sizes, failAt, failure });
        await assert.rejects(collect(decompress(source, kind)), failure);
        assert.equal(source.closed, source.opened);
      }
    });

    test("an error of the observer comes through as it is", async () => {
      const failure = new Error("the observer failed");
      const source = new ChunkedSource(bytes, { sizes });
      const onStored = (): void => {
        throw failure;
      };
      await assert.rejects(collect(decompress(source, kind, { onStored })), failure);
      assert.equal(source.closed, source.opened);
    });
  });
}

test("any bytes that pose as gzip or zstd give content or damage", async () => {
  const heads = ["1f8b08", "28b52ffd", "502a4d18"].map((hex) => Buffer.from(hex, "hex"));
  const property = fc.asyncProperty(
    fc.constantFrom(...heads),
    fc.uint8Array({ maxLength: 80 }),
    async (head, rest) => {
      try {
        await read(concat(head, rest), { sizes: [3] });
      } catch (error) {
        assert.ok(error instanceof ImageError, String(error));
      }
    },
  );
  await fc.assert(property, { numRuns: 200 });
});

/** RFC 1952, 2.3: FTEXT, FHCRC, FEXTRA, FNAME and FCOMMENT. */
function memberWithAllFields(text: string): Buffer {
  const header = concat(
    Buffer.from("1f8b081f00000000", "hex"),
    Buffer.from("0003", "hex"),
    Buffer.from("0400", "hex"),
    Buffer.from("xtra"),
    Buffer.from("name\0comment\0"),
  );
  const headerSum = Buffer.alloc(2);
  headerSum.writeUInt16LE(crc32(header) & 0xffff);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(Buffer.from(text)), 0);
  trailer.writeUInt32LE(text.length, 4);
  return concat(header, headerSum, deflateRawSync(text), trailer);
}
