import { join } from "node:path";

import type { OutputImage } from "@wharf/image";

import { buildStepsImage } from "./build-steps-image.ts";
import type { BuildStep } from "./build-steps-image.ts";
import type { DemoEntry } from "./demo-entry.ts";
import { hostFolder } from "./host-files.ts";
import type { Runtime } from "./runtime-files.ts";

/**
 * A small application in four layers, with the waste that builds leave behind: tools and a package cache that a later
 * layer deletes, and a first version that a later layer replaces.
 *
 * @param name name and tag
 * @param nodeModules folder of installed packages: real files for tools and cache
 */
export async function demoImage(
  name: string,
  runtime: Runtime,
  nodeModules: string,
): Promise<OutputImage> {
  const { libraryFolders } = runtime;
  return buildStepsImage([name], await buildSteps(runtime, nodeModules), {
    Env: [
      "PATH=/usr/local/bin",
      ...(libraryFolders.length === 0 ? [] : [`LD_LIBRARY_PATH=${libraryFolders.join(":")}`]),
    ],
    WorkingDir: "/app",
    Cmd: ["node", "main.mjs"],
  });
}

async function buildSteps(runtime: Runtime, nodeModules: string): Promise<BuildStep[]> {
  const tools = await hostFolder("app/node_modules/@typescript", join(nodeModules, "@typescript"));
  const cache = [
    ...(await hostFolder("root/.npm/_cacache/oxfmt", join(nodeModules, "oxfmt"))),
    ...(await hostFolder("root/.npm/_cacache/tsgolint", join(nodeModules, "@oxlint-tsgolint"))),
  ];
  const app: DemoEntry = { kind: "directory", path: "app" };
  return [
    { createdBy: "COPY /runtime / # buildkit", entries: runtime.entries },
    {
      createdBy: "RUN /bin/sh -c npm install && npm run build # buildkit",
      entries: [
        app,
        { kind: "text", path: "app/main.mjs", text: program("1.0") },
        { kind: "text", path: "app/words.json", text: JSON.stringify(["rough", "seas"]) },
        { kind: "directory", path: "app/node_modules" },
        ...tools,
        { kind: "directory", path: "root/.npm" },
        { kind: "directory", path: "root/.npm/_cacache" },
        ...cache,
      ],
    },
    {
      createdBy: "RUN /bin/sh -c rm -rf node_modules /root/.npm # buildkit",
      entries: [
        app,
        { kind: "deletion", path: "app/node_modules" },
        { kind: "directory", path: "root" },
        { kind: "deletion", path: "root/.npm" },
      ],
    },
    {
      createdBy: "COPY main.mjs words.json /app/ # buildkit",
      entries: [
        app,
        { kind: "text", path: "app/main.mjs", text: program("2.0") },
        { kind: "text", path: "app/words.json", text: JSON.stringify(["fair", "winds"]) },
      ],
    },
  ];
}

/** What the container runs: it tells what is left of the image's files. */
function program(version: string): string {
  return `import { existsSync, readFileSync } from "node:fs";

console.log("wharf-demo ${version} on Node", process.version);
console.log("words:      ", JSON.parse(readFileSync("/app/words.json", "utf8")).join(" "));
console.log("build tools:", existsSync("/app/node_modules") ? "still here" : "gone");
console.log("cache:      ", existsSync("/root/.npm") ? "still here" : "gone");
`;
}
