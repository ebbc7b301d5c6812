import { downSuite } from "../../../tests/support/down-suite.ts";
import { openPglite } from "../database/pglite.ts";

downSuite(() => openPglite());
