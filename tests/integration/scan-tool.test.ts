import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { connect } from "../../drivers/connect.ts";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { startReaderSimulator } from "../../drivers/rfid/simulator.ts";
import { TagField } from "../../drivers/rfid/tag-field.ts";
import { scaleProtocols } from "../../drivers/scale/protocols.ts";
import { startScaleSimulator } from "../../drivers/scale/simulator.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { scanCommand } from "../../gateway/cli/scan.ts";
import { memoryIo } from "../support/command-io.ts";
import { startAedes } from "../support/mqtt-broker.ts";
import { opcuaFolder, startServer } from "./opcua-rig.ts";

const folder = await mkdtemp(join(tmpdir(), "rackwatch-scan-"));
const plc = await opcuaFolder();
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await plc.remove();
});

async function scan(args: readonly string[], signal = new AbortController().signal) {
  const { io, seen } = memoryIo();
  const full = { ...io, cwd: folder, signal };
  await runCommand(scanCommand(full), args, full);
  const found = seen.out
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): Record<string, unknown> => JSON.parse(line));
  return { ...seen, found };
}

const climate = () =>
  simulatedUnit({
    input: new Map([
      [1, 245],
      [2, 556],
    ]),
  });

test("a unit is found behind a device server, with its model, by reading alone", async () => {
  const units = new Map([[7, climate()]]);
  await using simulator = await startModbusSimulator({ mode: "rtu-over-tcp", units });
  const { found } = await scan(["modbus", simulator.address, "--units", "6-8", "--json"]);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({
    kind: "modbus",
    channel: {
      driver: "modbus",
      mode: "rtu-over-tcp",
      devices: { "xy-md02-7": { template: "xy-md02", unitId: 7 } },
    },
  });
  expect(simulator.requests.every(([, code]) => code === 3 || code === 4 || code <= 2)).toBe(true);
});

test("a server that answers to every unit id is one device", async () => {
  const unit = simulatedUnit({ holding: new Map([[0, 5]]) });
  const units = new Map(Array.from({ length: 247 }, (_, index) => [index + 1, unit]));
  await using simulator = await startModbusSimulator({ units });
  const { found } = await scan(["modbus", simulator.address, "--json"]);
  expect(found).toHaveLength(1);
  expect(found[0]?.["evidence"]).toContain("every unit id");
});

test("damaged answers are told as noise at that unit, and no device is made of them", async () => {
  const units = new Map([[2, climate()]]);
  await using simulator = await startModbusSimulator({ mode: "rtu-over-tcp", units });
  simulator.faults.set(2, { kind: "bad-crc" });
  const { found } = await scan(["modbus", simulator.address, "--units", "1-3", "--json"]);
  expect(found.map(({ title }) => title)).toEqual(["Noise at Modbus unit 2 at rtu-over-tcp"]);
  expect(found[0]?.["channel"]).toBeUndefined();
});

test.each(["mt-sics", "toledo", "cas"])("a scale that speaks %s is told", async (name) => {
  const protocol = scaleProtocols.find((known) => known.name.startsWith(name));
  if (protocol === undefined) throw new Error(`no language ${name}`);
  await using simulator = await startScaleSimulator({ protocol, load: { weight: 12.5 } });
  const { found } = await scan(["scale", simulator.address, "--json"]);
  expect(found[0]).toMatchObject({ channel: { driver: "scale", protocol: protocol.name } });
  expect(found[0]?.["evidence"]).toContain("12.5 kg");
});

test.concurrent.each([
  ["r200", "E20010710000529B0940B402"],
  ["thingmagic", "E20010710000529B0940B402"],
  ["uhfreader288", "E20010710000529B0940B402"],
  ["swct", "E20010710000529B0940B402"],
  ["rdm6300", "0A00123456"],
  ["llrp", "E20010710000529B0940B402"],
])("a reader of the language %s is found", async (protocol, epc) => {
  const field = new TagField([{ epc }], { readsPerSecond: 20 });
  await using simulator = await startReaderSimulator({ protocol, field });
  const { found } = await scan(["rfid", simulator.address, "--for", "500ms", "--json"]);
  expect(found.map(({ channel }) => channel)).toMatchObject([{ driver: "rfid", protocol }]);
});

test("variables of an OPC UA server become points, without a data folder", async () => {
  await using server = await startServer(plc.server, {
    variables: [{ name: "Level", type: "Double", value: 4.5 }],
  });
  const { found } = await scan(["opcua", server.endpoint, "--json"]);
  expect(found[0]?.["evidence"]).toContain("sign-and-encrypt Basic256Sha256");
  expect(JSON.stringify(found[1]?.["channel"])).toContain(";s=Level");
});

test("devices that publish to a broker are found by listening", async () => {
  await using broker = await startAedes();
  const { connectAsync } = await import("mqtt");
  const client = await connectAsync(broker.address.replace("tcp:", "mqtt:"));
  const text = '{"linkquality":90,"temperature":4.2,"humidity":61}';
  const beat = setInterval(() => client.publish("zigbee2mqtt/fridge", text), 100);
  const { found } = await scan(["mqtt", broker.address, "--for", "2s", "--json"]);
  clearInterval(beat);
  await client.endAsync();
  expect(found).toMatchObject([
    { channel: { devices: { fridge: { template: "zigbee2mqtt-climate" } } } },
  ]);
});

test("a scan that is stopped prints what it had and leaves the port free", async () => {
  const units = new Map([
    [1, climate()],
    [2, climate()],
  ]);
  await using simulator = await startModbusSimulator({ units });
  simulator.faults.set(2, { kind: "silent" });
  const stop = new AbortController();
  const running = scan(["modbus", simulator.address], stop.signal);
  const isPast = () => simulator.requests.some(([unitId]) => unitId === 2);
  await expect.poll(isPast, { timeout: 30_000 }).toBe(true);
  stop.abort();
  const { out, err, code } = await running;
  expect(code).toBe(0);
  expect(out).toContain("template: xy-md02");
  expect(err).toContain("Stopped");
  const again = await connect(simulator.address, {}, new AbortController().signal);
  await again.close();
});

const yaml = `version: 1
# ours
gateway: { id: g, timezone: Asia/Shanghai }
channels:
  bench: # the old one
    driver: scale
    port: tcp://10.0.0.9:4001
    protocol: mt-sics
    devices: { scale: {} } # taken

# end
`;

test("--write adds what was found, keeps every line and a copy, and adds nothing twice", async () => {
  const protocol = scaleProtocols.find(({ name }) => name === "mt-sics");
  if (protocol === undefined) throw new Error("no language");
  await using simulator = await startScaleSimulator({ protocol, load: { weight: 1 } });
  const file = join(folder, "gateway.yaml");
  await writeFile(file, yaml, { mode: 0o640 });
  const args = ["scale", simulator.address, "--write", "--config", "gateway.yaml", "--json"];
  expect((await scan(args)).code).toBe(0);
  const grown = await readFile(file, "utf8");
  expect(grown).toBe(
    yaml.replace(
      "\n# end",
      `  mt-sics:
    driver: scale
    port: ${simulator.address}
    protocol: mt-sics
    devices:
      scale-2: {}

# end`,
    ),
  );
  expect(await readFile(`${file}.bak`, "utf8")).toBe(yaml);
  expect((await scan(args)).err).toContain("already");
  expect(await readFile(file, "utf8")).toBe(grown);
});

test("a file with errors is not touched", async () => {
  const protocol = scaleProtocols.find(({ name }) => name === "mt-sics");
  if (protocol === undefined) throw new Error("no language");
  await using simulator = await startScaleSimulator({ protocol, load: { weight: 1 } });
  const file = join(folder, "broken.yaml");
  const broken = yaml.replace("protocol: mt-sics", "protocol: nonsense");
  await writeFile(file, broken);
  const { code, err } = await scan(["scale", simulator.address, "--write", "--config", file]);
  expect(code).toBe(2);
  expect(err).toContain("nonsense");
  expect(await readFile(file, "utf8")).toBe(broken);
});

test("a wrong address, and one where nobody listens, are told with what to do", async () => {
  expect((await scan(["modbus", "ttyUSB0"])).code).toBe(2);
  const refused = await scan(["scale", "tcp://127.0.0.1:1"]);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain("refuses");
});
