import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NetworkSite, tallies } from "../support/network/network-site.ts";
import { needPostgres, postgresPrograms } from "../support/postgres.ts";

test("central restored from a dump of yesterday, the agent running on: every row once", async (context) => {
  needPostgres(context.skip);
  await using site = await NetworkSite.begin();
  const { url } = site.postgres;
  const run = (name: string, ...args: readonly string[]) =>
    execFileSync(join(postgresPrograms() ?? "", name), [...args, "-d", url], { stdio: "pipe" });
  const dump = join(site.folder, "yesterday.dump");
  const first = await site.central();
  const gateway = await site.site("restored");
  gateway.write(100, 2, 5);
  site.keep(gateway.agent({ central: first.address }));
  await site.exactlyOnce(gateway);
  run("pg_dump", "-Fc", "-f", dump);
  gateway.write(100, 2, 5);
  await site.exactlyOnce(gateway);
  await first.kill("SIGTERM");
  gateway.write(100, 2, 5);
  run("pg_restore", "--clean", "--if-exists", dump);
  expect((await tallies(site.database, gateway.id)).samples.rows, "the dump is older").toBe(500);
  const again = await site.central(undefined, first.address.replace("http://", ""));
  await site.exactlyOnce(gateway);
  await again.kill("SIGTERM");
});
