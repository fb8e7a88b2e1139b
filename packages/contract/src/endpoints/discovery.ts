import { z } from "zod";
import { endpoint } from "../endpoint.ts";

export const discovery = endpoint({
  id: "discovery",
  method: "GET",
  path: "/api/v1/discovery",
  section: "discovery",
  summary: "Describe the API as Quay does, in Swagger 2.0.",
  right: "anybody",
  status: 200,
  answer: z.record(z.string(), z.unknown()),
  quay: "same",
});

export const getOpenApi = endpoint({
  id: "getOpenApi",
  method: "GET",
  path: "/api/v1/openapi.json",
  section: "discovery",
  summary: "Describe the API in OpenAPI 3.1.",
  right: "anybody",
  status: 200,
  answer: z.record(z.string(), z.unknown()),
  quay: "new: Quay has Swagger 2.0 alone",
});

export const getReference = endpoint({
  id: "getReference",
  method: "GET",
  path: "/api/v1/reference",
  section: "discovery",
  summary: "Show this page.",
  right: "anybody",
  status: 200,
  content: ["text/html"],
  quay: "new: Quay's reference lies elsewhere",
});

export const getReferenceStyle = endpoint({
  id: "getReferenceStyle",
  method: "GET",
  path: "/api/v1/reference.css",
  section: "discovery",
  summary: "Give the style of the reference page.",
  right: "anybody",
  status: 200,
  content: ["text/css"],
  quay: "new: part of the reference page",
});

export const getErrorDescription = endpoint({
  id: "getErrorDescription",
  method: "GET",
  path: "/api/v1/error/{error_type}",
  section: "discovery",
  summary: "Tell what a type of error means.",
  right: "anybody",
  status: 200,
  answer: z.object({ type: z.string(), title: z.string(), description: z.string() }),
  quay: "same",
});
