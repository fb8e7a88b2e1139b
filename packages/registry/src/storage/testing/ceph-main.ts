// `node ceph-main.ts [FOLDER]`: an S3 server for tests by hand. Prints its address and keys as one line of JSON, and
// runs until SIGTERM or SIGINT. The folder is removed at the end.
import { startCeph, whyNoCeph } from "./ceph.ts";

const missing = whyNoCeph();
if (missing !== false) {
  console.error(missing);
  process.exit(1);
}
console.log(JSON.stringify(await startCeph(process.argv[2])));
const stayAlive = setInterval(() => undefined, 1 << 30);
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => clearInterval(stayAlive));
