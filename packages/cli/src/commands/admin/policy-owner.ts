import type { OpenAdministration, PolicyOwner } from "@wharf/registry";

/** What says where a policy stands: a repository has a slash, a namespace has none. */
export const POLICY_PLACE = "NAMESPACE|REPOSITORY";

/** @throws {RegistryError} 404 when there is no such namespace or repository */
export async function policyOwner(
  administration: OpenAdministration,
  name: string,
): Promise<PolicyOwner> {
  if (name.includes("/")) {
    return { kind: "repository", repository: await administration.needRepository(name) };
  }
  const account = await administration.needNamespace(name);
  return { kind: account.kind === "user" ? "user" : "organization", account };
}
