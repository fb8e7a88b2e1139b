import { EMBEDDED } from "./embedded-backend.ts";
import { registrySuite } from "./registry-suite.ts";

registrySuite(EMBEDDED);
