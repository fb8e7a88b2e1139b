/**
 * Every code that a request can be refused with, and its usual HTTP status. The first block is of the OCI
 * distribution-spec ("Error Codes"), the second of Distribution and Quay, the third our own. `docs/errors.md` is
 * generated from this table.
 */
export const ERRORS = {
  BLOB_UNKNOWN: { status: 404, meaning: "The repository has no such blob." },
  BLOB_UPLOAD_INVALID: { status: 400, meaning: "The upload cannot go on; begin it again." },
  BLOB_UPLOAD_UNKNOWN: { status: 404, meaning: "There is no such upload; begin it again." },
  DIGEST_INVALID: {
    status: 400,
    meaning: "The digest is malformed or does not match the content.",
  },
  MANIFEST_BLOB_UNKNOWN: {
    status: 404,
    meaning: "The manifest refers to a blob that was not pushed to the repository.",
  },
  MANIFEST_INVALID: {
    status: 400,
    meaning: "The manifest is malformed; the detail names the field.",
  },
  MANIFEST_UNKNOWN: { status: 404, meaning: "The repository has no such tag or manifest." },
  NAME_INVALID: { status: 400, meaning: "The name of the repository or tag is malformed." },
  NAME_UNKNOWN: { status: 404, meaning: "There is no such repository or namespace." },
  SIZE_INVALID: { status: 400, meaning: "The length or range does not match the content." },
  UNAUTHORIZED: { status: 401, meaning: "A login is needed, or it was wrong." },
  DENIED: { status: 403, meaning: "The account may not do this." },
  UNSUPPORTED: { status: 405, meaning: "The registry does not do this." },
  TOOMANYREQUESTS: {
    status: 429,
    meaning: "Too many requests; come again after the time in Retry-After.",
  },

  RANGE_INVALID: {
    status: 416,
    meaning: "The range begins where the content or the upload does not.",
  },
  TAG_INVALID: { status: 400, meaning: "The tag is malformed." },
  PAGINATION_NUMBER_INVALID: { status: 400, meaning: "`n` is not a number of entries." },
  UNAVAILABLE: { status: 503, meaning: "Not now; come again after the time in Retry-After." },
  UNKNOWN: {
    status: 500,
    meaning: "A fault of the registry; the log has more under the request id.",
  },

  PARAMETER_INVALID: {
    status: 400,
    meaning: "A parameter of the request is malformed; the detail names it.",
  },
  NOT_FOUND: { status: 404, meaning: "There is nothing of that name; the message says of what." },
  CONFLICT: {
    status: 409,
    meaning: "The state of things stands against it; the message says what to do first.",
  },
  LOGIN_NOT_FRESH: {
    status: 401,
    meaning: "Dangerous changes in a browser need the password again; sign in once more.",
  },
  CREDENTIALS_INVALID: {
    status: 403,
    meaning: "User and password do not belong together, or the user may not sign in.",
  },
  EXTERNAL_LOGIN_FAILED: {
    status: 400,
    meaning: "The service that was to vouch for the user did not; begin the sign-in again.",
  },
  EMAIL_UNVERIFIED: {
    status: 403,
    meaning:
      "The user must confirm their e-mail address first, with the code of the mail they got.",
  },
  ORIGIN_INVALID: {
    status: 403,
    meaning: "Sign-ins are taken from pages of the registry itself, and from programs.",
  },
  CSRF_INVALID: {
    status: 403,
    meaning: "A request with a session's cookie needs the token of /csrf_token in X-CSRF-Token.",
  },
  SCOPE_INSUFFICIENT: {
    status: 403,
    meaning: "The account may do this, but the scopes of the token do not say so.",
  },
  TAG_IMMUTABLE: {
    status: 409,
    meaning: "The tag is protected: it can be neither moved nor deleted nor made to expire.",
  },
  TAG_EXPIRED: {
    status: 404,
    meaning: "The tag was deleted or has expired; it can be taken back for a while.",
  },
  QUOTA_EXCEEDED: { status: 403, meaning: "The namespace has used all the space it may have." },
  PLATFORM_UNKNOWN: { status: 404, meaning: "The tag has no image for the platform." },
  SQUASH_REFUSED: {
    status: 422,
    meaning: "The image cannot be squashed; the detail says which layer and why.",
  },
  COMPARE_REFUSED: {
    status: 422,
    meaning: "The files of the image cannot be told; the detail says which layer and why.",
  },
  STORAGE_FULL: { status: 507, meaning: "The registry has no room for the upload." },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ErrorCode = keyof typeof ERRORS;
