import { POSTGRES_CEPH } from "./postgres-ceph-backend.ts";
import { registrySuite } from "./registry-suite.ts";

registrySuite(POSTGRES_CEPH);
