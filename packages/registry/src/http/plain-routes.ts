import { metricsRoutes } from "./pages/metrics.ts";
import { searchRoutes } from "./pages/search.ts";
import type { PlainRoute } from "./plain-route.ts";

/** Every page and document outside of `/v2`, `/c1` and `/api/v1`, but health. */
export const PLAIN_ROUTES: readonly PlainRoute[] = [...metricsRoutes, ...searchRoutes];
