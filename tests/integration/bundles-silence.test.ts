import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { greet } from "../../cloud-sync/central/hello.ts";
import { SilenceWatch } from "../../cloud-sync/central/silence-watch.ts";
import { schemaVersions } from "../../cloud-sync/protocol.ts";
import { type BundleCentral, BundleWorld, bundleCentral } from "../support/bundle-world.ts";
import { ManualClock, memoryLog } from "../support/manual-clock.ts";

const folder = mkdtempSync(join(tmpdir(), "rackwatch-visited-"));
let central: BundleCentral;

beforeAll(async () => {
  central = await bundleCentral();
});
afterAll(async () => {
  await central[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function visited(id: string) {
  const it = new BundleWorld(central, folder, id);
  await it.enrol();
  const { link, database } = central;
  const clock = new ManualClock();
  const watch = new SilenceWatch({ link, clock, log: memoryLog().log });
  const look = async (minutes: number) => {
    for (let passed = 0; passed < minutes * 6; passed += 1) {
      await clock.advance(10_000);
      await watch.step();
    }
    return database.query(
      "SELECT rule FROM central_alarm WHERE gateway = $1 AND ended_at IS NULL",
      [id],
    );
  };
  const visit = async () => {
    it.events(1);
    it.samples(3);
    await it.exchange.export(it.stick, false);
    expect(await it.carry()).toContainEqual(expect.objectContaining({ outcome: "taken" }));
    await it.takeAnswers();
  };
  const age = (days: number) =>
    database.query(
      `UPDATE gateway SET last_contact_at = last_contact_at - make_interval(days => $2::int),
         last_bundle_at = last_bundle_at - make_interval(days => $2::int) WHERE gateway = $1`,
      [id, days],
    );
  /** An agent on a line says hello. */
  const speak = () => {
    const lane = { first: 1, last: 0, oldestAt: 0 };
    const hello = { gateway: id, epoch: it.outbox.epoch, schemaVersions: [...schemaVersions] };
    const more = { ancestors: [], lanes: { events: lane, samples: lane }, sentAt: 0 };
    return link.use((ready) => greet(ready, { ...hello, ...more } as never, {}));
  };
  return { it, look, visit, age, speak };
}

test("a gateway that people visit is not silent between two visits, and is after days without one", async () => {
  const { it, look, visit, age } = await visited("gw-room");
  using _world = it;
  await visit();
  expect(await look(10)).toEqual([]);
  await age(7);
  expect(await look(10), "a visit a week").toEqual([]);
  await age(2);
  expect(await look(1)).toEqual([{ rule: "central/silent" }]);
  await visit();
  expect(await look(1)).toEqual([]);
});

test("a gateway on a line that falls silent stays silent whatever bundles bring, until it counts as visited", async () => {
  const { it, look, visit, age, speak } = await visited("gw-line");
  using _world = it;
  await visit();
  await speak();
  expect(await look(2)).toEqual([]);
  expect(await look(2)).toEqual([{ rule: "central/silent" }]);
  await visit();
  expect(await look(4), "the line is as dead as before").toEqual([{ rule: "central/silent" }]);
  await speak();
  expect(await look(2)).toEqual([]);
  await age(8);
  await visit();
  expect(await look(10), "there is no line any more").toEqual([]);
});
