import { expect, test } from "vitest";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { openPglite } from "./database/pglite.ts";
import { DatabaseLink, databaseAnswerMsMax } from "./database-link.ts";

test("a database that hangs is an outage to agents until it answers, and the loop's silence shows it to the watchdog", async () => {
  const database = await openPglite();
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  let release: (() => void) | undefined;
  let hangs = false;
  const open = async () => ({
    ...database,
    query: async (sql: string, values?: readonly unknown[]) => {
      if (hangs) await new Promise<void>((resolve) => (release = resolve));
      return database.query(sql, values);
    },
  });
  await using link = new DatabaseLink(open, clock, log);
  await link.step();
  expect(await link.use(async () => "well")).toBe("well");
  const { steppedAt } = link;
  hangs = true;
  const stepping = link.step();
  await clock.advance(databaseAnswerMsMax);
  expect(link.up).toBe(false);
  await expect(link.use(async () => "well")).rejects.toMatchObject({ code: "central/database" });
  expect(link.steppedAt).toBe(steppedAt);
  hangs = false;
  release?.();
  await stepping;
  expect(link.up).toBe(true);
  expect(await link.use(async () => "well")).toBe("well");
  expect(entries.map(({ event }) => event)).toEqual(["database is gone", "database is back"]);
}, 180_000);
