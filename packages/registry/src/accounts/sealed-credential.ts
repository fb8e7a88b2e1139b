import { randomUUID } from "node:crypto";
import type { SealedSecrets } from "./sealed-secrets.ts";
import { hashSecret, makeSecret } from "./secret.ts";

/** A secret that was just made, as it is stored and as it is shown. */
export interface NewCredential {
  readonly uuid: string;
  readonly secret: string;
  readonly secretHash: string;
  readonly sealed: string;
}

/** Makes a secret that may be shown again; to be stored with `insertCredential`. */
export async function makeCredential(sealedSecrets: SealedSecrets): Promise<NewCredential> {
  const uuid = randomUUID();
  const secret = makeSecret();
  const sealed = await sealedSecrets.seal(secret, ownerOf(uuid));
  return { uuid, secret, secretHash: hashSecret(secret), sealed };
}

/** The secret of a stored credential; undefined when it cannot be shown again. */
export async function openCredential(
  sealedSecrets: SealedSecrets,
  { uuid, sealed }: { readonly uuid: string; readonly sealed: string | null },
): Promise<string | undefined> {
  return sealedSecrets.open(sealed, ownerOf(uuid));
}

function ownerOf(uuid: string): string {
  return `credential:${uuid}`;
}
