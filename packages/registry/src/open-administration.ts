import { Accounts } from "./accounts/accounts.ts";
import { OPERATOR, unknownRepository } from "./accounts/admin/actor.ts";
import { needAccount } from "./accounts/admin/administration.ts";
import type { Administration } from "./accounts/admin/administration.ts";
import type { AccountRow } from "./accounts/account-store.ts";
import { publicFacts } from "./accounts/oauth/application-facts.ts";
import type { ApplicationPlace } from "./accounts/oauth/applications.ts";
import type { AccountPrincipal } from "./accounts/principal.ts";
import type { Config } from "./config/config.ts";
import { openDatabase } from "./database/open-database.ts";
import { GarbageCollector } from "./garbage/garbage-collector.ts";
import type { CollectionReport } from "./garbage/collection-report.ts";
import type { CollectOptions } from "./garbage/garbage-collector.ts";
import type { Logger } from "./log.ts";
import type { FindRepository } from "./repositories/find-repository.ts";
import { listRepositories } from "./repositories/list-repositories.ts";
import type { ListedRepository, RepositoryPage } from "./repositories/list-repositories.ts";
import type { Repository } from "./repositories/repository.ts";
import { openBlobStore } from "./storage/open-blob-store.ts";

/** What `wharf admin` works with: the database and storage of a server, which may be running meanwhile. */
export interface OpenAdministration extends Administration, AsyncDisposable {
  readonly findRepository: FindRepository;
  /** @throws {RegistryError} `NAME_UNKNOWN`, 404 */
  needRepository(name: string): Promise<Repository>;
  /** A user or organization. @throws {RegistryError} 404 */
  needNamespace(name: string): Promise<AccountRow>;
  /** Where an OAuth application is. @throws {RegistryError} `NOT_FOUND` */
  needApplication(clientId: string): Promise<ApplicationPlace>;
  /** All repositories, by name. */
  listRepositories(page: RepositoryPage): Promise<ListedRepository[]>;
  /** As {@link GarbageCollector.collect}. */
  collectGarbage(options: CollectOptions): Promise<CollectionReport>;
}

/** Opens the database of the configuration; the blob store only when it is needed. */
export async function openAdministration(config: Config, log: Logger): Promise<OpenAdministration> {
  const database = await openDatabase(config.database);
  const { administration } = new Accounts({ database, config, log });
  return {
    ...administration,
    async needRepository(name) {
      // No name has other characters, and PostgreSQL takes no NUL.
      const isName = /^[a-z0-9._/-]{1,255}$/.test(name);
      const repository = isName ? await administration.findRepository(name) : undefined;
      if (repository === undefined) throw unknownRepository(name.slice(0, 255));
      return repository;
    },
    needNamespace: (name) => needAccount(administration, name, ["user", "organization"]),
    async needApplication(clientId) {
      const { organization } = await publicFacts(administration, OPERATOR, clientId);
      return { organization: organization.name, clientId };
    },
    listRepositories: (page) => listRepositories(administration, EVERYTHING, page),
    async collectGarbage(options) {
      await using store = await openBlobStore(config.storage);
      return await new GarbageCollector({ database, store, config, log }).collect(options);
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** Who may run `wharf admin` on the machine sees what a superuser sees. No account has this id. */
const EVERYTHING: AccountPrincipal = Object.freeze({
  kind: "account",
  accountId: 0,
  name: "",
  isRobot: false,
  isSuperuser: true,
});
