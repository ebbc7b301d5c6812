import { aggregateSuite } from "../../../tests/support/aggregate-suite.ts";
import { openPglite } from "../database/pglite.ts";

aggregateSuite(() => openPglite());
