import { afterAll, expect, test } from "vitest";
import { browse, discover } from "../../drivers/opcua/browse.ts";
import { simulatorNamespace } from "../../drivers/opcua/simulator.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { opcuaFolder, patient, read, startServer } from "./opcua-rig.ts";

const folder = await opcuaFolder();
afterAll(() => folder.remove());

test("what a server offers and holds is found, as a configuration takes it, without a data folder", async () => {
  await using server = await startServer(folder.server, {
    variables: [
      { name: "Level", type: "Double", value: 4.5 },
      { name: "A/B:C", type: "Double", value: 7 },
    ],
  });
  const context = { clock: systemClock, log: memoryLog().log };
  const { signal } = new AbortController();
  const access = {
    endpoint: server.endpoint,
    timeout: 4_000,
    security: { mode: "none", policy: "Basic256Sha256" },
  } as const;
  const offered = (await discover(access, context, signal)).map(({ security }) => security);
  expect(offered).toContain("none");
  expect(offered).toContain("sign-and-encrypt Basic256Sha256");

  const found = await browse(access, context, signal);
  const plant = `/Objects/{${simulatorNamespace}}Plant/{${simulatorNamespace}}`;
  expect(found).toContainEqual({
    path: `${plant}Level`,
    node: `nsu=${simulatorNamespace};s=Level`,
  });
  const odd = found.find(({ node }) => node.endsWith(";s=A/B:C"));
  expect(odd?.path).toBe(`${plant}A&/B&:C`);
  await using reading = await read(
    {
      driver: "opcua",
      endpoint: server.endpoint,
      security: { mode: "none" },
      devices: { plc: { points: { odd: { node: odd?.path } } } },
    },
    folder.dataDir,
  );
  await expect.poll(() => reading.samples.at(-1), patient).toMatchObject({ value: 7 });
});
