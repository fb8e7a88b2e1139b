import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { CryptoKey, JWK, JWTPayload } from "jose";

/** An OIDC issuer of a CI over HTTP: discovery document, keys, tokens. */
export class TestIssuer implements AsyncDisposable {
  readonly #server = createServer((request, response) => {
    this.requests.push(request.url ?? "");
    const document = this.documents.get(request.url ?? "");
    response.writeHead(document === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(typeof document === "string" ? document : JSON.stringify(document));
  });
  /** Paths that were asked for. */
  readonly requests: string[] = [];
  /** By path. */
  readonly documents = new Map<string, unknown>();
  readonly #keys: JWK[] = [];
  #signer: { readonly kid: string; readonly key: CryptoKey } | undefined;

  static async start(): Promise<TestIssuer> {
    const issuer = new TestIssuer();
    await new Promise<void>((resolve) => issuer.#server.listen(0, "127.0.0.1", resolve));
    issuer.documents.set("/.well-known/openid-configuration", {
      issuer: issuer.url,
      jwks_uri: `${issuer.url}/jwks`,
    });
    await issuer.rotate();
    return issuer;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo; // it listens at a port
    return `http://127.0.0.1:${port}`;
  }

  /** Signs with a new key from now on; the older ones stay published. */
  async rotate(): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const kid = `key-${this.#keys.length}`;
    this.#keys.push({ ...(await exportJWK(publicKey)), kid, alg: "ES256" });
    this.#signer = { kid, key: privateKey };
    this.documents.set("/jwks", { keys: this.#keys });
  }

  /** @param claims besides `iss`; `iat` and `exp` (five minutes) where they are missing */
  async token(claims: JWTPayload): Promise<string> {
    if (this.#signer === undefined) throw new Error("the issuer has no key");
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: this.url, iat: now, exp: now + 300, ...claims })
      .setProtectedHeader({ alg: "ES256", kid: this.#signer.kid })
      .sign(this.#signer.key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
