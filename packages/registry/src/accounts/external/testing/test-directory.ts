// Long because it is one thing: a whole directory for tests, from its folder to its entries.
import { execFile, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Attribute, Change, Client } from "ldapts";
import type { LdapConfig } from "../../../config/config.ts";
import { makeCertificate } from "../../../http/testing/make-certificate.ts";
import { until } from "../../../testing/test-registry.ts";

const run = promisify(execFile);

const BASE = "dc=example,dc=com";
const ADMIN = `cn=admin,${BASE}`;
const ADMIN_PASSWORD = "admin secret";
const READER = `cn=reader,${BASE}`;
const READER_PASSWORD = "reader (secret)*";
const SCHEMAS = ["core", "cosine", "inetorgperson", "nis"];

/** Why there is no directory for tests on this machine; undefined when there is. */
export function whyNoDirectory(): string | undefined {
  const { error } = spawnSync(binary("slapd"), ["-VV"], { stdio: "ignore" });
  return error === undefined ? undefined : "slapd is not installed";
}

/**
 * Starts OpenLDAP with a folder, a configuration and certificates of its own. It has the users `alice`, `bob`, `carol`
 * (password: `<name> secret`) below `ou=people`, an entry `printer` that is no person, and the groups `devs` (alice,
 * bob), `ops` (carol), `posix` (alice, as memberUid) and `none` (its only member is no user) below `ou=groups`.
 */
export async function startTestDirectory(): Promise<TestDirectory> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-slapd-"));
  try {
    await mkdir(join(folder, "db"));
    // A certificate of its own is its own authority.
    const paths = { certificate: join(folder, "server.pem"), key: join(folder, "server.key") };
    await makeCertificate(paths, "localhost");
    const config = join(folder, "slapd.conf");
    await writeFile(config, slapdConf(folder, paths));
    await writeFile(join(folder, "data.ldif"), LDIF);
    await run(binary("slapadd"), ["-q", "-f", config, "-l", join(folder, "data.ldif")]);
    return await TestDirectory.start(folder, paths.certificate);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

export class TestDirectory implements AsyncDisposable {
  readonly caCertificate: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string, caCertificate: string, ports: readonly [number, number]) {
    this.#folder = folder;
    this.caCertificate = caCertificate;
    [this.port, this.tlsPort] = ports;
  }

  static async start(folder: string, caCertificate: string): Promise<TestDirectory> {
    const directory = new TestDirectory(folder, caCertificate, await freePorts());
    await directory.resume();
    return directory;
  }

  /** As a registry is configured for it. */
  config(changes: Partial<LdapConfig> = {}): LdapConfig {
    return {
      url: `ldap://localhost:${this.port}`,
      startTls: false,
      caCertificate: undefined,
      bind: { dn: READER, password: READER_PASSWORD },
      baseDn: BASE,
      userFilter: "(objectClass=person)",
      usernameAttribute: "uid",
      emailAttribute: "mail",
      subjectAttribute: "entryUUID",
      groupFilter: "(|(objectClass=groupOfNames)(objectClass=posixGroup))",
      memberAttribute: "member",
      memberOfAttribute: undefined,
      createUsers: true,
      createMembers: false,
      syncInterval: 1_800_000,
      timeout: 5000,
      ...changes,
    };
  }

  /** Starts it (again). */
  async resume(): Promise<void> {
    const urls = `ldap://localhost:${this.port} ldaps://localhost:${this.tlsPort}`;
    // -d keeps it in the foreground, a child of this process.
    const args = ["-f", join(this.#folder, "slapd.conf"), "-h", urls, "-d", "0"];
    const started = spawn(binary("slapd"), args, { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = started;
    let log = "";
    started.stderr.on("data", (text: Buffer) => (log = (log + String(text)).slice(-10_000)));
    await until(async () => {
      if (started.exitCode !== null) throw new Error(`slapd did not start:\n${log}`);
      return answers(this.port);
    });
  }

  /** Ends it; what it has stays. */
  async stop(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined || process.exitCode !== null) return;
    const ended = once(process, "exit");
    process.kill("SIGKILL");
    await ended;
  }

  /** Changes entries as its administrator. */
  async change(work: (client: Client) => Promise<void>): Promise<void> {
    const client = new Client({ url: `ldap://localhost:${this.port}`, timeout: 5000 });
    try {
      await client.bind(ADMIN, ADMIN_PASSWORD);
      await work(client);
    } finally {
      await client.unbind();
    }
  }

  async addUser(
    uid: string,
    attributes: Readonly<Record<string, string | string[]>> = {},
  ): Promise<void> {
    await this.change((client) =>
      client.add(userDn(uid), {
        objectClass: ["inetOrgPerson"],
        uid,
        cn: uid,
        sn: uid,
        userPassword: `${uid} secret`,
        ...attributes,
      }),
    );
  }

  async remove(dn: string): Promise<void> {
    await this.change((client) => client.del(dn));
  }

  async set(dn: string, type: string, values: readonly string[]): Promise<void> {
    const modification = new Attribute({ type, values: [...values] });
    await this.change((client) =>
      client.modify(dn, new Change({ operation: "replace", modification })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Name of the entry of a user. */
export function userDn(uid: string): string {
  return `uid=${uid},ou=people,${BASE}`;
}

/** Name of the entry of a group. */
export function groupDn(cn: string): string {
  return `cn=${cn},ou=groups,${BASE}`;
}

/** Debian has it where only root looks. */
function binary(name: string): string {
  return `/usr/sbin/${name}`;
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port); // it listens to TCP
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0] ?? 0, ports[1] ?? 0];
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "localhost");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function slapdConf(
  folder: string,
  { certificate, key }: { readonly certificate: string; readonly key: string },
): string {
  return `
${SCHEMAS.map((name) => `include /etc/ldap/schema/${name}.schema`).join("\n")}
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${folder}/slapd.pid
TLSCertificateFile ${certificate}
TLSCertificateKeyFile ${key}
database mdb
suffix "${BASE}"
rootdn "${ADMIN}"
rootpw "${ADMIN_PASSWORD}"
directory ${folder}/db
maxsize 16777216
dbnosync
sizelimit size.soft=1000 size.hard=unlimited
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${READER}" read by * none
`;
}

function person(uid: string, mail: string): string {
  return `
dn: ${userDn(uid)}
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
mail: ${mail}
userPassword: ${uid} secret
`;
}

function group(cn: string, members: readonly string[]): string {
  return `
dn: ${groupDn(cn)}
objectClass: groupOfNames
cn: ${cn}
${members.map((dn) => `member: ${dn}`).join("\n")}
`;
}

const LDIF = `
dn: ${BASE}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ${READER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: ${READER_PASSWORD}

dn: ou=people,${BASE}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${BASE}
objectClass: organizationalUnit
ou: groups
${person("alice", "alice@example.com")}${person("bob", "bob@example.com")}${person("carol", "carol@example.com")}
dn: uid=printer,ou=people,${BASE}
objectClass: account
objectClass: simpleSecurityObject
uid: printer
userPassword: printer secret
${group("devs", [userDn("alice"), userDn("bob")])}${group("ops", [`UID=carol, OU=People, ${BASE}`])}${group("none", [READER])}
dn: ${groupDn("posix")}
objectClass: posixGroup
cn: posix
gidNumber: 1000
memberUid: alice
`;
