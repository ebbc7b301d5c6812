import type { Sample } from "../../drivers/contract.ts";
import { scale } from "../../drivers/scale/driver.ts";
import type { ScaleProtocol } from "../../drivers/scale/protocol.ts";
import { scaleProtocols } from "../../drivers/scale/protocols.ts";
import { startScaleSimulator } from "../../drivers/scale/simulator.ts";
import { contractRig, driverContract } from "../support/driver-contract.ts";

const load = { weight: 12.34, unit: "kg", tare: 0 };

function language(name: string): ScaleProtocol {
  const protocol = scaleProtocols.find((known) => known.name === name);
  if (protocol === undefined) throw new Error(name);
  return protocol;
}

async function simulate(name: string, settings: object) {
  const simulator = await startScaleSimulator({ protocol: language(name), load, everyMs: 30 });
  return contractRig(simulator, {
    driver: "scale",
    port: simulator.address,
    protocol: name,
    timeout: "200ms",
    ...settings,
    devices: { s: { every: "60ms" } },
  });
}

const truth: Readonly<Record<string, unknown>> = {
  "s/weight": load.weight,
  "s/unit": load.unit,
  "s/status": "ok",
  "s/stable": true,
  "s/net": false,
  "s/tare-weight": 0,
};

function isTrue(sample: Sample): boolean {
  return sample.quality === "bad" || sample.value === truth[sample.point];
}

const file = (channel: string, device: string) => `version: 1
gateway: { id: g }
channels:
  shelf:
    driver: scale
    port: tcp://10.0.0.5:4001
    ${channel}
    devices:
      s: ${device}
`;

driverContract({
  name: "scale mt-sics, asked",
  driver: scale,
  simulate: () => simulate("mt-sics", { mode: "poll" }),
  unharmedBy: ["garbage"],
  isTrue,
  wrongConfigs: [
    { yaml: file("protocol: mt-siks", "{}"), line: 7, column: 15, code: "schema/value" },
    {
      yaml: file("protocol: toledo\n    mode: poll", "{}"),
      ...{ line: 8, column: 11, code: "scale/mode" },
    },
    {
      yaml: file("protocol: mt-sics", "{ evry: 1s }"),
      ...{ line: 9, column: 12, code: "schema/unknown-key" },
    },
    {
      yaml: file("protocol: mt-sics", "{ stableAfter: { readings: 3 } }"),
      ...{ line: 9, column: 25, code: "scale/stable-flag" },
    },
    {
      yaml: file("protocol: mt-sics", "{ points: { tare-weight: { name: Tare } } }"),
      ...{ line: 9, column: 35, code: "scale/no-point" },
    },
    {
      yaml: file("protocol: mt-sics", "{}\n      t: {}"),
      ...{ line: 10, column: 10, code: "scale/one-device" },
    },
    {
      yaml: file("baudRate: 9600", "{}"),
      ...{ line: 4, column: 3, code: "scale/protocol-missing" },
    },
    {
      yaml: file("protocol: described", "{}"),
      ...{ line: 7, column: 15, code: "scale/no-format" },
    },
  ],
});

driverContract({
  name: "scale mt-sics, streaming",
  driver: scale,
  simulate: () => simulate("mt-sics", { mode: "stream" }),
  unharmedBy: ["garbage"],
  isTrue,
  wrongConfigs: [],
});

driverContract({
  name: "scale toledo with checksum",
  driver: scale,
  simulate: () => simulate("toledo", { checksum: "on" }),
  unharmedBy: ["garbage"],
  isTrue,
  wrongConfigs: [],
});
