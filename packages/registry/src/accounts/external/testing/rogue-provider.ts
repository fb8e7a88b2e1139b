import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { CryptoKey, JWK, JWTPayload } from "jose";
import type { OidcConfig } from "../../../config/config.ts";

/** Answers something in place of the provider. */
export type Answer = (response: ServerResponse) => void;

/**
 * A provider that says whatever a test wants: its ID tokens are made by `claims` and `sign`, and any of its addresses
 * can answer otherwise by `answers`.
 */
export class RogueProvider implements AsyncDisposable {
  /** On top of those that are right. */
  claims: JWTPayload = {};
  /** Undefined: the right key. */
  sign: ((claims: JWTPayload) => Promise<string>) | undefined;
  /** On top of what it tells of itself. */
  metadata: Readonly<Record<string, unknown>> = {};
  /** By path. */
  readonly answers = new Map<string, Answer>();
  readonly #server: Server;
  readonly #key: CryptoKey;
  readonly #jwk: JWK;

  private constructor(server: Server, key: CryptoKey, jwk: JWK) {
    this.#server = server;
    this.#key = key;
    this.#jwk = jwk;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      void this.#answer(request, response);
    });
  }

  static async start(): Promise<RogueProvider> {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: "one", use: "sig", alg: "ES256" };
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new RogueProvider(server, privateKey, jwk);
  }

  get issuer(): string {
    const { port } = this.#server.address() as AddressInfo; // it listens to TCP
    return `http://127.0.0.1:${port}`;
  }

  config(id: string): OidcConfig {
    return {
      id,
      issuer: this.issuer,
      clientId: "wharf",
      clientSecret: "secret",
      name: "Rogue",
      scopes: ["openid"],
      usernameClaim: "preferred_username",
      groupsClaim: "groups",
      superuserGroups: [],
      allowedGroups: [],
      createUsers: true,
    };
  }

  /** Signed with the key that it publishes. */
  async signed(claims: JWTPayload, header: { readonly kid?: string } = {}): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: "one", ...header })
      .sign(this.#key);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "", this.issuer).pathname;
    const answer = this.answers.get(path);
    if (answer !== undefined) answer(response);
    else if (path === "/.well-known/openid-configuration") json(response, this.#metadata());
    else if (path === "/jwks") json(response, { keys: [this.#jwk] });
    else if (path === "/token") json(response, await this.#tokens());
    else response.writeHead(404).end();
  }

  #metadata(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/auth`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/jwks`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["ES256"],
      ...this.metadata,
    };
  }

  async #tokens(): Promise<object> {
    const now = Math.floor(Date.now() / 1000);
    const right = { iss: this.issuer, aud: "wharf", sub: "1", iat: now, exp: now + 60 };
    const claims = { ...right, preferred_username: "mallory", ...this.claims };
    const token = await (this.sign ?? ((all) => this.signed(all)))(claims);
    return { access_token: "access", token_type: "Bearer", id_token: token };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function json(response: ServerResponse, document: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(document));
}
