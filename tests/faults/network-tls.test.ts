import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { needPrograms } from "../support/need-program.ts";
import { FaultyRoad, type Identity, pass } from "../support/network/faulty-road.ts";
import { NetworkSite } from "../support/network/network-site.ts";
import { processFigures } from "../support/network/process-figures.ts";
import { needPostgres } from "../support/postgres.ts";

const fixture = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url)), "utf8");

/** A certificate for `localhost` that nobody else signed, begun at a day as `date` understands it and good for one. */
function selfSigned(folder: string, name: string, day: string): Identity {
  const key = join(folder, `${name}.key`);
  const cert = join(folder, `${name}.pem`);
  const of = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "1"];
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const to = ["-keyout", key, "-out", cert];
  execFileSync("faketime", [day, "openssl", "req", "-x509", ...ec, ...to, ...of], {
    stdio: "ignore",
  });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

test("wrong name, expired, signed by itself: no token leaves, each is said once with its reason; then every row once", async (context) => {
  needPostgres(context.skip);
  needPrograms(context, "openssl", "faketime");
  await using site = await NetworkSite.begin();
  const { address } = await site.central();
  const expired = selfSigned(site.folder, "expired", "2024-01-01");
  const own = selfSigned(site.folder, "own", "-1 hour");
  const right = { key: fixture("localhost.key"), cert: fixture("localhost.pem") };
  const other = { key: fixture("other-name.key"), cert: fixture("other-name.pem") };
  // The agent trusts the one that expired, so that only its age is wrong.
  const caFile = join(site.folder, "trusted.pem");
  writeFileSync(caFile, `${fixture("authority.pem")}\n${expired.cert}`);
  await using road = new FaultyRoad({ target: () => address, tls: right });
  await road.open();
  const gateway = await site.site("gw-1");
  const agent = site.keep(gateway.agent({ central: road.address, caFile }));
  gateway.write(40);
  await site.exactlyOnce(gateway);
  const { files } = processFigures(agent.pid);
  const told = () => agent.lines.filter(({ code }) => code === "sync/certificate");
  const reasons = [
    [other, /altnames|does not match/i],
    [expired, /expired/],
    [own, /self-signed/],
  ] as const;
  for (const [index, [identity, reason]] of reasons.entries()) {
    road.identify(identity);
    road.cut();
    road.turn(pass);
    gateway.write(40);
    await expect.poll(() => told().length, { timeout: 30_000 }).toBe(index + 1);
    expect(told().at(-1)).toMatchObject({
      message: expect.stringMatching(reason),
      todo: expect.any(String),
    });
    expect(road.met, "nothing is asked of who cannot prove to be central").toBe(0);
    road.identify(right);
    road.cut();
    await site.exactlyOnce(gateway);
  }
  expect(told().length).toBe(reasons.length);
  await expect
    .poll(() => processFigures(agent.pid).files, { timeout: 30_000 })
    .toBeLessThanOrEqual(files + 4);
}, 120_000);
