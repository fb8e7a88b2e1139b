import { accountRoutes } from "../accounts/api/account.ts";
import { appTokenRoutes } from "../accounts/api/app-tokens.ts";
import { externalLoginApiRoutes } from "../accounts/api/external-logins.ts";
import { sessionRoutes } from "../accounts/api/sessions.ts";
import { userRoutes } from "../accounts/api/users.ts";
import { messageRoutes } from "../messages/api/messages.ts";
import { notificationRoutes } from "../notifications/api/notifications.ts";
import { entityRoutes } from "../accounts/api/entities.ts";
import { organizationRoutes } from "../accounts/api/organizations.ts";
import { permissionRoutes } from "../accounts/api/permissions.ts";
import { prototypeRoutes } from "../accounts/api/prototypes.ts";
import { repositoryTokenRoutes } from "../accounts/api/repository-tokens.ts";
import { superuserOrganizationRoutes } from "../accounts/api/superuser-organizations.ts";
import { teamRoutes } from "../accounts/api/teams.ts";
import { applicationTokenRoutes } from "../accounts/api/application-tokens.ts";
import { applicationRoutes } from "../accounts/api/applications.ts";
import { authorizationRoutes } from "../accounts/api/authorizations.ts";
import { robotFederationRoutes } from "../accounts/api/robot-federation.ts";
import { robotTokenRoutes } from "../accounts/api/robot-tokens.ts";
import { robotRoutes } from "../accounts/api/robots.ts";
import { logRoutes } from "../audit/api/logs.ts";
import { quotaRoutes } from "../quotas/api/quotas.ts";
import { repositoryRoutes } from "../repositories/api/repositories.ts";
import { searchRoutes } from "../repositories/api/search.ts";
import { starRoutes } from "../repositories/api/stars.ts";
import { compareRoutes } from "../compare/api/compare.ts";
import { fileRoutes } from "../compare/api/files.ts";
import { labelRoutes } from "../repositories/labels/api/labels.ts";
import { manifestRoutes } from "../repositories/manifests/api/manifests.ts";
import { pullStatisticsRoutes } from "../usage/api/pull-statistics.ts";
import { policyRoutes } from "../repositories/policies/api/policies.ts";
import { tagRoutes } from "../repositories/tags/api/tags.ts";
import { timeMachineRoutes } from "../repositories/time-machine/api/time-machine.ts";
import type { ApiRoute } from "./api-route.ts";
import { discoveryRoutes } from "./routes/discovery.ts";

/** Every endpoint that is served, by features. */
export const ROUTES: readonly ApiRoute[] = [
  ...accountRoutes,
  ...appTokenRoutes,
  ...externalLoginApiRoutes,
  ...sessionRoutes,
  ...userRoutes,
  ...messageRoutes,
  ...notificationRoutes,
  ...entityRoutes,
  ...organizationRoutes,
  ...permissionRoutes,
  ...prototypeRoutes,
  ...repositoryTokenRoutes,
  ...superuserOrganizationRoutes,
  ...teamRoutes,
  ...compareRoutes,
  ...fileRoutes,
  ...labelRoutes,
  ...logRoutes,
  ...manifestRoutes,
  ...quotaRoutes,
  ...repositoryRoutes,
  ...searchRoutes,
  ...starRoutes,
  ...pullStatisticsRoutes,
  ...discoveryRoutes,
  ...policyRoutes,
  ...tagRoutes,
  ...timeMachineRoutes,
  ...applicationRoutes,
  ...applicationTokenRoutes,
  ...authorizationRoutes,
  ...robotRoutes,
  ...robotTokenRoutes,
  ...robotFederationRoutes,
];
