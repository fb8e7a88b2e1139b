import { ImageError, JsonObject } from "@wharf/image";

import type { HttpResponse } from "../transports/http/exchange.ts";
import { TransportError } from "../transports/transport-error.ts";

const BODY_BYTES = 64 * 1024;
const SHOWN = 300;

/**
 * Reads an error answer of a registry (distribution-spec, "Error Codes") into an error that says what to do.
 *
 * @param where the registry and repository that were asked
 */
export async function explainStatus(
  response: HttpResponse,
  where: { readonly host: string; readonly repository: string },
): Promise<TransportError | ImageError> {
  const { host, repository } = where;
  const said = messageOf(await response.bytes(BODY_BYTES).catch(() => Buffer.alloc(0)));
  const told = said === "" ? `status ${response.status}` : `${said} (status ${response.status})`;
  switch (response.status) {
    case 403:
      return new TransportError("denied", `${host} refuses access to ${repository}: ${told}`, {
        hint: `ask for access, or log in as another user: docker login ${host}`,
      });
    case 404:
      return new ImageError(
        "not-found",
        `${host} has no ${repository}, or not this part of it: ${told}`,
      );
    case 413:
      return new TransportError("refused", `${host} takes no uploads of this size: ${told}`, {
        hint: "a proxy before the registry may limit them (nginx: client_max_body_size)",
      });
    case 429:
      return new TransportError("interrupted", `${host} limits how much may be asked: ${told}`, {
        hint: `wait some minutes, or log in for a higher limit: docker login ${host}`,
      });
    default:
      return new TransportError(
        response.status >= 500 ? "interrupted" : "refused",
        `${host} says: ${told}`,
      );
  }
}

function messageOf(body: Uint8Array): string {
  try {
    const messages = JsonObject.parse(body, "the answer")
      .objects("errors")
      .map((error) => error.string("message") || error.string("code") || "")
      .filter((message) => message !== "");
    return messages.join("; ").slice(0, SHOWN);
  } catch {
    return ""; // a page of some proxy
  }
}
