// Long because it is one thing: what is asked of /oauth/authorize, and all that can be wrong with it.
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { findApplication } from "./application-store.ts";
import type { ApplicationRow } from "./application-store.ts";
import { parseGrant } from "./grant.ts";
import type { Grant } from "./grant.ts";
import { LOCAL_PATH, withFragment, withQuery } from "./redirect-uri.ts";

/** A request for authorization that may be put before its user (RFC 6749, 4.1.1 and 4.2.1). */
export interface AuthorizeRequest {
  readonly application: ApplicationRow;
  /** One that the application has registered, or our own page. */
  readonly redirectUri: string;
  /** The answer goes to our own page. */
  readonly isLocal: boolean;
  readonly responseType: "code" | "token";
  readonly grant: Grant;
  readonly state: string | undefined;
  /** PKCE, S256 (RFC 7636). */
  readonly challenge: string | undefined;
  /** Of a token that was prepared for the user. */
  readonly assignment: string | undefined;
}

/** What keeps a request from being put before its user. */
export type AuthorizeProblem =
  /** Nobody is sent anywhere: it is not known where to (RFC 6749, 4.1.2.1). */
  | { readonly kind: "page"; readonly status: number; readonly message: string }
  /** The application is told. */
  | { readonly kind: "redirect"; readonly uri: string; readonly message: string };

/** Parameters that are looked at; a form takes them along. */
export const PARAMETERS = [
  "client_id",
  "redirect_uri",
  "response_type",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
  "repositories",
  "assignment_uuid",
  "format",
] as const;

type Parameter = (typeof PARAMETERS)[number];

const LONGEST_STATE = 4096;

/** Reads the parameters of a query or form. */
export async function readAuthorizeRequest(
  { database, config }: RegistryContext,
  exchange: Exchange,
  parameters: URLSearchParams,
): Promise<AuthorizeRequest | AuthorizeProblem> {
  const get = (name: Parameter): string | undefined => parameters.get(name) || undefined;
  const repeated = PARAMETERS.find((name) => parameters.getAll(name).length > 1);
  if (repeated === "client_id" || repeated === "redirect_uri") {
    return page(400, `${repeated} is given more than once`);
  }
  const clientId = get("client_id");
  const redirectUri = get("redirect_uri");
  if (clientId === undefined) return page(400, "client_id is missing");
  const application = /^[0-9A-Za-z]{1,255}$/.test(clientId)
    ? await findApplication(database.read, clientId)
    : undefined;
  if (application === undefined) return page(404, "there is no such application");
  if (redirectUri === undefined) return page(400, "redirect_uri is missing");
  const local = `${config.server.url ?? exchange.origin}${LOCAL_PATH}`;
  if (!isRedirectUri(redirectUri, application.redirect_uri, local)) {
    return page(400, "redirect_uri is not the one that the application has registered");
  }

  const responseType = get("response_type") ?? "code";
  const state = get("state");
  const refuse = (error: ErrorCode, message: string): AuthorizeProblem =>
    redirectProblem({ redirectUri, responseType, state }, error, message);
  if (repeated !== undefined) return refuse("invalid_request", `${repeated} is given twice`);
  if ((state?.length ?? 0) > LONGEST_STATE) {
    return redirectProblem({ redirectUri, responseType }, "invalid_request", "state is too long");
  }
  if (responseType !== "code" && responseType !== "token") {
    return refuse("unsupported_response_type", "response_type must be code or token");
  }
  const challenge = get("code_challenge");
  const method = get("code_challenge_method");
  const wrongChallenge = wrongPkce(responseType, challenge, method);
  if (wrongChallenge !== undefined) return refuse("invalid_request", wrongChallenge);
  const assignment = get("assignment_uuid");
  if (
    assignment !== undefined &&
    (responseType === "code" || !/^[0-9a-f-]{36}$/.test(assignment))
  ) {
    return refuse("invalid_request", "assignment_uuid needs a UUID, and response_type token");
  }
  let grant: Grant;
  try {
    grant = parseGrant(get("scope") ?? "", get("repositories")?.split(/[\s,]+/));
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const field = (error.detail as { readonly field?: unknown } | undefined)?.field; // of parseGrant
    return refuse(field === "scope" ? "invalid_scope" : "invalid_request", error.message);
  }
  const isLocal = redirectUri === local;
  return { application, redirectUri, isLocal, responseType, grant, state, challenge, assignment };
}

/** Compared character by character: nothing that merely begins alike (RFC 9700, 4.1.3). */
export function isRedirectUri(uri: string, registered: string, local: string): boolean {
  return uri === local || (registered !== "" && uri === registered);
}

/** RFC 6749, 4.1.2.1. */
type ErrorCode =
  | "invalid_request"
  | "unauthorized_client"
  | "access_denied"
  | "unsupported_response_type"
  | "invalid_scope"
  | "server_error";

/** Tells the application why there is nothing for it. */
export function redirectProblem(
  {
    redirectUri,
    responseType,
    state,
  }: Pick<AuthorizeRequest, "redirectUri"> & {
    readonly responseType: string;
    readonly state?: string | undefined;
  },
  error: ErrorCode,
  message: string,
): AuthorizeProblem {
  const parameters = {
    error,
    // RFC 6749, 4.1.2.1: these characters alone.
    error_description: message.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "?"),
    ...(state === undefined ? {} : { state }),
  };
  const add = responseType === "token" ? withFragment : withQuery;
  return { kind: "redirect", uri: add(redirectUri, parameters), message };
}

function wrongPkce(
  responseType: "code" | "token",
  challenge: string | undefined,
  method: string | undefined,
): string | undefined {
  if (challenge === undefined) {
    return method === undefined ? undefined : "code_challenge is missing";
  }
  if (responseType === "token") return "code_challenge needs response_type code";
  if (method !== "S256") return "code_challenge_method must be S256";
  return /^[A-Za-z0-9_-]{43}$/.test(challenge) ? undefined : "code_challenge is no SHA-256";
}

function page(status: number, message: string): AuthorizeProblem {
  return { kind: "page", status, message };
}
