import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { z } from "zod";
import { addOperator } from "../../cloud-sync/central/down/operators.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { inboxFileName } from "../../gateway/store/inbox-file.ts";
import { coldRoom } from "../support/cold-room.ts";
import { IdentityWorld } from "../support/identity-world.ts";
import { startProgram } from "../support/program.ts";

const rackwatch = join(import.meta.dirname, "../../cloud-sync/cli/rackwatch.js");
const soon = { timeout: 60_000, interval: 200 };
const secrets = { RACKWATCH_SECRET_CENTRAL: "a-token-of-the-room" };

const rulesSchema = z.object({
  sections: z.object({ rules: z.object({ warm: z.looseObject({}) }) }),
});

type Json = Readonly<Record<string, never>>;

/** A Chinese cold room with gateway and agent as programs, and a central that somebody decides at. */
async function house() {
  const cleanup = new AsyncDisposableStack();
  const world = cleanup.use(await IdentityWorld.open());
  const central = await world.plainCentral({ language: "zh" });
  await addGateway(world.database, "cold-room", secrets.RACKWATCH_SECRET_CENTRAL);
  const token = await addOperator(world.database, { name: "Li Wei", role: "operator" });
  const it = cleanup.use(
    await coldRoom({ env: () => ({ ...secrets, RACKWATCH_TRIAL_MS: "1500" }) }),
  );
  const { configFile, dataDir } = it.rig;
  const yaml = readFileSync(configFile, "utf8").replace("cold-room }", "cold-room, language: zh }");
  it.rig.writeConfig(`${yaml}
# 夜班：由仓库主管保管
notify:
  night: { email: [night@example.com] }
mail: { host: 127.0.0.1, port: 9, from: room@example.com }
sync: { central: "${central.address}", credentials: !secret central }
`);
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${central.address}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // The test says what it expects, and asserts on it.
    return { status: response.status, body: (await response.json()) as Json };
  };
  const of = (path: string) => `gateways/cold-room/${path}`;
  let gateway = await it.start();
  await it.live();
  const startAgent = () =>
    startProgram(["sync", "--config", configFile, "--data", dataDir], secrets, "agent ships");
  let agent = await startAgent();
  cleanup.defer(() => agent.kill("SIGTERM"));
  const revisions = async () => (await ask("GET", of("revisions"))).body as unknown;
  const configuration = async () => (await ask("GET", of("configuration"))).body;
  await expect.poll(configuration, soon).toMatchObject({ sections: { rules: { warm: {} } } });
  return {
    ...{ world, it, ask, of, revisions, configuration },
    commands: async () => (await ask("GET", of("commands"))).body as unknown,
    stop: (who: "gateway" | "agent") => (who === "agent" ? agent : gateway).kill("SIGTERM"),
    startAgent: async () => {
      agent = await startAgent();
    },
    startGateway: async () => {
      gateway = await it.start();
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

test("what is wrong with a revision is said where it is decided: no receiver left, and what only the gateway knows", {
  timeout: 240_000,
}, async () => {
  await using room = await house();
  const { ask, of, revisions, configuration, it } = room;
  const before = await configuration();
  const text = readFileSync(it.rig.configFile, "utf8");
  const refusedNotify = async (notify: object) => {
    const seen = await ask("POST", of("revisions"), { sections: { notify } });
    return `${seen.status} ${seen.body["message"]}`;
  };
  expect(await refusedNotify({})).toMatch(/^400 notify: .*last receiver/);
  expect(await refusedNotify({ night: {} })).toMatch(/^400 /);
  expect(await refusedNotify({ night: { email: ["n@example.com"], priorities: [] } })).toMatch(
    /^400 /,
  );
  expect(readFileSync(it.rig.configFile, "utf8")).toBe(text);

  // Only the gateway knows its points: refused there, in its language, as its own `check` says it.
  const { warm } = rulesSchema.parse(before).sections.rules;
  const wrong = { rules: { warm: { ...warm, point: "cold/temprature" } } };
  expect((await ask("POST", of("revisions"), { sections: wrong })).status).toBe(200);
  await expect.poll(revisions, soon).toMatchObject([{ revision: 1, state: "refused" }, {}]);
  const [{ reason } = { reason: "" }] = (await revisions()) as readonly { reason: string }[];
  const copy = join(it.folder, "gateway-copy.yaml");
  writeFileSync(copy, text.replace("cold/temperature", "cold/temprature"));
  const checked = spawnSync(process.execPath, [rackwatch, "check", copy], {
    env: { ...process.env, ...secrets, LANG: "zh_CN.UTF-8" },
    encoding: "utf8",
  });
  const said =
    /gateway-copy(\.yaml:\d+:\d+.*)/.exec(checked.stdout + checked.stderr)?.[1] ?? "none";
  expect(reason).toContain(said.split(" ").slice(0, 3).join(" "));
  expect(reason).toContain("cold/temprature");
  expect(readFileSync(it.rig.configFile, "utf8")).toBe(text);
});

test("a command that is late, of another gateway, played back or doubled does nothing, and each is told as what it is", {
  timeout: 240_000,
}, async () => {
  await using room = await house();
  const { ask, of, commands, it, world } = room;
  const silence = { action: "silence", id: "quiet-1" };
  const first = await ask("POST", of("commands"), silence);
  const again = await ask("POST", of("commands"), silence);
  expect([again.status, again.body["number"]]).toEqual([200, first.body["number"]]);
  const other = await ask("POST", of("commands"), { ...silence, action: "test", target: "x" });
  expect([other.status, other.body["code"]]).toEqual([409, "conflict"]);
  await expect.poll(commands, soon).toMatchObject([{ id: "quiet-1", state: "done" }]);

  // On the way: the agent has it, the gateway is off until it is too late.
  await room.stop("gateway");
  await ask("POST", of("commands"), {
    action: "test",
    target: "stack/red",
    id: "late",
    expiresInMs: 3_000,
  });
  await expect
    .poll(async () => ((await commands()) as readonly Json[])[0]?.["state"], soon)
    .toMatch(/^(fetched|expired)$/);
  await new Promise((done) => setTimeout(done, 3_500));
  await room.startGateway();
  await expect.poll(commands, soon).toMatchObject([
    { id: "late", state: "expired" },
    { id: "quiet-1", state: "done" },
  ]);

  // Somebody copies rows of one gateway's inbox into another's.
  await addGateway(world.database, "gw-b", "a-token-of-b");
  await ask("POST", "gateways/gw-b/commands", { action: "silence", id: "for-b" });
  await room.stop("agent");
  const rows = await world.database.query(
    `SELECT gateway, text, key, signature FROM message WHERE gateway = 'gw-b' OR number = 1`,
  );
  const text = (gateway: string) => rows.find((row) => row["gateway"] === gateway);
  const copied = [text("gw-b"), text("cold-room")];
  const db = new Sqlite(join(it.rig.dataDir, inboxFileName));
  const keep = db.prepare(
    "INSERT INTO message (number, text, key, signature, received_at) VALUES (?, ?, ?, ?, ?)",
  );
  const held = Number(((await commands()) as readonly Json[])[0]?.["number"]);
  for (const [at, row] of copied.entries()) {
    keep.run(held + 1 + at, row?.["text"], row?.["key"], row?.["signature"], Date.now());
  }
  db.close();
  await room.startAgent();
  const refused = async () => {
    const found = await world.database.query(
      `SELECT body->>'reason' AS reason FROM event
       WHERE gateway = 'cold-room' AND body->>'action' = 'message-refused' ORDER BY seq`,
    );
    return found.map(({ reason }) => reason);
  };
  await expect
    .poll(refused, soon)
    .toEqual(["down/other-gateway：该消息属于另一网关", "down/other-number：该消息的编号不符"]);
  const done = await world.database.query(
    "SELECT body FROM event WHERE gateway = 'cold-room' AND kind = 'command' ORDER BY seq",
  );
  expect(done.map(({ body }) => body)).toMatchObject([
    { id: "quiet-1", outcome: "done" },
    { id: "late", outcome: "expired", reason: "到达时已过期" },
  ]);
  expect(await commands()).toMatchObject([{ id: "late" }, { id: "quiet-1", state: "done" }]);
  expect((await ask("GET", "gateways/gw-b/commands")).body).toMatchObject([
    { id: "for-b", state: "waiting" },
  ]);
});
