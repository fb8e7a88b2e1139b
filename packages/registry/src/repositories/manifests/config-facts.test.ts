import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { artifactKind, cosignTags } from "./artifact-kind.ts";
import { CONFIG_BYTES, configFacts } from "./config-facts.ts";
import { layerSteps } from "./layer-steps.ts";

const SEED = Number(process.env["WHARF_TEST_SEED"] ?? Date.now() % 2 ** 31);

const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

suite("a config", () => {
  test(`is read whatever it holds (WHARF_TEST_SEED=${SEED})`, () => {
    const names =
      "os architecture variant created author config history Env Labels Cmd ExposedPorts User __proto__";
    const keys = fc.constantFrom(...names.split(" "));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(keys, tie("value"), { maxKeys: 6 }),
      ),
    }));
    fc.assert(
      fc.property(value, (document) => {
        const facts = configFacts(bytes(document));
        if (facts === undefined) return;
        assert.ok(facts.env.every((text) => typeof text === "string"));
        assert.ok([...facts.labels.values()].every((text) => typeof text === "string"));
        if (facts.created !== undefined) new Date(facts.created).toISOString();
        if (facts.platform !== undefined) assert.match(facts.platform, /^[a-z0-9_./-]+$/);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test("that is no JSON object, or too long, says nothing", () => {
    for (const text of ["", "null", "[]", '"x"', "{", "\xff\xfe", "[".repeat(100_000)]) {
      assert.equal(configFacts(Buffer.from(text, "latin1")), undefined, text.slice(0, 10));
    }
    assert.equal(configFacts(bytes({ author: "x".repeat(CONFIG_BYTES) })), undefined);
  });

  test("tells its platform when all of it is one", () => {
    const platform = (os: unknown, architecture: unknown, variant?: unknown) =>
      configFacts(bytes({ os, architecture, variant }))?.platform;
    assert.equal(platform("linux", "arm", "v7"), "linux/arm/v7");
    assert.equal(platform("Linux", "AMD64"), "linux/amd64");
    assert.equal(platform("windows", "amd64"), "windows/amd64");
    assert.equal(platform("linux", ""), undefined);
    assert.equal(platform("linux", "../x"), undefined);
    assert.equal(platform(undefined, "amd64"), undefined);
  });
});

test("a history that does not fit the layers tells of none", () => {
  const step = (isEmpty: boolean) => ({
    command: "x",
    comment: undefined,
    author: undefined,
    created: undefined,
    isEmpty,
  });
  const history = [step(false), step(true), step(false)];
  const layers = (count: number) => layerSteps(history, count).map(({ layer }) => layer);
  assert.deepEqual(layers(2), [0, undefined, 1]);
  assert.deepEqual(layers(3), [undefined, undefined, undefined]);
});

test("artifacts are told apart by tag, type and statement", () => {
  const kind = (tag: string | null, artifactType: string | null, predicate?: string) =>
    artifactKind({
      tag,
      artifactType,
      annotations: new Map(
        predicate === undefined ? [] : [["dev.sigstore.bundle.predicateType", predicate]],
      ),
    });
  const [signature = "", attestation = "", sbom = ""] = cosignTags(`sha256:${"a".repeat(64)}`);
  assert.equal(signature, `sha256-${"a".repeat(64)}.sig`);
  const oci = "application/vnd.oci.image.config.v1+json";
  assert.equal(kind(signature, oci), "signature");
  assert.equal(kind(attestation, oci), "attestation");
  assert.equal(kind(sbom, oci), "sbom");
  assert.equal(kind(null, "application/vnd.cncf.notary.signature"), "signature");
  assert.equal(kind(null, "application/vnd.dev.cosign.artifact.sig.v1+json"), "signature");
  assert.equal(kind(null, "application/spdx+json"), "sbom");
  assert.equal(kind(null, "application/vnd.cyclonedx+json"), "sbom");
  assert.equal(kind(null, "application/vnd.in-toto+json"), "attestation");
  const bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
  assert.equal(kind(null, bundle), "signature");
  assert.equal(kind(null, bundle, "https://sigstore.dev/cosign/sign/v1"), "signature");
  assert.equal(kind(null, bundle, "https://spdx.dev/Document"), "sbom");
  assert.equal(kind(null, bundle, "https://slsa.dev/provenance/v1"), "attestation");
  assert.equal(kind(null, "application/vnd.example"), "other");
  assert.equal(kind(null, null), "other");
});
