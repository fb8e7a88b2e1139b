import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve as absolute } from "node:path";

/** A running gateway and a user who may make buckets. */
export interface Ceph {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Has `ceph.conf`, with which the tools of Ceph work. */
  readonly folder: string;
}

const COMMANDS = ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "setpriv", "uuidgen"];

/** Why there is no Ceph for tests on this machine, for the `skip` option of node:test; false when there is. */
export function whyNoCeph(): string | false {
  if (process.platform !== "linux") return "an S3 server for tests (Ceph) needs Linux";
  if (process.getuid?.() !== 0) return "an S3 server for tests (Ceph) needs root";
  const absent = COMMANDS.find((name) => !isInstalled(name));
  return absent === undefined ? false : `${absent} is not installed: no S3 server for tests`;
}

function isInstalled(command: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, command)));
}

/**
 * Starts a Ceph of one node with an S3 gateway on free ports; it takes some seconds and 200 MB of memory. It ends, and
 * its folder goes, with this process, however this process ends: a shell between them sees its standard input close.
 *
 * @param folder is made unless it is there, must be empty, and is removed at the end; a temporary one unless given
 */
export async function startCeph(folder?: string): Promise<Ceph> {
  const place =
    folder === undefined ? await mkdtemp(join(tmpdir(), "wharf-ceph-")) : absolute(folder);
  const [monitor, monitorV1, gateway] = await freePorts(3);
  const keys = { accessKeyId: "testaccess", secretAccessKey: "testsecret" };
  const guard = spawn(
    join(import.meta.dirname, "ceph-node.sh"),
    [place, monitor, monitorV1, gateway, keys.accessKeyId, keys.secretAccessKey].map(String),
    {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true, // Ctrl-C is for us; the shell ends after us
    },
  );
  let log = "";
  await new Promise<void>((resolve, reject) => {
    guard.once("error", reject);
    guard.once("exit", () => reject(new Error(`Ceph for tests did not start:\n${log}`)));
    guard.stderr.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-10_000);
    });
    guard.stdout.once("data", () => resolve());
  });
  // None of these keeps this process alive.
  guard.unref();
  for (const stream of [guard.stdin, guard.stdout, guard.stderr])
    (stream as Partial<Unrefable>).unref?.(); // sockets, in fact
  return { endpoint: `http://127.0.0.1:${gateway}`, region: "us-east-1", ...keys, folder: place };
}

interface Unrefable {
  unref(): void;
}

/** Ports of 127.0.0.1 that nobody has just now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports: number[] = [];
  for (const server of servers) {
    if (!server.listening) await once(server, "listening");
    ports.push((server.address() as AddressInfo).port); // a TCP server that listens has one
  }
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return ports;
}
