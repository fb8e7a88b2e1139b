import { systemCode, TransportError } from "../transports/transport-error.ts";

/** Turns an error of the network into its cause and the next step; errors that say it themselves pass. */
export function explainFailure(error: unknown, host: string): unknown {
  if (error instanceof TransportError) return error;
  const code = systemCode(error);
  switch (code) {
    case undefined:
      return error;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return unreachable(
        `the host ${host} is not known`,
        "check the name, and that the network is up",
        error,
      );
    case "ECONNREFUSED":
      return unreachable(
        `nothing listens on ${host}`,
        "check host and port, and that the registry runs",
        error,
      );
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
      return unreachable(
        `${host} cannot be reached`,
        "check the network, and HTTPS_PROXY if you need a proxy",
        error,
      );
    case "ECONNRESET":
    case "EPIPE":
      return new TransportError("interrupted", `${host} broke the connection`, { cause: error });
    case "EPROTO":
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
      return unreachable(
        `${host} does not speak https`,
        "if it is meant to speak plain http, add --insecure",
        error,
      );
    default:
      return /^(?:ERR_(?:TLS|SSL|OSSL)|CERT_|DEPTH_ZERO|UNABLE_TO|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(
        code,
      )
        ? unreachable(
            `the certificate of ${host} cannot be trusted (${code})`,
            `put its authority into /etc/docker/certs.d/${host}/ca.crt, or add --insecure to trust it blindly`,
            error,
          )
        : error;
  }
}

function unreachable(message: string, hint: string, cause: unknown): TransportError {
  return new TransportError("unreachable", message, { hint, cause });
}
