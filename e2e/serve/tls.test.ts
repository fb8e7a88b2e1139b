import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, suite, test } from "node:test";

import { curl, curlEnding } from "../clients/curl.ts";
import { Docker } from "../clients/docker.ts";
import { Podman } from "../clients/podman.ts";
import { WharfServer, type Login } from "../clients/wharf-server.ts";
import { run, shell } from "../command.ts";
import { missing } from "../missing.ts";
import { Scratch } from "../scratch.ts";
import { writeSmallContext } from "./small-image.ts";

suite(
  "wharf serve with TLS",
  { skip: missing("curl", "openssl", "skopeo", "buildah", ...Podman.commands) },
  () => {
    const resources = new AsyncDisposableStack();
    let scratch: Scratch;
    let server: WharfServer;
    let admin: Login;
    /** Of the authority that clients trust. */
    let trusted: string;

    before(async () => {
      scratch = resources.use(await Scratch.create());
      await mkdir(scratch.at("certs"));
      trusted = scratch.at("certs/ca.crt");
      await shell(
        `cd "$1"; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority -keyout ca.key -out certs/ca.crt 2>&1`,
        [scratch.path],
      );
      await issue("first");
      server = resources.use(
        await WharfServer.start({
          server: { tls: { certificate: scratch.at("cert.pem"), key: scratch.at("key.pem") } },
        }),
      );
      ({ admin } = server);
    });
    after(() => resources.disposeAsync());

    test("curl, skopeo and podman trust its certificate, and nobody else's", async () => {
      await using podman = await Podman.create();
      await writeSmallContext(scratch.at("context"), { text: "for TLS" });
      await podman.buildah("bud", "--layers", "--tag=localhost/tls:1", scratch.at("context"));
      const image = `docker://${server.host}/admin/tls:1`;
      const creds = `${admin.name}:${admin.password}`;
      const flags = ["--creds", creds, `--cert-dir=${scratch.at("certs")}`];
      await podman.buildah("push", "--quiet", ...flags, "localhost/tls:1", image);
      await podman.skopeo("inspect", ...flags, image);
      await podman.run("pull", "--quiet", ...flags, `${image}.squash`);
      await assert.rejects(podman.skopeo("inspect", "--creds", creds, image), /certificate/);
      const url = `${server.urlFor(admin)}/c1/squash/admin/tls/1`;
      await curl("--cacert", trusted, "--output", scratch.at("tls.tar"), url);
      const names = await run("tar", ["-xOf", scratch.at("tls.tar"), "manifest.json"]);
      assert.ok(names.includes(`${server.host}/admin/tls:1.squash`));
      assert.equal((await curlEnding(url)).code, 60); // the certificate is not trusted
      assert.notEqual((await curlEnding(url.replace("https:", "http:"))).code, 0);
    });

    test(
      "docker login, with the certificate where Docker looks for it",
      {
        skip: missing(...Docker.commands),
      },
      async () => {
        // Docker trusts every certificate of the loopback interface, so this shows only that it speaks TLS.
        await using docker = await Docker.start();
        assert.match(await docker.login(server.host, admin), /Login Succeeded/);
        await docker.run("pull", "--quiet", `${server.host}/admin/tls:1.squash`);
      },
    );

    test("a new certificate is taken at SIGHUP, while a download goes on; a broken one is not", async () => {
      assert.match(await certificateName(), /CN ?= ?first/);
      const url = `${server.urlFor(admin)}/c1/squash/admin/tls/1`;
      const download = curl(
        "--cacert",
        trusted,
        "--limit-rate",
        "6k",
        "--output",
        scratch.at("slow.tar"),
        url,
      );
      await issue("second");
      server.signal("SIGHUP");
      await becomes(/CN ?= ?second/);
      await download;
      await run("cmp", [scratch.at("tls.tar"), scratch.at("slow.tar")]);
      await shell(`echo broken >"$1"`, [scratch.at("cert.pem")]);
      server.signal("SIGHUP");
      while (!server.log.includes("cannot be used")) await certificateName();
      assert.match(await certificateName(), /CN ?= ?second/);
      await issue("third");
      server.signal("SIGHUP");
      await becomes(/CN ?= ?third/);
      assert.equal(await server.end("SIGTERM"), 0);
    });

    /** Makes the certificate that the server has. */
    async function issue(name: string): Promise<void> {
      const line = `
        cd "$1"
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout key.new -out request.pem
        openssl x509 -req -in request.pem -CA certs/ca.crt -CAkey ca.key -CAcreateserial -days 1 -out cert.new \\
          -extfile <(echo subjectAltName=IP:127.0.0.1,DNS:localhost)
        mv key.new key.pem
        mv cert.new cert.pem`;
      await shell(`(${line}) 2>&1`, [scratch.path, name]);
    }

    async function becomes(name: RegExp): Promise<void> {
      while (!name.test(await certificateName()));
    }

    /** Of the certificate that a new connection gets. */
    function certificateName(): Promise<string> {
      const line = `openssl s_client -connect "$1" </dev/null 2>/dev/null | openssl x509 -noout -subject`;
      return shell(line, [server.host]);
    }
  },
);
