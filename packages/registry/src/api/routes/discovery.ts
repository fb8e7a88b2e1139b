import { endpoints } from "@wharf/contract";
import { ERRORS } from "../../http/error-table.ts";
import type { ErrorCode } from "../../http/error-table.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { serve } from "../api-route.ts";
import type { ApiRoute } from "../api-route.ts";
import { problemType } from "../problem-answer.ts";

export const discoveryRoutes: readonly ApiRoute[] = [
  serve(endpoints.getErrorDescription, async ({ exchange, path: { error_type: type } }) => {
    const codes = (Object.keys(ERRORS) as ErrorCode[]).filter(
      (code) => problemType(code, ERRORS[code].status) === type,
    );
    if (codes.length === 0) throw new RegistryError("NOT_FOUND", "there is no such type of error");
    return {
      type: `${exchange.origin}/api/v1/error/${type}`,
      title: type,
      description: codes.map((code) => ERRORS[code].meaning).join(" "),
    };
  }),
];
