/** Names of query parameters whose values open something: tokens, passwords, signatures of presigned URLs. */
const SECRET_PARAMETER =
  /(?:token|password|passwd|secret|signature|credential|authorization|api[_-]?key|access[_-]?key|^key$|^sig$|^code$|^_state$)/i;

/**
 * A URL, or the path and query of one, as it may stand in a log: without user and password, and without the values of
 * query parameters that open something. Anything else stays byte for byte.
 */
export function safeUrl(url: string): string {
  const mark = url.indexOf("?");
  if (mark < 0) return withoutUser(url);
  const query = url
    .slice(mark + 1)
    .split("&")
    .map((pair) => safePair(pair))
    .join("&");
  return `${withoutUser(url.slice(0, mark))}?${query}`;
}

/** Any text, with each URL in it made safe; for messages of errors. */
export function safeText(text: string): string {
  if (!text.includes("://") && !text.includes("?")) return text;
  return text.replace(/[^\s"'<>]*(?::\/\/|\?)[^\s"'<>]*/g, (url) => safeUrl(url));
}

function withoutUser(url: string): string {
  if (!url.includes("@")) return url;
  return url.replace(/^([^/?#]*:\/\/)[^/?#]*@/, "$1");
}

function safePair(pair: string): string {
  const equals = pair.indexOf("=");
  if (equals < 0) return pair;
  const name = pair.slice(0, equals);
  return SECRET_PARAMETER.test(decoded(name)) ? `${name}=***` : pair;
}

/** The name as the server reads it, so that `to%6ben` hides nothing. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return name;
  }
}
