import { biSuite } from "../../../tests/support/bi-suite.ts";
import { openPglite } from "../database/pglite.ts";

biSuite(() => openPglite());
