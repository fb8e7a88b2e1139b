import { z } from "zod";
import { endpoint } from "../endpoint.ts";

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
