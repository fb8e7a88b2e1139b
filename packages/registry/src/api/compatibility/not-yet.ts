/** Endpoints of Quay that Wharf does not have, and why. What comes later says with what. */
export const NOT_YET: readonly { readonly endpoints: readonly string[]; readonly why: string }[] = [
  {
    endpoints: [
      "GET, POST /api/v1/repository/{repository}/build",
      "GET, DELETE /api/v1/repository/{repository}/build/{build_uuid}",
      "GET /api/v1/repository/{repository}/build/{build_uuid}/status",
      "GET /api/v1/repository/{repository}/build/{build_uuid}/logs",
      "POST /api/v1/filedrop",
      "GET /api/v1/superuser/{build_uuid}/logs, /status, /build",
    ],
    why: "later, with builds",
  },
  {
    endpoints: [
      "GET /api/v1/repository/{repository}/trigger",
      "GET, PUT, DELETE /api/v1/repository/{repository}/trigger/{trigger_uuid}",
      "POST /api/v1/repository/{repository}/trigger/{trigger_uuid}/start, /activate, /analyze",
      "GET /api/v1/repository/{repository}/trigger/{trigger_uuid}/builds, /namespaces, /sources, /fields/{field}",
    ],
    why: "later, with git triggers",
  },
  {
    endpoints: [
      "GET, POST /api/v1/repository/{repository}/notification",
      "GET, POST, DELETE /api/v1/repository/{repository}/notification/{uuid}",
      "POST /api/v1/repository/{repository}/notification/{uuid}/test",
      "GET, POST /api/v1/organization/{orgname}/notification",
    ],
    why: "later, with notifications of repositories",
  },
  {
    endpoints: [
      "GET /api/v1/repository/{repository}/manifest/{manifestref}/security",
      "GET /api/v1/repository/{repository}/image/{imageid}/security",
    ],
    why: "later, with security scanning",
  },
  {
    endpoints: [
      "GET, POST, PUT /api/v1/repository/{repository}/mirror",
      "POST /api/v1/repository/{repository}/mirror/sync-now, /sync-cancel",
      "GET /api/v1/repository/mirror/health",
      "GET, POST, PUT, DELETE /api/v1/organization/{orgname}/mirror",
      "GET, POST, DELETE /api/v1/organization/{orgname}/proxycache",
      "POST /api/v1/organization/{orgname}/validateproxycache",
    ],
    why: "Wharf neither mirrors nor caches other registries yet",
  },
  {
    endpoints: [
      "GET, POST /api/v1/superuser/keys",
      "GET, PUT, DELETE /api/v1/superuser/keys/{kid}",
      "POST /api/v1/superuser/approvedkeys/{kid}",
      "GET, PUT, DELETE /keys/services/{service}/keys",
    ],
    why: "service keys join the parts of Quay; Wharf is one process whose replicas share the database",
  },
  {
    endpoints: [
      "GET /api/v1/superuser/changelog",
      "GET, PUT /api/v1/superuser/config",
      "GET /api/v1/superuser/registrystatus",
    ],
    why: "the configuration is a file; `/readyz` and `/metrics` tell how the registry is",
  },
  {
    endpoints: [
      "GET /api/v1/repository/{repository}/image",
      "GET /api/v1/repository/{repository}/image/{image_id}",
      "GET /api/v1/repository/{repository}/tag/{tag}/images",
      "POST /api/v1/repository/{repository}/tag/{tag}/revert",
    ],
    why: "images of Docker's first format; Quay has removed them as well",
  },
  {
    endpoints: [
      "POST /api/v1/repository/{repository}/changetrust",
      "GET /api/v1/repository/{repository}/signatures",
    ],
    why: "Notary v1 is gone, in Quay as well; signatures are artifacts of a manifest",
  },
  {
    endpoints: [
      "GET /api/v1/plans",
      "GET, POST, PUT /api/v1/user/plan, /card, /invoices, /invoice/fields",
      "GET, POST, PUT /api/v1/organization/{orgname}/plan, /card, /invoices",
      "GET, POST /api/v1/user/marketplace, /api/v1/organization/{orgname}/marketplace",
    ],
    why: "nothing is sold",
  },
];
