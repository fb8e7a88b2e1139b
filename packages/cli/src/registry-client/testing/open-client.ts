import { parseImageName } from "../../transports/image-name.ts";
import { RegistryClient, type RegistryOptions } from "../registry-client.ts";
import { LOGGED_OUT } from "./login.ts";

/** Opens a client that loses no time: it tries three times without a pause. */
export async function openClient(
  name: string,
  options: Partial<RegistryOptions> = {},
): Promise<RegistryClient> {
  const { host, repository } = parseImageName(name);
  return await RegistryClient.open(host, repository, {
    env: LOGGED_OUT,
    retry: { attempts: 3, firstDelay: 0, longestDelay: 0 },
    ...options,
  });
}
