import { afterAll, beforeAll, expect, test } from "vitest";
import { openMqttUplink } from "../../cloud-sync/uplinks/mqtt-uplink.ts";
import { type BrokerHouse, brokerHouse, rowsAt } from "../support/broker-house.ts";
import { MemoryOutbox, someEvents, someSamples } from "../support/memory-outbox.ts";
import { startAedes } from "../support/mqtt-broker.ts";

let house: BrokerHouse;
beforeAll(async () => {
  house = await brokerHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const settings = (broker: string) =>
  ({
    via: "mqtt",
    broker: broker.replace("tcp:", "mqtt:"),
    prefix: "rackwatch",
    messageBytesMax: 131_072,
    required: true,
  }) as const;

test("rows travel over a broker, each once, and the cursor follows central's sealed answer", async () => {
  await using broker = await startAedes();
  await house.enrol("gw-1");
  const road = house.receive(broker.address.replace("tcp:", "mqtt:"));
  await expect.poll(() => road.isUp, { timeout: 20_000 }).toBe(true);
  const outbox = new MemoryOutbox();
  outbox.addSamples(someSamples(12_000));
  outbox.addEvents(someEvents(50));
  await using uplink = openMqttUplink(settings(broker.address), house.parts("gw-1"));
  const agent = house.agent("gw-1", outbox, uplink);
  const stop = new AbortController();
  const running = agent.run(stop.signal);
  await expect.poll(() => agent.drained, { timeout: 30_000 }).toBe(true);
  stop.abort();
  await running;
  await road.stop();
  const { samples, events } = await rowsAt(house.database, "gw-1");
  expect(samples).toHaveLength(12_000);
  expect(events).toHaveLength(50);
});
