import { expect, test } from "vitest";
import { through } from "./rfid-through-rig.ts";

const limit = { timeout: 60_000 };
const sgtin = "3074257BF7194E4000001A85";

test.each(["r200", "thingmagic", "uhfreader288"])(
  "%s: a reader that does not take the region tells it, its tags are bad and not gone, and it heals",
  limit,
  async (protocol) => {
    const it = await through({
      protocol,
      tags: [{ epc: sgtin }],
      channel: { region: "EU" },
      prepare: ({ reader }) => {
        if (reader !== undefined) reader.state.regions = ["CN", "US"];
      },
    });
    await it.until("gate/count", { quality: "bad", reason: "region" });
    await it.until("gate/tags", { quality: "bad", reason: "region" });
    await it.until("gate/reader", { quality: "good", value: "region" });
    expect(it.simulator.reader?.state.region).toBe("CN");
    expect(it.runner.ends).toEqual([]);
    if (it.simulator.reader !== undefined) it.simulator.reader.state.regions = ["EU"];
    await it.until("gate/count", { quality: "good", value: 1 });
    expect(it.runner.ends).toEqual([]);
  },
);
