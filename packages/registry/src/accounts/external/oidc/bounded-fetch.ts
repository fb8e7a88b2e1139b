import type { CustomFetch } from "openid-client";

/** Bytes of an answer: documents, keys and tokens of services are some kilobytes. */
const LONGEST = 1024 * 1024;

/** Fetches from a configured service: follows no redirects, and takes an answer of a megabyte at most. */
export const boundedFetch: CustomFetch = async (url, options) => {
  // The library's options have what fetch takes; only its type of a body knows one kind more.
  const response = await fetch(url, { ...(options as RequestInit), redirect: "manual" });
  const { status, statusText, headers, body } = response;
  const bytes = body === null ? null : await readBounded(body, url);
  return new Response(bytes, { status, statusText, headers });
};

async function readBounded(
  body: ReadableStream<Uint8Array>,
  url: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > LONGEST) throw new Error(`the answer of ${url} is longer than ${LONGEST} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
