import { csrfTokenRoutes } from "../accounts/pages/csrf-token.ts";
import { mailLinkRoutes } from "../accounts/pages/mail-links.ts";
import { externalLoginRoutes } from "../accounts/external/oidc/callback-routes.ts";
import { exportedLogsRoutes } from "../audit/export/exported-logs.ts";
import { metricsRoutes } from "./pages/metrics.ts";
import { searchRoutes } from "./pages/search.ts";
import { oauthRoutes } from "./pages/oauth.ts";
import { robotFederationRoutes } from "./pages/robot-federation.ts";
import type { PlainRoute } from "./plain-route.ts";

/** Every page and document outside of `/v2`, `/c1` and `/api/v1`, but health. */
export const PLAIN_ROUTES: readonly PlainRoute[] = [
  ...csrfTokenRoutes,
  ...mailLinkRoutes,
  ...externalLoginRoutes,
  ...exportedLogsRoutes,
  ...metricsRoutes,
  ...oauthRoutes,
  ...robotFederationRoutes,
  ...searchRoutes,
];
