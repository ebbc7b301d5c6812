import { stockIngestSuite } from "../../tests/support/stock-ingest-suite.ts";
import { openPglite } from "./database/pglite.ts";

stockIngestSuite(() => openPglite());
