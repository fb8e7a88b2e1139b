import { RegistryError } from "../../http/registry-error.ts";

/** Our own page for applications that have none: it shows what a redirect would tell. */
export const LOCAL_PATH = "/oauth/localapp";

/** What a URI is written with (RFC 3986, 2). */
const URI = /^[A-Za-z0-9._~:/?[\]@!$&'()*+,;=%-]{1,1024}$/;

/**
 * Checks where an application may have browsers sent to. https, http (for what runs on the user's machine), or a scheme
 * of the application's own with a dot (RFC 8252, 7.1); nothing that a browser would run.
 *
 * @param uri empty: nowhere
 * @throws {RegistryError} `PARAMETER_INVALID` naming `redirect_uri`
 */
export function checkRedirectUri(uri: string): void {
  if (uri === "") return;
  const url = URI.test(uri) ? URL.parse(uri) : null;
  if (url === null) throw invalid("must be a URI without spaces and without a fragment");
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  if (!isWeb && !/^[a-z][a-z0-9+-]*\.[a-z0-9.+-]*:$/.test(url.protocol)) {
    throw invalid("must begin with https://, http:// or a scheme such as com.example.app:");
  }
  if (isWeb && (!/^https?:\/\//i.test(uri) || url.username !== "" || url.password !== "")) {
    throw invalid("must have a host, and no user or password");
  }
}

/** Adds parameters to the query of a redirect URI (RFC 6749, 3.1.2: what it has stays as it is). */
export function withQuery(uri: string, parameters: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(parameters).toString();
  return `${uri}${uri.includes("?") ? "&" : "?"}${text}`;
}

/** Adds parameters as fragment, which no server is told (RFC 6749, 4.2.2). */
export function withFragment(uri: string, parameters: Readonly<Record<string, string>>): string {
  return `${uri}#${new URLSearchParams(parameters).toString()}`;
}

/** What a page must allow in `form-action`, so that the answer of its form may lead there (CSP Level 3, 6.4.1). */
export function formTarget(uri: string): string {
  const url = URL.parse(uri);
  if (url === null) return "";
  return url.protocol === "https:" || url.protocol === "http:" ? url.origin : url.protocol;
}

function invalid(rule: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", `redirect_uri ${rule}`, {
    detail: { field: "redirect_uri" },
  });
}
