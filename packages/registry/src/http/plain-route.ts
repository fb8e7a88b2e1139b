import type { RegistryContext } from "../context.ts";
import type { Exchange } from "./exchange.ts";

/** A page or document outside of `/v2`, `/c1` and `/api/v1`: health, metrics, OAuth, sign-in by OIDC. */
export interface PlainRoute {
  readonly endpoint: { readonly method: "GET" | "POST"; readonly path: string };
  /** Its name in metrics. */
  readonly label: string;
  /**
   * @param parameters of the path (`{service}`), percent-decoded
   * @throws {RegistryError} what the request is refused with
   */
  readonly handle: (
    exchange: Exchange,
    parameters: Readonly<Record<string, string>>,
    context: RegistryContext,
  ) => Promise<void>;
}
