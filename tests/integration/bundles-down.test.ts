import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { addOperator } from "../../cloud-sync/central/down/operators.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { main } from "../../cloud-sync/cli/rackwatch.ts";
import { InboxBook } from "../../cloud-sync/down/inbox-book.ts";
import { syncText } from "../../config/language/sync.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { coldRoom } from "../support/cold-room.ts";
import { memoryLog } from "../support/manual-clock.ts";

const soon = { timeout: 60_000, interval: 200 };
const folder = mkdtempSync(join(tmpdir(), "rackwatch-stick-"));
const stick = join(folder, "stick");
const tokenFile = join(folder, "token");
let database: Database;
let central: Central;
let token = "";

beforeAll(async () => {
  mkdirSync(stick);
  database = await openPglite();
  central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => ({ ...database, [Symbol.asyncDispose]: async () => undefined }),
    clock: systemClock,
    log: memoryLog().log,
    version: "0.0.0",
    keys: { folder: join(folder, "keys") },
  });
  await addGateway(database, "cold-room", "a-token-of-the-room");
  token = await addOperator(database, { name: "Li Wei", role: "operator" });
  writeFileSync(tokenFile, `${token}\n`);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await central.stop();
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(method: string, path: string, body?: object) {
  const response = await fetch(`${central.address}/v1/gateways/cold-room/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}

/** A person goes from the room to the office and back. */
async function visit(place: readonly string[]): Promise<void> {
  for (const name of readdirSync(stick)) rmSync(join(stick, name));
  expect(await main(["bundle", "export", stick, ...place])).toBe(0);
  const to = ["--central", central.address, "--token-file", tokenFile];
  expect(await main(["central", "import", stick, ...to])).toBe(0);
  expect(await main(["bundle", "import", stick, ...place])).toBe(0);
}

test("in a room without a network a revision comes by stick, is applied, and what became of it goes back with the next bundle", {
  timeout: 120_000,
}, async () => {
  vi.stubEnv("RACKWATCH_SECRET_ROOM", "a-token-of-the-room");
  const road = `{ via: file, folder: ${stick}, credentials: !secret room }`;
  await using it = await coldRoom({
    env: () => ({ RACKWATCH_TRIAL_MS: "2000", RACKWATCH_SECRET_ROOM: "a-token-of-the-room" }),
    services: `broker: { enabled: false }\nstore: { flushEvery: 1s }\nsync: { uplinks: { stick: ${road} } }`,
  });
  const { configFile, dataDir } = it.rig;
  const place = ["--config", configFile, "--data", dataDir];
  const gateway = await it.start();
  await it.live();
  // Until the gateway has said what it runs there is nothing to carry but the question for messages.
  await expect
    .poll(async () => {
      await visit(place);
      return ask("GET", "configuration");
    }, soon)
    .toMatchObject({ source: "file" });
  const seen = await ask("GET", "configuration");
  expect(seen).toMatchObject({ source: "file", sections: { rules: { warm: { above: 8 } } } });
  const warm = { ...seen.sections.rules.warm, above: 3 };
  const sections = { rules: { warm } };
  await ask("POST", "revisions", { sections, base: seen.digest, comment: "colder" });
  const later = { action: "acknowledge", target: "warm", id: "ack", expiresInMs: 86_400_000 };
  await ask("POST", "commands", later);
  await ask("POST", "commands", { action: "send-logs", id: "logs", expiresInMs: 86_400_000 });
  await visit(place);
  await expect.poll(() => readFileSync(configFile, "utf8"), soon).toContain("above: 3");
  await expect
    .poll(async () => {
      await visit(place);
      return ask("GET", "revisions");
    }, soon)
    .toMatchObject([{ revision: 1, state: "confirmed", author: "Li Wei" }, { source: "file" }]);
  expect(await ask("GET", "configuration")).toMatchObject({ source: "central" });
  await expect
    .poll(async () => {
      await visit(place);
      return ask("GET", "files");
    }, soon)
    .toMatchObject([{ id: "logs", finished: true }]);
  const commands: { id: string; by: string; state: string }[] = await ask("GET", "commands");
  const done = commands.find(({ id }) => id === "ack");
  expect(done).toMatchObject({ by: "Li Wei" });
  expect(["done", "refused"], "the alarm may not have been there yet").toContain(done?.state);
  const trust = JSON.parse(readFileSync(join(dataDir, "sync/trust.json"), "utf8"));
  expect(Object.keys(trust)).toHaveLength(1);
  await gateway.kill("SIGTERM");
  await visit(place);
  using book = new InboxBook(dataDir, syncText.en);
  const held = book.held();
  await ask("POST", "commands", { ...later, id: "still" });
  await visit(place);
  expect(book.held(), "central had every row, and its message came all the same").toBe(held + 1);
});
