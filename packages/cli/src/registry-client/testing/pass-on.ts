import { type IncomingMessage, request as forward, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

/**
 * Hands a request on to another server of this machine, without credentials, and its answer back.
 *
 * @param behind host and port
 */
export async function passOn(
  behind: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [hostname, port] = behind.split(":");
  const { authorization: _, ...headers } = request.headers;
  const onward = forward({ hostname, port, method: request.method, path: request.url, headers });
  const answered = new Promise<IncomingMessage>((resolve, reject) =>
    onward.once("response", resolve).once("error", reject),
  );
  const [answer] = await Promise.all([answered, pipeline(request, onward)]);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, response);
}
