import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import type { SyncView } from "../../gateway/panel/api.ts";
import { coldRoom } from "../support/cold-room.ts";
import { eventually } from "../support/spine.ts";

const services = 'broker: { listen: "127.0.0.1:{broker}" }';
const rackwatch = new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url).pathname;

/** Another program that has the port. */
async function taken(port: number): Promise<AsyncDisposable> {
  const server = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    [Symbol.asyncDispose]: async () => {
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}

test.concurrent("a panel whose port is taken is told in the log, the rest goes on, and it comes up when the port is free", async () => {
  await using room = await coldRoom({ services });
  const { host, port } = new URL(room.rig.panel);
  await using other = await taken(Number(port));
  const gateway = await room.start();
  const problems = () =>
    gateway.lines.filter(({ event, part }) => event === "problem" && part === "panel");
  const [problem] = await eventually(problems, (lines) => lines.length > 0);
  expect(problem).toMatchObject({
    code: "panel/listen",
    message: expect.stringContaining(host),
    where: host,
    todo: expect.stringContaining(port),
  });
  room.setTemperature(9.1);
  await eventually(room.lamp, (level) => level === 1);
  const mqtt = await connectAsync(`mqtt://127.0.0.1:${room.rig.brokerPort}`);
  const heard = new Set<string>();
  mqtt.on("message", (topic) => heard.add(topic));
  await mqtt.subscribeAsync("rackwatch/cold-room/alarms/#");
  await eventually(
    () => heard,
    (topics) => topics.size >= 2,
  );
  expect([...heard].sort()).toEqual([
    "rackwatch/cold-room/alarms/gateway:panel",
    "rackwatch/cold-room/alarms/warm",
  ]);
  await mqtt.endAsync();

  await other[Symbol.asyncDispose]();
  await room.well("panel", 20_000);
  await room.alarm("warm");
  expect(problems()).toHaveLength(1);
});

test.concurrent("a broker whose port is taken is told on the panel, and comes up when the port is free", async () => {
  await using room = await coldRoom({ services });
  const { brokerPort } = room.rig;
  await using other = await taken(brokerPort);
  const gateway = await room.start();
  expect(await room.notice("broker")).toMatchObject({
    code: "broker/listen",
    message: expect.stringContaining(`127.0.0.1:${brokerPort}`),
    where: `127.0.0.1:${brokerPort}`,
    todo: expect.stringContaining(`${brokerPort}`),
  });
  expect(await room.alarm("gateway:broker")).toMatchObject({ priority: "low" });
  room.setTemperature(9.1);
  await room.alarm("warm");
  await eventually(room.lamp, (level) => level === 1);

  await other[Symbol.asyncDispose]();
  await room.well("broker", 20_000);
  const mqtt = await connectAsync(`mqtt://127.0.0.1:${brokerPort}`);
  await mqtt.endAsync();
  const told = gateway.lines.filter(({ event, part }) => event === "problem" && part === "broker");
  expect(told).toHaveLength(1);
});

test.concurrent("a second gateway on the same data folder ends with exit code 2 and says why; the first runs on", async () => {
  await using room = await coldRoom();
  const { configFile, dataDir } = room.rig;
  await room.start();
  await room.live();
  const { epoch } = await room.rig.get<SyncView>("/api/sync");
  const outputs = () => readFileSync(join(dataDir, "outputs.json"), "utf8");
  const before = outputs();
  const otherFile = join(room.folder, "other.yaml");
  writeFileSync(otherFile, readFileSync(configFile, "utf8").replace("line: 17", "line: 27"));
  const args = [rackwatch, "run", "--config", otherFile, "--data", dataDir];
  const second = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  second.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(second, "close");
  expect(code).toBe(2);
  expect(said).toContain("another process uses the store");
  expect(said).toContain(join(dataDir, "gateway.lock"));
  expect(said).toContain("end the other gateway that uses this data folder");
  expect(said.split("\n").filter((line) => /^\s+at /.test(line))).toEqual([]);
  expect(outputs()).toBe(before);
  room.setTemperature(9.1);
  await room.alarm("warm");
  await eventually(room.lamp, (level) => level === 1);
  expect((await room.rig.get<SyncView>("/api/sync")).epoch).toBe(epoch);
});
