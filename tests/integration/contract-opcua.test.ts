import { afterAll, beforeAll } from "vitest";
import { opcua } from "../../drivers/opcua/driver.ts";
import { simulatorNamespace } from "../../drivers/opcua/simulator.ts";
import { driverContract } from "../support/driver-contract.ts";
import type { OpcUaServerProcess } from "../support/opcua-server.ts";
import { tcpRelay } from "../support/tcp-relay.ts";
import { opcuaFolder, startServer } from "./opcua-rig.ts";

const folder = await opcuaFolder();
let server: OpcUaServerProcess;

beforeAll(async () => {
  server = await startServer(folder.server, {
    variables: [
      { name: "Level", type: "Double", value: 4.5 },
      { name: "Door", type: "Boolean", value: true },
    ],
  });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder.remove();
});

const yaml = (lines: readonly string[]) =>
  [
    "version: 1",
    "gateway: { id: test }",
    "channels:",
    "  plc:",
    "    driver: opcua",
    "    endpoint: opc.tcp://10.0.0.8:4840",
    ...lines,
  ].join("\n");

const point = (text: string) =>
  yaml(["    devices:", "      d:", "        points:", `          level: ${text}`]);

driverContract({
  name: "opcua",
  driver: opcua,
  simulate: async () => {
    const relay = await tcpRelay(server.port);
    return {
      channel: {
        driver: "opcua",
        endpoint: `opc.tcp://127.0.0.1:${relay.port}`,
        security: { mode: "none" },
        namespaces: { sim: simulatorNamespace },
        publishing: "100ms",
        timeout: "1s",
        devices: {
          plc: {
            sampling: "250ms",
            every: "200ms",
            points: {
              level: { node: "ns=sim;s=Level", mode: "poll" },
              door: { node: "ns=sim;s=Door", kind: "boolean" },
            },
          },
        },
      },
      setFaults: (faults) => relay.setFaults(faults),
      unplug: () => relay.cut(),
      stop: async () => relay[Symbol.asyncDispose](),
    };
  },
  // A stream that is out of step cannot be read any further (OPC 10000-6, 6.7.2): the connection is given up.
  mayEndOn: ["silent", "garbage", "halfFrames"],
  isTrue: (sample) =>
    sample.quality !== "bad" && sample.value === (sample.point === "plc/door" ? true : 4.5),
  patienceMs: 30_000,
  wrongConfigs: [
    {
      yaml: point(`{ node: "ns=4;s=Level" }`),
      code: "opcua/namespace-index",
      line: 10,
      column: 26,
    },
    { yaml: point(`{ node: "ns=x;s=Level" }`), code: "opcua/namespace", line: 10, column: 26 },
    { yaml: point(`{ node: "i=85", queue: 1 }`), code: "schema/too-small", line: 10, column: 41 },
    { yaml: point(`{ nod: "i=85" }`), code: "schema/unknown-key", line: 10, column: 20 },
    {
      yaml: yaml(["    security: { mode: open }", "    devices: {}"]),
      code: "schema/value",
      line: 7,
      column: 23,
    },
  ],
});
