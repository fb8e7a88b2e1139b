import {
  createApplicationToken,
  createOauthToken,
  createOauthTokenFor,
  createRepositoryToken,
  OPERATOR,
} from "@wharf/registry";
import type { MadeSecret } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { oneOf } from "../one-of.ts";
import { adminCommand } from "./admin-command.ts";
import type { AdminRun } from "./admin-command.ts";
import { ROLES } from "./named-one.ts";
import { endTime } from "./time-input.ts";

/** `wharf admin token create`. */
export const tokenCreate = adminCommand(
  {
    verb: "token create",
    summary: "make a token for a user or a repository",
    args: [],
    description: [
      "A token of a user is given to one client in place of the password: it logs in as $app, or as $oauthtoken with --oauth or --application. One of an application has scopes, can be limited to repositories, and is also for the API. A token of a repository opens that repository alone, whoever holds it: it logs in as $token.",
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
      {
        title: "For automation that changes tags of one repository as Alice:",
        command:
          "wharf admin token create --user alice --application 5c2pQ0bVn4 \\\n  --scopes repo:write --repository team/app --title nightly",
      },
    ],
    flags: [
      { name: "user", value: "NAME", help: "The user that it stands for." },
      { name: "oauth", help: "Log in as $oauthtoken." },
      {
        name: "application",
        value: "CLIENT-ID",
        help: "The OAuth application that it belongs to. It must have a --title.",
      },
      {
        name: "scopes",
        value: "SCOPES",
        help: 'What it is for, of what its user may: repo:read, repo:write, repo:admin, repo:create, user:read, user:admin, org:admin, super:user; several as "repo:read user:read". With --application.',
      },
      {
        name: "repository",
        value: "NAME",
        repeatable: true,
        help: "The repository that it opens. With --application: one of those that it is limited to; may be given several times.",
      },
      { name: "role", value: "read|write|admin", help: "How far it opens it. Default: read." },
      { name: "title", value: "TEXT", help: "To tell tokens apart." },
      {
        name: "expires",
        value: "TIME",
        help: "When it ends, such as 90d. Default: never; with --application: accounts.oauthTokenLifetime.",
      },
    ],
  },
  async (run) => {
    const { id, made } = await make(run);
    run.print({ id, user: made.user, token: made.secret }, [
      `name   ${made.user}`,
      `token  ${made.secret}`,
      "",
      "The token is shown only now. It logs in with:",
      `  docker login --username '${made.user}' --password-stdin HOST`,
    ]);
  },
);

interface Made {
  readonly id: string;
  readonly made: Pick<MadeSecret, "user" | "secret">;
}

async function make(run: AdminRun): Promise<Made> {
  const { administration, flags } = run;
  const [user, repository] = [flags.value("user"), flags.value("repository")];
  const application = flags.value("application");
  if (application !== undefined) return makeOfApplication(run, application);
  if (flags.value("scopes") !== undefined) {
    throw new UsageError("scopes are of tokens of applications", "give --application as well");
  }
  const title = flags.value("title") ?? "";
  const secret = { title, expiresAt: endTime(flags, "expires") ?? undefined };
  if (repository !== undefined && user === undefined) {
    if (flags.values("repository").length > 1) {
      throw new UsageError("a token opens one repository", "make one for each");
    }
    const role = oneOf(flags, "role", ROLES) ?? "read";
    const wish = { ...secret, role };
    const made = await createRepositoryToken(administration, OPERATOR, repository, wish);
    return { id: made.uuid, made };
  }
  if (user === undefined || repository !== undefined) {
    throw new UsageError(
      "a token is for a user or for a repository",
      "give --user or --repository; with --application both",
    );
  }
  const create = flags.on("oauth") ? createOauthToken : createApplicationToken;
  const made = await create(administration, OPERATOR, user, secret);
  return { id: made.uuid, made };
}

async function makeOfApplication(
  { administration, flags }: AdminRun,
  clientId: string,
): Promise<Made> {
  const [user, scope] = [flags.value("user"), flags.value("scopes")];
  if (user === undefined || scope === undefined) {
    throw new UsageError(
      "a token of an application acts as a user, within scopes",
      "give --user and --scopes",
    );
  }
  const repositories = flags.values("repository");
  const end = endTime(flags, "expires");
  const place = await administration.needApplication(clientId);
  const { token, secret } = await createOauthTokenFor(administration, OPERATOR, place, {
    user,
    name: flags.value("title") ?? "",
    scope,
    repositories: repositories.length === 0 ? undefined : repositories,
    life: typeof end === "number" ? end - Date.now() : undefined,
  });
  return { id: token.uuid, made: { user: "$oauthtoken", secret } };
}
