import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";
import type { OidcConfig } from "../../../config/config.ts";
import { memoryAdapter } from "./memory-adapter.ts";

/** Somebody whom a provider knows. */
export interface ProviderUser {
  readonly sub: string;
  readonly preferred_username?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly groups?: readonly string[];
}

const CLIENT = "wharf";
const SECRET = "client secret, with odd: signs%";

/**
 * An OpenID Connect provider that keeps to the standards, on a port of its own. Whoever comes to sign in is the user
 * that `user` names, without being asked.
 */
export class TestProvider implements AsyncDisposable {
  /** Who sits before the browser. */
  user: ProviderUser | undefined;
  /** Answers to everything with this status, as long as it is set. */
  outage: number | undefined;
  /** Requests by path. */
  readonly asked = new Map<string, number>();
  readonly #server: Server;
  readonly #users = new Map<string, ProviderUser>();
  #handle: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const path = new URL(request.url ?? "", this.issuer).pathname;
      this.asked.set(path, (this.asked.get(path) ?? 0) + 1);
      if (this.outage === undefined) this.#handle?.(request, response);
      else response.writeHead(this.outage).end();
    });
  }

  static async start(): Promise<TestProvider> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TestProvider(server);
  }

  get issuer(): string {
    const { port } = this.#server.address() as AddressInfo; // it listens to TCP
    return `http://127.0.0.1:${port}`;
  }

  /** As a registry is configured for it. */
  config(id: string, changes: Partial<OidcConfig> = {}): OidcConfig {
    return {
      id,
      issuer: this.issuer,
      clientId: CLIENT,
      clientSecret: SECRET,
      name: id.toUpperCase(),
      scopes: ["openid", "profile", "email"],
      usernameClaim: "preferred_username",
      groupsClaim: "groups",
      superuserGroups: [],
      allowedGroups: [],
      createUsers: true,
      ...changes,
    };
  }

  /** Tells it where the registry is, and begins to answer. */
  async serve(registryUrl: string, id: string): Promise<void> {
    const callback = `${registryUrl}/oauth2/${id}/callback`;
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const provider: Provider = new Provider(this.issuer, {
      adapter: memoryAdapter(),
      clients: [
        {
          client_id: CLIENT,
          client_secret: SECRET,
          redirect_uris: [callback, `${callback}/attach`, `${callback}/cli`],
          grant_types: ["authorization_code"],
          response_types: ["code"],
          id_token_signed_response_alg: "ES256",
        },
      ],
      cookies: { keys: ["test"] },
      jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: "one", use: "sig", alg: "ES256" }] },
      pkce: { required: () => true },
      claims: {
        openid: ["sub"],
        profile: ["preferred_username", "groups"],
        email: ["email", "email_verified"],
      },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_context, sub) => {
        const user = this.#users.get(sub);
        return user && { accountId: sub, claims: () => ({ ...user }) };
      },
      // Nobody is asked for consent.
      loadExistingGrant: async ({ oidc }) => {
        const { client, session } = oidc;
        if (client === undefined || session?.accountId === undefined) return undefined;
        const { clientId } = client;
        const grant = new provider.Grant({ clientId, accountId: session.accountId });
        grant.addOIDCScope("openid profile email");
        await grant.save();
        return grant;
      },
      ttl: {
        AccessToken: () => 60,
        AuthorizationCode: () => 60,
        Grant: () => 3600,
        IdToken: () => 60,
        Interaction: () => 60,
        Session: () => 3600,
      },
    });
    const answer = provider.callback();
    this.#handle = (request, response) => {
      if (request.url?.startsWith("/interaction/") === true) {
        void this.#signIn(provider, request, response);
      } else void answer(request, response);
    };
  }

  async #signIn(
    provider: Provider,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { user } = this;
    if (user === undefined) {
      await provider.interactionFinished(request, response, { error: "access_denied" });
      return;
    }
    this.#users.set(user.sub, user);
    await provider.interactionFinished(request, response, { login: { accountId: user.sub } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
