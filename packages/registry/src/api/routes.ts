import type { ApiRoute } from "./api-route.ts";
import { discoveryRoutes } from "./routes/discovery.ts";

/** Every endpoint that is served, by features. */
export const ROUTES: readonly ApiRoute[] = [...discoveryRoutes];
