import { modbus } from "../../drivers/modbus/driver.ts";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { contractRig, driverContract } from "../support/driver-contract.ts";
import { faultyProxy } from "../support/faulty-proxy.ts";
import { ownAddresses, readValue } from "./modbus-rig.ts";

const register = (address: number) => ({ table: "holding", address, type: "uint16" });
const values: Readonly<Record<string, number>> = { "d/a": 100, "d/b": 200 };

async function simulate(mode: "tcp" | "rtu-over-tcp") {
  const units = new Map([[1, simulatedUnit({ holding: ownAddresses(400) })]]);
  const device = await startModbusSimulator({ mode, units });
  const proxy = await faultyProxy(device.address);
  const points = { a: register(100), b: register(200) };
  const rig = contractRig(proxy, {
    driver: "modbus",
    port: proxy.address,
    mode,
    timeout: "200ms",
    devices: { d: { unitId: 1, every: "50ms", gap: 0, points } },
  });
  const stop = async () => {
    await proxy.stop();
    await device.stop();
  };
  return { ...rig, stop };
}

const file = (line: string) => `version: 1
gateway: { id: g }
channels:
  a:
    driver: modbus
    port: tcp://10.0.0.5:502
    devices:
      d: { unitId: 1, points: { a: { ${line} } } }
`;

driverContract({
  name: "modbus tcp",
  driver: modbus,
  simulate: () => simulate("tcp"),
  // Frames of Modbus TCP are found by their header: after bytes that are none, only a new connection helps.
  mayEndOn: ["silent", "garbage", "halfFrames"],
  isTrue: (sample) => readValue(sample) === values[sample.point],
  wrongConfigs: [
    {
      yaml: file("table: input, address: 1, typ: uint16"),
      line: 8,
      column: 64,
      code: "schema/unknown-key",
    },
    {
      yaml: file("table: input, type: int16, address: 70000"),
      line: 8,
      column: 74,
      code: "schema/too-big",
    },
    { yaml: file("table: input, address: 1"), line: 8, column: 33, code: "modbus/type-missing" },
  ],
});

driverContract({
  name: "modbus rtu through a device server",
  driver: modbus,
  simulate: () => simulate("rtu-over-tcp"),
  mayEndOn: ["silent", "halfFrames"],
  unharmedBy: ["garbage"],
  isTrue: (sample) => readValue(sample) === values[sample.point],
  wrongConfigs: [],
});
