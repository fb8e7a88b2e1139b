// Exits with 0 when the server in this container answers. It may speak TLS with a certificate for another name.
import { get as getPlain } from "node:http";
import { get as getTls } from "node:https";

const port = process.env.WHARF_SERVER_PORT || 5000;
const isHealthy = (await answers(getPlain, "http")) || (await answers(getTls, "https"));
process.exit(isHealthy ? 0 : 1);

function answers(get, scheme) {
  return new Promise((resolve) => {
    const options = { rejectUnauthorized: false, timeout: 4000 };
    const request = get(`${scheme}://127.0.0.1:${port}/healthz`, options, ({ statusCode }) =>
      resolve(statusCode === 200),
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}
