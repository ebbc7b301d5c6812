import { afterAll, beforeAll, beforeEach } from "vitest";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { downSuite } from "../support/down-suite.ts";
import { memoryLog } from "../support/manual-clock.ts";
import {
  createPostgres,
  needPostgres,
  type PostgresServer,
  postgresPrograms,
} from "../support/postgres.ts";

let created: PostgresServer | undefined;

beforeAll(async () => {
  const programs = postgresPrograms();
  if (programs !== undefined) created = await createPostgres(programs);
});
beforeEach(({ skip }) => needPostgres(skip));
afterAll(async () => created?.remove());

downSuite(async () =>
  created === undefined ? undefined : openPostgres(created.url, memoryLog().log),
);
