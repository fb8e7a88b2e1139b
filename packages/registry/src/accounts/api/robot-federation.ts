import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { listFederatedIdentities, setFederatedIdentities } from "../robots/robot-federation.ts";
import type { FederatedIdentity } from "../robots/robot-federation.ts";
import { placeOf } from "./robots.ts";
import type { AskedOfRobot } from "./robots.ts";

export const robotFederationRoutes: readonly ApiRoute[] = [
  serve(endpoints.getOrgRobotFederation, (asked) => list(asked)),
  serve(endpoints.getUserRobotFederation, (asked) => list(asked)),
  serve(endpoints.createOrgRobotFederation, (asked) => set(asked, asked.body)),
  serve(endpoints.createUserRobotFederation, (asked) => set(asked, asked.body)),
  serve(endpoints.deleteOrgRobotFederation, (asked) => clear(asked)),
  serve(endpoints.deleteUserRobotFederation, (asked) => clear(asked)),
];

async function list(asked: AskedOfRobot): Promise<FederatedIdentity[]> {
  const { context, actor } = asked;
  return listFederatedIdentities(context.accounts.administration, actor, placeOf(asked));
}

async function set(
  asked: AskedOfRobot,
  identities: readonly FederatedIdentity[],
): Promise<FederatedIdentity[]> {
  const { context, actor } = asked;
  const { administration } = context.accounts;
  await setFederatedIdentities(administration, actor, placeOf(asked), identities);
  return [...identities];
}

async function clear(asked: AskedOfRobot): Promise<undefined> {
  const { context, actor } = asked;
  await setFederatedIdentities(context.accounts.administration, actor, placeOf(asked), []);
}
