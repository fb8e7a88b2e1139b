import { terminalWidth } from "../../output/terminal-width.ts";
import { textTable } from "../../output/text-table.ts";
import { adminCommand } from "./admin-command.ts";
import { allPages } from "./all-pages.ts";

/** `wharf admin repository list`. */
export const repositoryList = adminCommand(
  {
    verb: "repository list",
    summary: "list the repositories",
    args: [],
    examples: [
      { title: "Those of a team:", command: "wharf admin repository list --namespace team" },
      {
        title: "Which can be pulled by everybody?",
        command: "wharf admin repository list | grep -w public",
      },
    ],
    flags: [{ name: "namespace", value: "NAME", help: "Only those of this user or organization." }],
  },
  async ({ administration, flags, context, print }) => {
    const namespace = flags.value("namespace");
    const found = await allPages((page) =>
      administration.listRepositories({
        ...page,
        ...(namespace === undefined ? {} : { namespace }),
      }),
    );
    const repositories = found.map(({ name, visibility, state, description }) => ({
      name,
      visibility,
      state,
      description,
    }));
    print(
      { repositories },
      textTable(
        [
          { title: "NAME", align: "left" },
          { title: "VISIBILITY", align: "left" },
          { title: "STATE", align: "left" },
          { title: "DESCRIPTION", align: "left" },
        ],
        repositories.map((one) => [one.name, one.visibility, one.state, one.description]),
        terminalWidth(context.stdout),
      ),
    );
  },
);
