// Each test has its own `expect`: the common one loses its test when another one ends.
import { test } from "vitest";
import { rig, tagA, tagB, within } from "./rfid-link-rig.ts";

const uhf = ["r200", "thingmagic", "uhfreader18", "uhfreader288", "swct"];

test.concurrent.for(uhf)(
  "%s: set up, its inventory brings every tag before it",
  async (name, { expect }) => {
    await using rigged = await rig(name, { settings: { region: "CN" } });
    const { reads, faults } = rigged;
    await expect.poll(() => [...reads()].sort(), within).toEqual([tagB.epc, tagA.epc]);
    expect(faults()).toEqual([]);
  },
);

test.concurrent.for(uhf)(
  "%s: region and power are set as configured, and read back",
  async (name, { expect }) => {
    await using rigged = await rig(name, { settings: { region: "EU", powerDbm: 24 } });
    const { reader, reads, faults } = rigged;
    await expect.poll(() => reads().size, within).toBe(2);
    expect(reader.state).toMatchObject({ region: "EU", powerDbm: 24 });
    expect(faults()).toEqual([]);
  },
);

test.concurrent.for(uhf)(
  "%s: without a region in the configuration the stored one stays",
  async (name, { expect }) => {
    await using rigged = await rig(name, { prepare: ({ state }) => (state.region = "US") });
    const { reader, reads } = rigged;
    await expect.poll(() => reads().size, within).toBe(2);
    expect(reader.state.region).toBe("US");
  },
);

test.concurrent.for(uhf)(
  "%s: a region that the reader refuses is a fault, and it does not read in another",
  async (name, { expect }) => {
    await using rigged = await rig(name, {
      settings: { region: "EU" },
      prepare: ({ state }) => (state.regions = ["CN", "US"]),
    });
    const { reads, faults, reader } = rigged;
    await expect.poll(() => faults(), within).toContain("region");
    expect(reads().size).toBe(0);
    reader.state.regions = ["CN", "EU"];
    await expect.poll(() => reads().size, within).toBe(2);
  },
);

test.concurrent.for(uhf)(
  "%s: power that the reader does not take is a fault, and it reads",
  async (name, { expect }) => {
    await using rigged = await rig(name, { settings: { powerDbm: 33 } });
    const { reads, faults } = rigged;
    await expect.poll(() => reads().size, within).toBe(2);
    expect(faults()).toEqual(["power"]);
  },
);

test.concurrent.for(uhf)(
  "%s: a reader that falls silent is a fault, and reads again when it returns",
  async (name, { expect }) => {
    await using rigged = await rig(name);
    const { simulator, events, faults, reads } = rigged;
    await expect.poll(() => reads().size, within).toBe(2);
    simulator.setFaults({ silent: true });
    await expect.poll(() => faults(), within).toContain("timeout");
    simulator.setFaults({});
    const before = events.length;
    await expect
      .poll(() => events.slice(before).some(({ is }) => is === "read"), within)
      .toBe(true);
  },
);

test.concurrent.for(uhf)("%s: garbage between frames loses no tag", async (name, { expect }) => {
  await using rigged = await rig(name);
  const { simulator, events, reads } = rigged;
  await expect.poll(() => reads().size, within).toBe(2);
  simulator.setFaults({ garbage: true });
  const before = events.length;
  const later = () =>
    events.slice(before).flatMap((event) => (event.is === "read" ? [event.read.epc] : []));
  await expect.poll(() => new Set(later()).size, within).toBe(2);
  for (const epc of later()) expect([tagA.epc, tagB.epc]).toContain(epc);
});

test.concurrent.for([...uhf, "rdm6300"])(
  "%s: a lost connection ends the events with its code",
  async (name, { expect }) => {
    await using rigged = await rig(name);
    const { simulator, events, ended } = rigged;
    await expect.poll(() => events.length, within).toBeGreaterThan(0);
    simulator.cut();
    expect(await ended).toMatchObject({ code: "driver/connection-lost" });
  },
);

test.concurrent.for(uhf)(
  "%s: closing takes no second, also when the reader does not answer",
  async (name, { expect }) => {
    await using rigged = await rig(name);
    const { simulator, link, ended, events } = rigged;
    await expect.poll(() => events.length, within).toBeGreaterThan(0);
    simulator.setFaults({ silent: true });
    const startMs = performance.now();
    await link[Symbol.asyncDispose]();
    expect(await ended).toBeUndefined();
    expect(performance.now() - startMs).toBeLessThan(3_000);
  },
);

test.concurrent("r200: rounds that are used up are ordered anew", async ({ expect }) => {
  await using rigged = await rig("r200", { prepare: ({ state }) => (state.roundsMs = 200) });
  const { reader, events } = rigged;
  const orders = () => reader.state.heard.filter((command) => command === "27").length;
  await expect.poll(orders, within).toBeGreaterThanOrEqual(3);
  expect(reader.state.heard.filter((command) => command === "28")).toHaveLength(1);
  expect(events.some(({ is }) => is === "fault")).toBe(false);
});

test.concurrent("r200: a tag whose own CRC is wrong is a ghost, never a read", async ({
  expect,
}) => {
  const bad = { ...tagB, isDamaged: true };
  await using rigged = await rig("r200", { tags: [tagA, bad] });
  const { events, reads } = rigged;
  const ghosts = () => events.filter(({ is }) => is === "ghost");
  await expect.poll(() => ghosts().length, within).toBeGreaterThan(0);
  expect(ghosts()[0]).toEqual({ is: "ghost", reason: "tag-crc", epc: bad.epc });
  await expect.poll(() => [...reads()], within).toEqual([tagA.epc]);
});

test.concurrent("r200: an empty field is alive, and RSSI is in dBm", async ({ expect }) => {
  await using rigged = await rig("r200", { tags: [] });
  const { reader, events } = rigged;
  await expect
    .poll(() => events.filter(({ is }) => is === "alive").length, within)
    .toBeGreaterThan(5);
  expect(events.some(({ is }) => is === "read")).toBe(false);
  reader.field.put(tagA);
  await expect
    .poll(() => events.find(({ is }) => is === "read"), within)
    .toEqual({
      is: "read",
      read: { epc: tagA.epc, pc: "3000", rssiDbm: -43 },
    });
});

test.concurrent("thingmagic: out of its bootloader, and set up again after a restart", async ({
  expect,
}) => {
  await using rigged = await rig("thingmagic", {
    settings: { region: "CN" },
    prepare: ({ state }) => (state.isInBootloader = true),
  });
  const { reader, reads, events, faults } = rigged;
  await expect.poll(() => reads().size, within).toBe(2);
  expect(reader.state.heard).toContain("04");
  reader.state.isInBootloader = true;
  reader.reboot();
  await expect.poll(() => reader.state.isInBootloader, within).toBe(false);
  const before = events.length;
  await expect.poll(() => events.slice(before).some(({ is }) => is === "read"), within).toBe(true);
  expect(faults()).toEqual([]);
});

test.concurrent("thingmagic: without any region it does not transmit", async ({ expect }) => {
  await using rigged = await rig("thingmagic", {
    prepare: ({ state }) => (state.region = undefined),
  });
  const { reads, faults } = rigged;
  await expect.poll(() => faults(), within).toContain("region-needed");
  expect(reads().size).toBe(0);
});

test.concurrent("thingmagic: health comes with temperature, return loss and antennas; heat is a fault", async ({
  expect,
}) => {
  await using rigged = await rig("thingmagic", {
    settings: { antennas: [1, 2] },
    prepare: ({ state }) => (state.antennas = [1]),
  });
  const { reader, events, faults } = rigged;
  const health = () => Object.assign({}, ...events.filter(({ is }) => is === "health"));
  await expect.poll(health, within).toMatchObject({
    temperatureCel: 35,
    returnLossDb: 18,
    antennas: { 1: true, 2: false },
  });
  expect(faults()).toEqual(["antenna"]);
  reader.state.isThrottled = true;
  await expect.poll(() => faults(), within).toContain("temperature");
});

test.concurrent("thingmagic: antenna and RSSI of each read", async ({ expect }) => {
  await using rigged = await rig("thingmagic", {
    tags: [{ ...tagA, antenna: 2 }],
    settings: { antennas: [1, 2] },
    prepare: ({ state }) => (state.antennas = [1, 2]),
  });
  const { events } = rigged;
  await expect
    .poll(() => events.find(({ is }) => is === "read"), within)
    .toEqual({
      is: "read",
      read: { epc: tagA.epc, pc: "3000", count: 1, antenna: 2, rssiDbm: -43 },
    });
});

test.concurrent("uhfreader288: antennas in turn, a missing one is a fault", async ({ expect }) => {
  await using rigged = await rig("uhfreader288", {
    tags: [tagA, { ...tagB, antenna: 2 }],
    settings: { antennas: [1, 2, 3] },
    prepare: ({ state }) => (state.antennas = [1, 2]),
  });
  const { events, faults } = rigged;
  const antennaOf = (epc: string) =>
    events.flatMap((it) => (it.is === "read" && it.read.epc === epc ? [it.read.antenna] : []))[0];
  await expect.poll(() => [antennaOf(tagA.epc), antennaOf(tagB.epc)], within).toEqual([1, 2]);
  await expect.poll(() => faults(), within).toContain("antenna");
  expect(events).toContainEqual({ is: "health", antennas: { 3: false } });
  expect(events).toContainEqual({ is: "health", temperatureCel: 35 });
});

test.concurrent("uhfreader18: is sent the plain inventory that a 288 does not need", async ({
  expect,
}) => {
  await using rigged = await rig("uhfreader288", {});
  const { reads, reader } = rigged;
  await expect.poll(() => reads().size, within).toBe(2);
  await using other = await rig("uhfreader18", {});
  await expect.poll(() => other.reads().size, within).toBe(2);
  expect(reader.state.heard).toContain("92");
  expect(other.reader.state.heard).not.toContain("92");
});

test.concurrent("uhfreader288: a reader in realtime mode is read, and said to be in another mode", async ({
  expect,
}) => {
  await using rigged = await rig("uhfreader288", {
    prepare: ({ state }) => (state.isRealtime = true),
  });
  const { reads, faults } = rigged;
  await expect.poll(() => reads().size, within).toBe(2);
  expect(faults()).toEqual(["realtime-mode"]);
});

test.concurrent("swct: a reader in active mode is listened to", async ({ expect }) => {
  await using rigged = await rig("swct", {
    prepare: ({ state }) => (state.isRealtime = true),
  });
  const { reader, reads, events } = rigged;
  await expect.poll(() => reads().size, within).toBe(2);
  expect(reader.state.heard).toContain("41");
  expect(reader.state.heard).not.toContain("01");
  reader.field.take(tagA.epc);
  reader.field.take(tagB.epc);
  const before = events.length;
  await expect.poll(() => events.slice(before).some(({ is }) => is === "alive"), within).toBe(true);
});

test.concurrent.for([
  ["rdm6300", "100086F444"],
  ["wl134", "03843A3529A171"],
] as const)("%s: what it repeats is read", async ([name, epc], { expect }) => {
  await using rigged = await rig(name, { tags: [{ epc }] });
  const { events, reads } = rigged;
  await expect.poll(() => [...reads()], within).toEqual([epc]);
  expect(events[0]).toEqual({ is: "alive" });
});

test.concurrent.for(["r200", "thingmagic"])(
  "%s: 500 tags at 700 reads/s",
  async (name, { expect }) => {
    const tags = Array.from({ length: 500 }, (_, index) => ({
      epc: `E2000000${String(index).padStart(16, "0")}`,
    }));
    await using rigged = await rig(name, { tags, readsPerSecond: 700 });
    const { reads } = rigged;
    await expect.poll(() => reads().size, within).toBe(500);
  },
);
