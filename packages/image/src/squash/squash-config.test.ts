import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { suite, test } from "node:test";

import fc from "fast-check";

import { digestOf, parseDigest } from "../document/digest.ts";
import type { Digest } from "../document/digest.ts";
import { layerCommands, squashConfig } from "./squash-config.ts";
import type { ConfigChange } from "./squash-config.ts";

const digests = (count: number, salt = ""): Digest[] =>
  Array.from({ length: count }, (_, number) => digestOf(Buffer.from(`${salt}${number}`)));

/** The result as text, for a whole squash of three layers unless said otherwise. */
function squash(config: string, change: Partial<ConfigChange> = {}): string {
  const full: ConfigChange = { layers: 3, keep: 0, to: 3, history: "keep", ...change };
  const count = full.layers - (full.to - full.keep) + (full.to > full.keep ? 1 : 0);
  return Buffer.from(squashConfig(Buffer.from(config), digests(count), full)).toString();
}

interface Step {
  readonly created?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
  readonly author?: string;
}

function historyOf(
  steps: readonly unknown[],
  change: Partial<ConfigChange> = {},
): Step[] | undefined {
  const made = JSON.parse(squash(JSON.stringify({ history: steps }), change)) as {
    history?: Step[];
  };
  return made.history;
}

const add: Step = { created: "2026-01-01T00:00:00Z", created_by: "ADD rootfs", author: "a" };
const env: Step = { created: "2026-01-02T00:00:00Z", created_by: "ENV A=b", empty_layer: true };
const run: Step = { created: "2026-01-03T00:00:00Z", created_by: "RUN make" };
const cmd: Step = { created: "2026-01-04T00:00:00Z", created_by: "CMD sh", empty_layer: true };
const copy: Step = { created: "2026-01-05T00:00:00Z", created_by: "COPY . /" };
const label: Step = { created: "2026-01-06T00:00:00Z", created_by: "LABEL x=y", empty_layer: true };
const steps = [add, env, run, cmd, copy, label];

suite("history", () => {
  test("everything squashed: one entry tells all commands up to the last layer, what changed only the config stays", () => {
    assert.deepEqual(historyOf(steps), [
      {
        created: copy.created,
        created_by: "wharf squash # 3 layers",
        comment: "squashed: ADD rootfs; ENV A=b; RUN make; CMD sh; COPY . /",
      },
      label,
    ]);
  });

  test("a kept base keeps its entries untouched", () => {
    assert.deepEqual(historyOf(steps, { keep: 1 }), [
      add,
      {
        created: copy.created,
        created_by: "wharf squash # 2 layers",
        comment: "squashed: ENV A=b; RUN make; CMD sh; COPY . /",
      },
      label,
    ]);
    assert.deepEqual(historyOf(steps, { keep: 2 }), [
      add,
      env,
      run,
      {
        created: copy.created,
        created_by: "wharf squash # 1 layer",
        comment: "squashed: CMD sh; COPY . /",
      },
      label,
    ]);
  });

  test("a run of layers in the middle leaves both ends untouched", () => {
    const made = historyOf(steps, { keep: 1, to: 2 });
    assert.deepEqual(made?.[0], add);
    assert.equal(made?.[1]?.comment, "squashed: ENV A=b; RUN make");
    assert.deepEqual(made?.slice(2), [cmd, copy, label]);
  });

  test("nothing squashed leaves it as it is", () => {
    for (const keep of [0, 1, 3]) assert.deepEqual(historyOf(steps, { keep, to: keep }), steps);
  });

  test("entries with a layer are as many as the layers, whatever is squashed", () => {
    const step = fc.record(
      { created_by: fc.string(), empty_layer: fc.boolean() },
      { noNullPrototype: true },
    );
    const range = fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 20 }));
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 20 }),
        range,
        fc.constantFrom("keep", "scrub"),
        (some, [a, b], history) => {
          const layers = some.filter((one) => !one.empty_layer).length;
          const keep = Math.min(a, b, layers);
          const to = Math.min(Math.max(a, b), layers);
          const made = historyOf(some, { layers, keep, to, history }) ?? [];
          const wanted = some.length === 0 ? 0 : layers - (to - keep) + (to > keep ? 1 : 0);
          assert.equal(made.filter((one) => one.empty_layer !== true).length, wanted);
        },
      ),
    );
  });

  test("one that does not fit the layers is replaced by one that claims nothing", () => {
    for (const wrong of [
      [add],
      [...steps, run, run],
      [cmd],
      [1, 2, 3],
      [add, [], null, run, "x"],
    ]) {
      const made = historyOf(wrong, { layers: 4, keep: 1, to: 3 });
      if (wrong[0] === 1) assert.equal(made, undefined, "numbers are no entries at all");
      else {
        assert.equal(made?.length, 3);
        assert.deepEqual(
          [made[0], made[2]],
          [{ created_by: "unknown" }, { created_by: "unknown" }],
        );
        assert.match(made[1]?.created_by ?? "", /^wharf squash # history of \d steps did not fit/);
      }
    }
  });

  test("without one there is none", () => {
    for (const config of ["{}", `{"history":null}`, `{"history":[]}`]) {
      assert.ok(!squash(config).includes("history"));
    }
  });

  test("entries without a time or command are told as they are", () => {
    assert.deepEqual(historyOf([{}, { created: 5 }, { created_by: "" }]), [
      { created_by: "wharf squash # 3 layers" },
    ]);
  });
});

suite("scrubbing", () => {
  const secret = "curl -u user:hunter2";
  const config = JSON.stringify({
    container: "abc",
    "moby.buildkit.buildinfo.v1": Buffer.from(secret).toString("base64"),
    "moby.buildkit.cache.v0": secret,
    container_config: { Cmd: ["/bin/sh", "-c", secret] },
    config: {
      Cmd: ["sh"],
      Entrypoint: ["/init"],
      Env: ["A=b"],
      OnBuild: ["RUN x"],
      Healthcheck: { Test: ["CMD", "true"], Interval: 30_000_000_000 },
      Labels: { a: "b" },
    },
    history: [
      { created_by: "ADD base" },
      { created_by: secret, comment: secret, author: secret },
      { created_by: secret, empty_layer: true },
      { created_by: secret },
      { created_by: secret, empty_layer: true },
    ],
  });

  test("leaves no command outside the kept layers", () => {
    const made = squash(config, { keep: 1, history: "scrub" });
    assert.ok(!made.includes("hunter2") && !made.includes("moby.buildkit"), made);
    assert.ok(made.includes("ADD base"));
    assert.ok(squash(config, { keep: 1 }).includes("hunter2"), "it is there without scrubbing");
  });

  test("leaves what a container runs with", () => {
    const before = JSON.parse(config) as { config: unknown };
    const after = JSON.parse(squash(config, { history: "scrub" })) as { config: unknown };
    assert.deepEqual(after.config, before.config);
  });
});

suite("everything else stays", () => {
  test("numbers as text", () => {
    const numbers = `"n":[12345678901234567890,1.0,1e400,-0,1E5,0.10,-1.5e-7]`;
    assert.ok(squash(`{"a":{${numbers}},${numbers}}`).startsWith(`{"a":{${numbers}},${numbers},`));
    const created = `"created":1.50`;
    assert.ok(squash(`{"history":[{${created}},{},{}]}`, { keep: 1 }).includes(created));
  });

  test("unknown fields, in their order", () => {
    const source = `{"z":1,"config":{"Unknown":{"deep":[null,true,""]}},"a":null,"os.features":["x"]}`;
    assert.ok(squash(source).startsWith(source.slice(0, -1)));
  });

  test("keys that mean something to JavaScript", () => {
    const source = `{"__proto__":{"a":1},"constructor":"x","config":{"__proto__":2,"Labels":{"__proto__":"v"}}}`;
    assert.ok(squash(source).startsWith(source.slice(0, -1)));
    assert.ok(
      squash(`{"history":[{"__proto__":1},{},{}]}`, { keep: 1 }).includes(`{"__proto__":1}`),
    );
  });

  test("other fields of rootfs; diff_ids and type are the new ones", () => {
    const made = JSON.parse(
      squash(`{"rootfs":{"diff_ids":["old"],"base_layer":"x","type":"other"}}`),
    ) as unknown;
    assert.deepEqual(made, { rootfs: { diff_ids: digests(1), base_layer: "x", type: "layers" } });
    for (const rootfs of ["5", "null", "[]", `"x"`]) {
      const replaced = JSON.parse(squash(`{"rootfs":${rootfs}}`)) as unknown;
      assert.deepEqual(replaced, { rootfs: { type: "layers", diff_ids: digests(1) } });
    }
  });

  test("but for what names layers that are gone", () => {
    const made = squash(
      `{"id":"1","parent":"2","parent_id":"3","layer_id":"4","throwaway":true,"os":"linux"}`,
    );
    assert.deepEqual(Object.keys(JSON.parse(made) as object), ["os", "rootfs"]);
  });

  test("any JSON value survives", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const made = JSON.parse(squash(JSON.stringify({ value }))) as { value: unknown };
        assert.equal(JSON.stringify(made.value), JSON.stringify(value));
      }),
    );
  });
});

test("the length does not depend on the digests", () => {
  const config = Buffer.from(JSON.stringify({ history: steps }));
  const change: ConfigChange = { layers: 3, keep: 1, to: 3, history: "keep" };
  const lengths = ["", "x", "y"].map(
    (salt) => squashConfig(config, digests(2, salt), change).length,
  );
  assert.equal(new Set(lengths).size, 1);
  const sha512 = parseDigest(`sha512:${createHash("sha512").digest("hex")}`);
  assert.ok(squashConfig(config, [sha512, ...digests(1)], change).length > (lengths[0] ?? 0));
});

test("what is no JSON object is refused", () => {
  for (const config of ["", "{", "5", "null", "[]", `"x"`, "{}x"]) {
    assert.throws(() => squash(config), { name: "ImageError", code: "damaged" }, config);
  }
  const noText = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
  assert.throws(() => squashConfig(noText, [], { layers: 0, keep: 0, to: 0, history: "keep" }), {
    code: "damaged",
  });
});

test("the command of each layer, where the history fits", () => {
  const config = (history: unknown): Buffer => Buffer.from(JSON.stringify({ history }));
  assert.deepEqual(layerCommands(config(steps), 3), ["ADD rootfs", "RUN make", "COPY . /"]);
  assert.deepEqual(layerCommands(config(steps), 2), ["", ""]);
  assert.deepEqual(layerCommands(config(undefined), 1), [""]);
  assert.deepEqual(layerCommands(config([{ created_by: 5 }]), 1), [""]);
});
