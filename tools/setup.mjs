// Makes a fresh clone ready: installs the packages of package-lock.json, the pinned Node among them.
// `--omit=dev` leaves out what only tests need, for a server.
// Plain JavaScript, because this file alone runs on whatever Node (20 or newer) npm itself runs on.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { delimiter, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const pinnedNode = join(bin, "node");

if (!isInstalled()) install();

/** npm writes its hidden lockfile last, so an interrupted installation never looks complete. */
function isInstalled() {
  const installed = statSync(join(root, "node_modules", ".package-lock.json"), {
    throwIfNoEntry: false,
  });
  return (
    installed !== undefined &&
    installed.mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs &&
    existsSync(pinnedNode)
  );
}

function install() {
  process.stderr.write("Installing the packages of package-lock.json (once, about 10 s) …\n");
  npm("ci", "--no-audit", "--no-fund", "--loglevel=error", ...process.argv.slice(2));
  // npm 9 (Debian's) loses the link to a package's command when packages for other machines are left out.
  if (!existsSync(pinnedNode)) npm("rebuild", "--ignore-scripts", "--loglevel=error");
  if (!existsSync(pinnedNode)) {
    fail(
      `Wharf pins Node 26 as an npm package, and there is none for ${process.platform}-${process.arch}.\n` +
        "Supported: linux-x64, linux-arm64, darwin-arm64. On Windows use WSL.",
    );
  }
  const version = spawnSync(pinnedNode, ["--version"], { encoding: "utf8" });
  if (version.status !== 0) {
    fail(
      `The pinned Node does not run here (it needs glibc 2.28 or newer):\n${version.error?.message ?? version.stderr}`,
    );
  }
}

/** @param {string[]} args */
function npm(...args) {
  const { error, status, stderr } = spawnSync("npm", args, {
    cwd: root,
    env: { ...process.env, PATH: pathWithoutBin() },
    shell: process.platform === "win32", // npm is a batch file there
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (error !== undefined) fail(`npm cannot be started: ${error.message}`);
  if (status !== 0) {
    fail(`npm ${args[0]} failed:\n${stderr.split("\n").slice(0, 15).join("\n")}`);
  }
}

/** `npm ci` replaces node_modules, so npm must not run on the Node that lives there. */
function pathWithoutBin() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders
    .filter((folder) => !folder.endsWith(`${sep}node_modules${sep}.bin`))
    .join(delimiter);
}

/** @param {string} message what went wrong, for a person */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
