import { epochSuite } from "../../tests/support/epoch-suite.ts";
import { openPglite } from "./database/pglite.ts";

epochSuite(() => openPglite());
