import assert from "node:assert/strict";
import { test } from "node:test";

import { ImageError } from "../image-error.ts";
import { TypeFlag } from "../tar/entry-type.ts";
import { BLOCK, FIELD } from "../tar/tar-header.ts";
import { writeTarNumber } from "../tar/tar-number.ts";
import { writeChecksum, writeTarHeader } from "../tar/write-tar-header.ts";
import { memorySource, symlink, tarOf, tarOfFiles } from "../testing/made-archive.ts";
import { TarDirectory } from "./tar-directory.ts";

const MAX = 1000;

async function directoryOf(bytes: Uint8Array): Promise<TarDirectory> {
  return TarDirectory.read(memorySource(bytes));
}

async function textOf(directory: TarDirectory, name: string): Promise<string | undefined> {
  return (await directory.read(name, MAX))?.toString();
}

/** A header block whose size field says something else than the data that follows. */
function headerWithSize(name: string, size: number): Buffer {
  const block = writeTarHeader({ name });
  writeTarNumber(block, ...FIELD.size, size);
  writeChecksum(block);
  return block;
}

test("files of a tar are found by name, however it is written", async () => {
  const directory = await directoryOf(tarOfFiles({ "./a/b": "one", "/c": "two", "d//e": "three" }));
  assert.deepEqual([...directory.names()], ["a/b", "c", "d/e"]);
  assert.equal(await textOf(directory, "a/b"), "one");
  assert.equal(await textOf(directory, "/a/./b"), "one");
  assert.equal(await textOf(directory, "../../c"), "two");
  assert.equal(await textOf(directory, "d/e"), "three");
  assert.equal(await textOf(directory, "a"), undefined);
});

test("of two files with one name the last one counts", async () => {
  const directory = await directoryOf(
    tarOf([
      { name: "a", data: "old" },
      { name: "./a", data: "new" },
    ]),
  );
  assert.equal(await textOf(directory, "a"), "new");
});

test("links are followed inside the archive", async () => {
  const directory = await directoryOf(
    tarOf([
      { name: "one/layer.tar", data: "layer" },
      symlink("two/layer.tar", "../one/layer.tar"),
      symlink("three/layer.tar", "../two/layer.tar"),
      symlink("absolute", "/one/layer.tar"),
      symlink("outside", "../../../../one/layer.tar"),
      { name: "hard", linkname: "three/layer.tar", type: TypeFlag.hardLink },
      symlink("dangling", "nowhere"),
      symlink("circle", "elcric"),
      symlink("elcric", "circle"),
      { name: "folder/", type: TypeFlag.directory },
    ]),
  );
  for (const name of ["two/layer.tar", "three/layer.tar", "absolute", "outside", "hard"]) {
    assert.equal(await textOf(directory, name), "layer", name);
  }
  assert.equal(await textOf(directory, "dangling"), undefined);
  await assert.rejects(directory.find("circle"), /circle/);
  await assert.rejects(directory.find("folder"), { name: "ImageError", code: "damaged" });
});

test("long names and sizes of PAX and GNU tar are read", async () => {
  const long = `${"d".repeat(90)}/${"f".repeat(120)}`;
  const gnu = Buffer.concat([
    tarOf([{ name: "././@LongLink", type: TypeFlag.gnuLongName, data: `${long}2\0` }]).subarray(
      0,
      -2 * BLOCK,
    ),
    tarOfFiles({ cut: "gnu" }),
  ]);
  const pax = tarOf([
    { name: "x", data: "sized", pax: [{ key: "size", value: "5" }] },
    { name: long, data: "pax" },
  ]);
  // the PAX size holds although the header says 0
  writeTarNumber(pax, 2 * BLOCK + FIELD.size[0], FIELD.size[1], 0);
  writeChecksum(pax.subarray(2 * BLOCK, 3 * BLOCK));
  assert.equal(await textOf(await directoryOf(gnu), `${long}2`), "gnu");
  assert.equal(await textOf(await directoryOf(pax), long), "pax");
  assert.equal(await textOf(await directoryOf(pax), "x"), "sized");
});

test("a PAX global header is ignored", async () => {
  const global = tarOf([
    { name: "g", type: TypeFlag.paxGlobal, data: "15 path=ignored\n" },
  ]).subarray(0, -2 * BLOCK);
  assert.equal(
    await textOf(await directoryOf(Buffer.concat([global, tarOfFiles({ a: "x" })])), "a"),
    "x",
  );
});

test("missing end blocks are no fault", async () => {
  const tar = tarOfFiles({ a: "1", b: "2" });
  assert.equal(await textOf(await directoryOf(tar.subarray(0, -2 * BLOCK)), "b"), "2");
  assert.deepEqual([...(await directoryOf(new Uint8Array(0))).names()], []);
});

test("a cut archive is refused with the place", async () => {
  const tar = tarOfFiles({ a: "x".repeat(600), b: "y".repeat(600) });
  const inData = directoryOf(tar.subarray(0, 3 * BLOCK + BLOCK + 10));
  await assert.rejects(inData, {
    name: "ImageError",
    code: "damaged",
    place: { offset: 3 * BLOCK, path: "b" },
  });
  const inHeader = directoryOf(tar.subarray(0, 3 * BLOCK + 100));
  await assert.rejects(inHeader, {
    name: "ImageError",
    code: "damaged",
    place: { offset: 3 * BLOCK },
  });
});

test("a wrong checksum is refused with the place", async () => {
  const tar = tarOfFiles({ a: "x", b: "y" });
  tar[2 * BLOCK] = 0x7a;
  await assert.rejects(directoryOf(tar), {
    name: "ImageError",
    code: "damaged",
    place: { offset: 2 * BLOCK },
  });
  await assert.rejects(directoryOf(Buffer.alloc(2000, "no tar")), /this is no tar archive/);
});

test("sizes that lie are refused", async () => {
  for (const size of [-1, 2 ** 53, 10_000]) {
    await assert.rejects(
      directoryOf(Buffer.concat([headerWithSize("a", size), Buffer.alloc(BLOCK)])),
      ImageError,
    );
  }
});

test("huge extended headers and names are refused", async () => {
  const huge = Buffer.concat([headerWithSize("x", 2 ** 21), Buffer.alloc(2 ** 21)]);
  huge[FIELD.type[0]] = TypeFlag.paxHeader;
  writeChecksum(huge.subarray(0, BLOCK));
  await assert.rejects(directoryOf(huge), { code: "limit" });
  const name = tarOf([{ name: "L", type: TypeFlag.gnuLongName, data: "n".repeat(5000) }]);
  await assert.rejects(directoryOf(name), { code: "limit", place: { offset: 0 } });
});
