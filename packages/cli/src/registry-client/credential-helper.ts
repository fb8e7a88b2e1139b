import { spawn } from "node:child_process";

import type { Environment } from "../transports/environment.ts";
import { systemCode } from "../transports/transport-error.ts";

/** What a credential helper says. */
export type HelperAnswer =
  | { readonly kind: "found"; readonly username: string; readonly secret: string }
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly why: string };

/** A keychain may ask the user first, so two minutes. */
const PATIENCE = 120_000;
const ANSWER_BYTES = 1 << 20;

/**
 * Asks `docker-credential-<helper> get` (protocol of docker-credential-helpers). A helper that is missing or fails
 * isn't an error yet: much can be pulled without credentials.
 *
 * @param server the key it knows the registry by
 */
export async function askCredentialHelper(
  helper: string,
  server: string,
  env: Environment,
  signal?: AbortSignal,
): Promise<HelperAnswer> {
  const program = `docker-credential-${helper}`;
  if (!/^[A-Za-z0-9._-]+$/.test(helper))
    return { kind: "failed", why: `${JSON.stringify(helper)} is no credential helper` };
  let run: { code: number | null; output: string };
  try {
    run = await ask(program, server, env, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const missing = systemCode(error) === "ENOENT";
    return {
      kind: "failed",
      why: missing ? `${program} is not installed` : `${program} cannot be run`,
    };
  }
  if (run.code === 0) return readAnswer(program, run.output);
  if (/credentials not found/i.test(run.output)) return { kind: "none" };
  return { kind: "failed", why: `${program} failed` };
}

async function ask(
  program: string,
  server: string,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; output: string }> {
  const limit = AbortSignal.timeout(PATIENCE);
  const child = spawn(program, ["get"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...env },
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  ended.catch(() => {}); // told below
  child.stdin.on("error", () => {}); // a helper that doesn't read its input
  child.stdin.end(`${server}\n`);
  let output = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    output += String(chunk);
    if (output.length > ANSWER_BYTES) {
      child.kill();
      break;
    }
  }
  return { code: await ended, output };
}

function readAnswer(program: string, output: string): HelperAnswer {
  try {
    const parsed: unknown = JSON.parse(output);
    if (typeof parsed === "object" && parsed !== null) {
      const username: unknown = Reflect.get(parsed, "Username");
      const secret: unknown = Reflect.get(parsed, "Secret");
      if (typeof username === "string" && typeof secret === "string" && secret !== "") {
        return { kind: "found", username, secret };
      }
    }
    return { kind: "none" };
  } catch {
    return { kind: "failed", why: `${program} answers with no JSON` }; // the text may be a secret
  }
}
