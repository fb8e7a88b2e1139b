import { UsageError } from "../../usage-error.ts";

/** @throws {UsageError} when it is not `NAMESPACE+NAME` */
export function robotParts(text: string): { readonly namespace: string; readonly short: string } {
  const [namespace = "", short = "", ...rest] = text.split("+");
  if (namespace !== "" && short !== "" && rest.length === 0) return { namespace, short };
  throw new UsageError(
    `${JSON.stringify(text)} is no name of a robot`,
    "write NAMESPACE+NAME, such as team+deploy",
  );
}

/** What is printed with a new token. */
export function tokenLines(name: string, token: string): string[] {
  return [
    `name   ${name}`,
    `token  ${token}`,
    "",
    "The token is shown only now. It logs in with:",
    `  docker login --username ${name} --password-stdin HOST`,
  ];
}
