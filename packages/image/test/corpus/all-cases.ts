import type { CorpusCase } from "../corpus-case.ts";
import { compressions } from "./compressions.ts";
import { duplicates } from "./duplicates.ts";
import { hardLinks } from "./hard-links.ts";
import { metadata } from "./metadata.ts";
import { names } from "./names.ts";
import { opaqueDirectories } from "./opaque.ts";
import { partial } from "./partial.ts";
import { replacements } from "./replacements.ts";
import { symlinks } from "./symlinks.ts";
import { tarForms } from "./tar-forms.ts";
import { whiteouts } from "./whiteouts.ts";

/** Every case of the corpus. */
export const allCases: readonly CorpusCase[] = [
  ...whiteouts,
  ...opaqueDirectories,
  ...replacements,
  ...hardLinks,
  ...duplicates,
  ...symlinks,
  ...names,
  ...metadata,
  ...tarForms,
  ...compressions,
  ...partial,
];
