import { expect, test } from "vitest";
import { backlogRate } from "./backlog-rate.ts";
import { migrate } from "./database/migrations.ts";
import { openPglite } from "./database/pglite.ts";
import { addGateway } from "./tokens.ts";

test("gateways that catch up share the rate of all; who is done or gone leaves its share to the others", async () => {
  await using database = await openPglite();
  await migrate(database);
  const stands = async (gateway: string, backlog: number, agoS: number) => {
    await addGateway(database, gateway, `token-of-${gateway}`);
    await database.query(
      "UPDATE gateway SET backlog = $2, heads_at = now() - make_interval(secs => $3) WHERE gateway = $1",
      [gateway, backlog, agoS],
    );
  };
  const all = { backlogRowsPerSecondOfAll: 9_000 };
  expect(await backlogRate(database, all)).toBe(9_000);
  await stands("one", 1_000_000, 1);
  await stands("two", 5_000, 60);
  await stands("three", 5_000, 10);
  await stands("live", 100, 1);
  await stands("gone", 1_000_000, 200);
  expect(await backlogRate(database, all)).toBe(3_000);
  await stands("two", 0, 1);
  expect(await backlogRate(database, all)).toBe(4_500);
  expect(await backlogRate(database, { ...all, backlogRowsPerSecond: 2_000 })).toBe(2_000);
  expect(await backlogRate(database, { backlogRowsPerSecondOfAll: 1 })).toBe(1);
});

test("without a rate of all each gateway has its own, or none", async () => {
  const silent = {
    query: () => Promise.reject(new Error("asked")),
    copyIn: () => Promise.resolve(),
  };
  expect(await backlogRate(silent, { backlogRowsPerSecond: 50 })).toBe(50);
  expect(await backlogRate(silent, {})).toBeUndefined();
});
