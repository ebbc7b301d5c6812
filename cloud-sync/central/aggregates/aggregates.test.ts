import { aggregateSuite } from "../../../tests/support/aggregate-suite.ts";
import { historySuite } from "../../../tests/support/history-suite.ts";
import { openPglite } from "../database/pglite.ts";

aggregateSuite(() => openPglite());
historySuite(() => openPglite());
