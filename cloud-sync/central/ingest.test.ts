import { ingestSuite } from "../../tests/support/ingest-suite.ts";
import { openPglite } from "./database/pglite.ts";

ingestSuite(() => openPglite());
