import { systemCode, TransportError } from "../transports/transport-error.ts";

/**
 * Turns the system's errors into a cause and a next step; others pass.
 *
 * @param address the engine's, as `DOCKER_HOST` would say it
 */
export function explainEngineFailure(error: unknown, address: string): unknown {
  const socket = address.startsWith("unix://");
  switch (systemCode(error)) {
    case "ENOENT":
    case "ECONNREFUSED":
      return new TransportError("unreachable", `no engine listens on ${address}`, {
        hint: socket
          ? "start it: systemctl start docker, or systemctl start podman.socket; or set DOCKER_HOST"
          : "check DOCKER_HOST and that the engine runs",
        cause: error,
      });
    case "EACCES":
    case "EPERM":
      return new TransportError("denied", `permission denied for the engine's socket ${address}`, {
        hint: "add yourself to the group docker (usermod -aG docker USER, then log in again), or use sudo",
        cause: error,
      });
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
      return new TransportError("unreachable", `the engine at ${address} cannot be reached`, {
        hint: "check the host in DOCKER_HOST",
        cause: error,
      });
    case "ECONNRESET":
    case "EPIPE":
      return new TransportError("interrupted", `the engine at ${address} broke the connection`, {
        hint: socket
          ? "see the engine's log"
          : "does it want TLS? then set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH",
        cause: error,
      });
    default:
      if (
        !/^(?:ERR_(?:TLS|SSL|OSSL)|CERT_|DEPTH_ZERO|UNABLE_TO|SELF_SIGNED|EPROTO|HPE_)/.test(
          systemCode(error) ?? "",
        )
      ) {
        return error;
      }
      return new TransportError(
        "unreachable",
        `no secure connection to ${address}: ${textOf(error)}`,
        {
          hint: "check DOCKER_TLS_VERIFY and the certificates in DOCKER_CERT_PATH",
          cause: error,
        },
      );
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
