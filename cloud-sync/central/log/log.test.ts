import { logSuite } from "../../../tests/support/log-suite.ts";
import { openPglite } from "../database/pglite.ts";

logSuite(() => openPglite());
