import type { Samples } from "../sample.ts";

export const discoverySamples: Samples = {
  discovery: { path: "/discovery", granted: /^200$/ },
  getOpenApi: { path: "/openapi.json", granted: /^200$/ },
  getReference: { path: "/reference", granted: /^200$/ },
  getReferenceStyle: { path: "/reference.css", granted: /^200$/ },
  getErrorDescription: { path: "/error/not_found", granted: /^200$/ },
};
