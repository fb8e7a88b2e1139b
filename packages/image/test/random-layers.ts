import fc from "fast-check";

import { block, char, dir, fifo, file, link, opaque, symlink, whiteout } from "./entries.ts";
import type { EntrySpec } from "./tar-builder.ts";

/** Layers of an image. Few names, so that they meet often. */
export const randomLayers: fc.Arbitrary<readonly (readonly EntrySpec[])[]> = fc
  .array(
    fc.array(fc.oneof({ weight: 12, arbitrary: draft() }, { weight: 1, arbitrary: removal() }), {
      maxLength: 14,
    }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map(withLinks);

interface Draft {
  readonly entry: EntrySpec;
  readonly style: Style;
  /** Which file before a hard link is its target. */
  readonly back?: number;
}

interface Style {
  readonly prefix: string;
  readonly slash: string;
  readonly form: "ustar" | "pax" | "gnu";
}

function path(): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join("/"));
}

function draft(): fc.Arbitrary<Draft> {
  return fc
    .record({ entry: entry(), style: style() })
    .chain(({ entry: spec, style: its }) =>
      spec.type === "1"
        ? fc.nat({ max: 200 }).map((back) => ({ entry: spec, style: its, back }))
        : fc.constant({ entry: spec, style: its }),
    );
}

function removal(): fc.Arbitrary<Draft> {
  const root = fc.constantFrom(
    opaque(""),
    dir("./", { mode: 0o711 }),
    dir("", { pax: { path: "./" } }),
  );
  return fc.record({
    entry: root,
    style: fc.constant<Style>({ prefix: "", slash: "/", form: "ustar" }),
  });
}

function entry(): fc.Arbitrary<EntrySpec> {
  const more = metadata();
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(path(), fc.constantFrom("", "1", "22", "x".repeat(600)), more)
        .map(([at, data, its]) => file(at, data, its)),
    },
    {
      weight: 5,
      arbitrary: fc.tuple(path(), more).map(([at, its]) => dir(at, { mode: 0o755, ...its })),
    },
    {
      weight: 5,
      arbitrary: fc.tuple(path(), path(), more).map(([at, target, its]) => link(at, target, its)),
    },
    { weight: 4, arbitrary: path().map((at) => whiteout(at)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(path(), fc.constantFrom("", "../", "/", "../../../"), path())
        .map(([at, up, to]) => symlink(at, up + to)),
    },
    { weight: 2, arbitrary: path().map((at) => opaque(at)) },
    { weight: 1, arbitrary: fc.tuple(path(), more).map(([at, its]) => fifo(at, its)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(path(), fc.boolean())
        .map(([at, first]) => (first ? char(at, 1, 3) : block(at, 8, 1))),
    },
  );
}

function metadata(): fc.Arbitrary<Partial<EntrySpec>> {
  return fc
    .record(
      {
        mode: fc.constantFrom(0o600, 0o4755),
        uid: fc.constantFrom(0, 7, 3_000_000),
        pax: fc.constantFrom(
          { mtime: "5.25" },
          { "SCHILY.xattr.user.a": "1" },
          { "SCHILY.xattr.user.b": "\0\xff", comment: "c" },
        ),
      },
      { requiredKeys: [] },
    )
    .map((its) => ((its.uid ?? 0) > 0o7777777 ? { ...its, format: "gnu" } : its));
}

function style(): fc.Arbitrary<Style> {
  return fc.record({
    prefix: fc.constantFrom("", "", "", "./", "/", "../", "c/../", ".//"),
    slash: fc.constantFrom("", "/"),
    form: fc.constantFrom("ustar", "ustar", "pax", "gnu"),
  });
}

/** Puts the names into their styles and gives most links a file that is there. */
function withLinks(layers: readonly (readonly Draft[])[]): EntrySpec[][] {
  const below: string[] = [];
  return layers.map((drafts) => {
    const here: string[] = [];
    const parts = drafts.map((its) => {
      const known = [...below, ...here];
      const spec =
        its.back === undefined
          ? its.entry
          : linked(its.entry, known[known.length - 1 - (its.back % 12)], its.back);
      if (spec.type !== "5" && !spec.name.includes(".wh.")) here.push(spec.name);
      return styled(spec, its.style);
    });
    below.splice(0, below.length, ...here.slice(0, 3));
    return parts;
  });
}

/** A link to a file that was there before, seldom one to anything; without such a file it becomes a file itself. */
function linked(spec: EntrySpec, target: string | undefined, back: number): EntrySpec {
  if (back > 195 && spec.link !== spec.name) return spec;
  return target === undefined || target === spec.name
    ? { ...spec, type: "0", data: "linked" }
    : { ...spec, link: target };
}

function styled(spec: EntrySpec, { prefix, slash, form }: Style): EntrySpec {
  const name = prefix + spec.name + (spec.type === "5" ? slash : "");
  if (form === "pax") return { ...spec, name: "short", pax: { path: name, ...spec.pax } };
  if (form === "gnu") return { ...spec, name: "short", longName: name };
  return { ...spec, name };
}
