import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { isLabelKey, reservedPrefix } from "./label-key.ts";
import { manifestLabels } from "./manifest-labels.ts";

const SEED = Number(process.env["WHARF_TEST_SEED"] ?? Date.now() % 2 ** 31);

/** Quay's grammar in words: letters and digits, between which single points and dashes may stand. */
function isKey(text: string): boolean {
  if (text.length === 0 || text.length > 255) return false;
  const isPlain = (char: string | undefined): boolean =>
    char !== undefined && "abcdefghijklmnopqrstuvwxyz0123456789".includes(char);
  return [...text].every(
    (char, at) =>
      isPlain(char) ||
      ((char === "." || char === "-") && isPlain(text[at - 1]) && isPlain(text[at + 1])),
  );
}

suite("keys of labels", () => {
  test(`follow Quay's grammar (WHARF_TEST_SEED=${SEED})`, () => {
    const letters = fc.constantFrom("a", "z", "0", "9", ".", "-", "A", "_", "/", " ", "é", "\n");
    const near = fc.array(letters, { maxLength: 12 }).map((all) => all.join(""));
    const good = fc
      .array(fc.stringMatching(/^[a-z0-9]{1,6}$/), { minLength: 1, maxLength: 5 })
      .chain((parts) => fc.constantFrom(".", "-").map((between) => parts.join(between)));
    fc.assert(
      fc.property(fc.oneof(near, good, fc.string()), (text) => isLabelKey(text) === isKey(text)),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test("are at most 255 characters long, and looked at in a moment", () => {
    assert.equal(isLabelKey("a".repeat(255)), true);
    assert.equal(isLabelKey("a".repeat(256)), false);
    const began = performance.now();
    assert.equal(isLabelKey(`${"a-".repeat(127)}!`), false);
    assert.ok(performance.now() - began < 50);
  });

  test("of images are reserved for them", () => {
    assert.equal(reservedPrefix("org.opencontainers.image.title"), "org.opencontainers.");
    assert.equal(reservedPrefix("io.quay.x"), "io.quay");
    assert.equal(reservedPrefix("quay.expires-after"), "quay");
    assert.equal(reservedPrefix("com.dockerish"), undefined);
    assert.equal(reservedPrefix("team"), undefined);
  });
});

suite("labels of a manifest", () => {
  test("are those of its config, and annotations of other keys", () => {
    const labels = manifestLabels(
      new Map([
        ["a", "config"],
        ["json", '{"b":[1]}'],
      ]),
      new Map([
        ["a", "annotation"],
        ["Any Key!", "kept"],
        ["broken", "{"],
      ]),
    );
    assert.deepEqual(
      labels
        .map(({ key, value, mediaType }) => [key, value, mediaType].join(" | "))
        .toSorted((a, b) => (a < b ? -1 : 1)),
      [
        "Any Key! | kept | text/plain",
        "a | config | text/plain",
        "broken | { | text/plain",
        'json | {"b":[1]} | application/json',
      ],
    );
  });

  test("are bounded, whatever an image says", () => {
    const many = new Map(Array.from({ length: 5000 }, (_, at) => [`k${at}`, "v"]));
    assert.equal(manifestLabels(many, new Map()).length, 300);
    const long = new Map(Array.from({ length: 20 }, (_, at) => [`k${at}`, "x".repeat(200_000)]));
    const kept = manifestLabels(long, new Map());
    assert.equal(kept.length, 5);
    assert.deepEqual(manifestLabels(new Map([["k".repeat(256), "v"]]), new Map([["", "v"]])), []);
  });
});
