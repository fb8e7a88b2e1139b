import { QUAY_OPERATIONS } from "./quay-operations.ts";
import type { QuayOperation } from "./quay-operations.ts";

/** Operations of Quay that Wharf does not have, and why. What comes later says with what. */
export const NOT_YET: readonly {
  readonly endpoints: readonly QuayOperation[];
  readonly why: string;
}[] = [
  { endpoints: under("/build"), why: "later, with builds" },
  { endpoints: under("/trigger"), why: "later, with git triggers" },
  {
    endpoints: under("/repository/{repository}/notification"),
    why: "later, with notifications of repositories",
  },
  {
    endpoints: [...under("/superuser/keys"), ...under("/superuser/approvedkeys")],
    why: "service keys join the parts of Quay; Wharf is one process whose replicas share the database",
  },
  { endpoints: under("/superuser/{build_uuid}"), why: "later, with builds" },
  {
    endpoints: QUAY_OPERATIONS.filter(({ id }) => id === "changeToken"),
    why: "Quay has deprecated tokens of repositories; delete it and make another",
  },
];

/** Younger or older than the table of operations, by what they are about. */
export const NOT_YET_OTHERS: readonly { readonly what: string; readonly why: string }[] = [
  {
    what: "`GET …/manifest/{manifestref}/security`",
    why: "later, with security scanning",
  },
  {
    what: "`…/repository/{repository}/mirror`, `…/organization/{orgname}/mirror`, `…/organization/{orgname}/proxycache`",
    why: "Wharf neither mirrors nor caches other registries yet",
  },
  {
    what: "`GET /api/v1/superuser/changelog`, `…/superuser/config`, `…/superuser/registrystatus`",
    why: "the configuration is a file; `/readyz` and `/metrics` tell how the registry is",
  },
  {
    what: "`…/repository/{repository}/image`, `GET …/tag/{tag}/images`, `POST …/tag/{tag}/revert`",
    why: "images of Docker's first format; Quay has removed them as well",
  },
  {
    what: "`POST …/repository/{repository}/changetrust`, `GET …/signatures`",
    why: "Notary v1 is gone, in Quay as well; signatures are artifacts of a manifest",
  },
  {
    what: "plans, cards, invoices, marketplace",
    why: "nothing is sold",
  },
];

function under(part: string): QuayOperation[] {
  return QUAY_OPERATIONS.filter(({ path }) => `${path}/`.includes(`${part}/`));
}
