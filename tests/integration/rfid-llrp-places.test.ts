import { expect, test } from "vitest";
import { through } from "./rfid-through-rig.ts";

const limit = { timeout: 60_000 };
const sgtin = "3074257BF7194E4000001A85";
const factory = "E2801160600002058A3C1F00";

test("llrp: a tag that leaves an empty field is missed within seconds", limit, async () => {
  const it = await through({ protocol: "llrp", tags: [{ epc: sgtin }] });
  await it.until("gate/count", { quality: "good", value: 1 });
  it.field.take(sgtin);
  // Hold of 1 s and a sign of life each 2 s; the rest is for a busy machine.
  await it.until("gate/left", { value: sgtin }, 8_000);
  await it.until("gate/count", { quality: "good", value: 0 }, 8_000);
  await it.until("gate/last-reads", { quality: "good" });
  expect(it.runner.ends).toEqual([]);
});

test(
  "llrp: a tag that moves to another antenna is told there, and in no place twice",
  limit,
  async () => {
    const it = await through({
      protocol: "llrp",
      tags: [
        { epc: sgtin, antenna: 1, rssiDbm: -48 },
        { epc: factory, antenna: 2, rssiDbm: -50 },
      ],
      channel: {
        presence: { within: "5s", hold: "3s" },
        devices: {
          shelf: { antennas: [1], every: "200ms" },
          door: { antennas: [2], every: "200ms" },
        },
      },
    });
    await it.until("shelf/tags", { quality: "good", value: sgtin });
    await it.until("door/tags", { quality: "good", value: factory });
    expect(it.last("shelf/last-antenna")).toMatchObject({ value: 1 });
    it.runner.forget();
    it.field.put({ epc: sgtin, antenna: 2, rssiDbm: -48 });
    await it.until("door/tags", { quality: "good", value: `${sgtin} ${factory}` });
    await it.until("shelf/tags", { quality: "good", value: "" });
    await it.until("shelf/left", { value: sgtin });
    await it.until("door/arrived", { value: sgtin });
    const places = { shelf: true, door: false };
    const wrong: string[] = [];
    for (const sample of it.runner.samples) {
      if (sample.quality === "bad" || typeof sample.value !== "string") continue;
      const holds = sample.value.split(" ").includes(sgtin);
      if (sample.point === "shelf/tags") places.shelf = holds;
      if (sample.point !== "door/tags") continue;
      places.door = holds;
      if (places.door && sample.quality === "good") wrong.push(`door ${places.shelf}`);
    }
    expect(wrong.length).toBeGreaterThan(0);
    expect(it.runner.ends).toEqual([]);
  },
);
