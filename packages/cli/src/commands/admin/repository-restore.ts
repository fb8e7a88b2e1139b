import { OPERATOR, restoreRepository } from "@wharf/registry";
import type { OpenAdministration } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";
import { deletedRepositories } from "./deleted-repositories.ts";

/** `wharf admin repository restore`. */
export const repositoryRestore = adminCommand(
  {
    verb: "repository restore",
    summary: "restore a deleted repository with all it had",
    args: ["REPOSITORY|ID"],
    description: [
      "Of several that had the same name, the name means the one that was deleted last; wharf admin repository deleted tells the ids of all.",
    ],
    examples: [
      { title: "It was deleted by mistake:", command: "wharf admin repository restore team/app" },
      {
        title: "Somebody has taken its name meanwhile:",
        command: "wharf admin repository restore team/app --name app-before",
      },
    ],
    flags: [
      { name: "name", value: "NAME", help: "What it is called from now on, in its namespace." },
    ],
  },
  async ({ administration, args: [text = ""], flags, print }) => {
    const id = /^\d{1,15}$/.test(text) ? Number(text) : await idOf(administration, text);
    const name = flags.value("name");
    const restored = await restoreRepository(administration, OPERATOR, id, name);
    print({ id, name: restored.name, visibility: restored.visibility, state: restored.state }, [
      `Repository ${restored.name} is restored.`,
    ]);
  },
);

async function idOf(administration: OpenAdministration, name: string): Promise<number> {
  const namespace = name.slice(0, Math.max(0, name.indexOf("/")));
  if (namespace === "") {
    throw new UsageError(
      `${JSON.stringify(name)} is neither a repository nor an id`,
      'see "wharf admin repository deleted --help"',
    );
  }
  const deleted = await deletedRepositories(administration, namespace);
  // Id 0 is never given, so the use case says that there is none.
  return deleted.find((one) => one.name === name)?.id ?? 0;
}
