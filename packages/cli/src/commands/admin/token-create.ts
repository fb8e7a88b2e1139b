import {
  createApplicationToken,
  createOauthToken,
  createRepositoryToken,
  OPERATOR,
  parseDuration,
} from "@wharf/registry";

import type { ParsedFlags } from "../../parse-flags.ts";
import { UsageError } from "../../usage-error.ts";
import { oneOf } from "../one-of.ts";
import { adminCommand } from "./admin-command.ts";

/** `wharf admin token create`. */
export const tokenCreate = adminCommand(
  {
    verb: "token create",
    summary: "make a token for a user or a repository",
    args: [],
    description: [
      "A token of a user is given to one client in place of the password: it logs in as $app, or as $oauthtoken with --oauth. A token of a repository opens that repository alone, whoever holds it: it logs in as $token.",
    ],
    examples: [
      {
        title: "For Alice's laptop:",
        command: "wharf admin token create --user alice --title laptop --expires 90d",
      },
      {
        title: "For whoever shall pull one image:",
        command: "wharf admin token create --repository team/app --role read",
      },
    ],
    flags: [
      { name: "user", value: "NAME", help: "The user that it stands for." },
      { name: "oauth", help: "Log in as $oauthtoken." },
      { name: "repository", value: "NAME", help: "The repository that it opens." },
      { name: "role", value: "read|write|admin", help: "How far it opens it. Default: read." },
      { name: "title", value: "TEXT", help: "To tell tokens apart." },
      { name: "expires", value: "TIME", help: "When it ends, such as 90d. Default: never." },
    ],
  },
  async ({ administration, flags, print }) => {
    const [user, repository] = [flags.value("user"), flags.value("repository")];
    const secret = { title: flags.value("title") ?? "", expiresAt: expiryOf(flags) };
    const role = oneOf(flags, "role", ["read", "write", "admin"]) ?? "read";
    if ((user === undefined) === (repository === undefined)) {
      throw new UsageError(
        "a token is for a user or for a repository",
        "give --user or --repository",
      );
    }
    const made =
      repository !== undefined
        ? await createRepositoryToken(administration, OPERATOR, repository, { ...secret, role })
        : flags.on("oauth")
          ? await createOauthToken(administration, OPERATOR, user ?? "", secret)
          : await createApplicationToken(administration, OPERATOR, user ?? "", secret);
    print({ user: made.user, token: made.secret }, [
      `name   ${made.user}`,
      `token  ${made.secret}`,
      "",
      "The token is shown only now. It logs in with:",
      `  docker login --username '${made.user}' --password-stdin HOST`,
    ]);
  },
);

function expiryOf(flags: ParsedFlags): number | undefined {
  const text = flags.value("expires");
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration !== undefined && duration > 0) return Date.now() + duration;
  throw new UsageError(`--expires ${JSON.stringify(text)} is no time`, "write it like 12h or 90d");
}
