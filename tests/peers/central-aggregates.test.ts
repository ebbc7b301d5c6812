import { afterAll, beforeAll, beforeEach } from "vitest";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { aggregateSuite } from "../support/aggregate-suite.ts";
import { memoryLog } from "../support/manual-clock.ts";
import {
  createPostgres,
  needPostgres,
  type PostgresServer,
  postgresPrograms,
} from "../support/postgres.ts";

let server: PostgresServer | undefined;

beforeAll(async () => {
  const programs = postgresPrograms();
  if (programs !== undefined) server = await createPostgres(programs);
});
beforeEach(({ skip }) => needPostgres(skip));
afterAll(async () => server?.remove());

aggregateSuite(async () =>
  server === undefined ? undefined : openPostgres(server.url, memoryLog().log),
);
