import { timeIngestSuite } from "../../tests/support/time-ingest-suite.ts";
import { openPglite } from "./database/pglite.ts";

timeIngestSuite(() => openPglite());
