import { after, before, suite } from "node:test";

import { BASE_COMMANDS } from "../base-image.ts";
import { Podman } from "../clients/podman.ts";
import { Umoci } from "../clients/umoci.ts";
import { missing } from "../missing.ts";
import type { BackendKind } from "./backend.ts";
import { SCENARIOS } from "./scenarios.ts";
import { World } from "./world.ts";

const COMMANDS = [
  "curl",
  "skopeo",
  "buildah",
  ...Podman.commands,
  ...Umoci.commands,
  ...BASE_COMMANDS,
];

/** Declares all scenarios for a backend. One registry serves them all, one after the other. */
export function registrySuite(backend: BackendKind): void {
  const skip = backend.missing || missing(...COMMANDS);
  suite(`wharf serve with ${backend.title}`, { skip }, () => {
    let created: World | undefined;
    const world = (): World => {
      if (created === undefined) throw new Error("the registry is there while tests run");
      return created;
    };
    before(async () => {
      created = await World.create(backend);
    });
    after(async () => {
      await using ended = created;
      ended?.server.assertRunning();
    });

    for (const { title, commands, declare } of SCENARIOS) {
      suite(title, { skip: missing(...commands) }, () => declare(world));
    }
  });
}
