import fc from "fast-check";

/** Something that happens to a registry. Numbers choose among what there is, so that they always mean something. */
export type Deed =
  | { readonly deed: "push blob"; readonly repository: number; readonly blob: number }
  | { readonly deed: "mount"; readonly repository: number; readonly blob: number }
  | {
      readonly deed: "push manifest";
      readonly repository: number;
      readonly blobs: readonly number[];
      readonly children: readonly number[];
      readonly subject: number | undefined;
      /** The subject is one of the children. */
      readonly isKnot: boolean;
      readonly tag: number | undefined;
    }
  | {
      readonly deed: "push again";
      readonly repository: number;
      readonly manifest: number;
      readonly tag: number | undefined;
    }
  | { readonly deed: "delete tag"; readonly repository: number; readonly tag: number }
  | { readonly deed: "delete manifest"; readonly repository: number; readonly manifest: number }
  | {
      readonly deed: "restore tag";
      readonly repository: number;
      readonly tag: number;
      readonly manifest: number;
    }
  | { readonly deed: "delete repository"; readonly repository: number }
  | { readonly deed: "restore repository"; readonly repository: number }
  | { readonly deed: "abandon object"; readonly blob: number }
  | { readonly deed: "wait"; readonly hours: number };

/** A collection, with what happens before each of its transactions. */
export interface Collection {
  readonly deed: "collect";
  readonly meanwhile: readonly (readonly Deed[])[];
}

const repository = fc.nat({ max: 1 });
const blob = fc.nat({ max: 4 });
const tag = fc.nat({ max: 2 });
const manifest = fc.nat({ max: 30 });

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ deed: fc.constant("push blob"), repository, blob }) },
  { weight: 2, arbitrary: fc.record({ deed: fc.constant("mount"), repository, blob }) },
  {
    weight: 7,
    arbitrary: fc.record({
      deed: fc.constant("push manifest"),
      repository,
      blobs: fc.array(blob, { maxLength: 3 }),
      children: fc.oneof(fc.constant([]), fc.array(manifest, { maxLength: 3 })),
      subject: fc.option(manifest, { nil: undefined }),
      isKnot: fc.boolean(),
      tag: fc.option(tag, { nil: undefined }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      deed: fc.constant("push again"),
      repository,
      manifest,
      tag: fc.option(tag, { nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ deed: fc.constant("delete tag"), repository, tag }) },
  {
    weight: 2,
    arbitrary: fc.record({ deed: fc.constant("delete manifest"), repository, manifest }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ deed: fc.constant("restore tag"), repository, tag, manifest }),
  },
  { weight: 1, arbitrary: fc.record({ deed: fc.constant("delete repository"), repository }) },
  { weight: 2, arbitrary: fc.record({ deed: fc.constant("restore repository"), repository }) },
  { weight: 1, arbitrary: fc.record({ deed: fc.constant("abandon object"), blob }) },
  {
    weight: 4,
    arbitrary: fc.record({
      deed: fc.constant("wait"),
      hours: fc.constantFrom(0.4, 0.8, 2, 24, 200, 400),
    }),
  },
);

const collection: fc.Arbitrary<Collection> = fc.record({
  deed: fc.constant("collect"),
  meanwhile: fc.array(fc.array(deed, { maxLength: 2 }), { maxLength: 12 }),
});

export const randomHistory: fc.Arbitrary<readonly (Deed | Collection)[]> = fc.array(
  fc.oneof({ weight: 6, arbitrary: deed }, { weight: 1, arbitrary: collection }),
  { minLength: 5, maxLength: 60, size: "max" },
);
