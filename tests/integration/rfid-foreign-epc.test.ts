import { expect, test } from "vitest";
import { through } from "./rfid-through-rig.ts";

const limit = { timeout: 60_000 };
const factory = "E2801160600002058A3C1F00";
const long = "1FB41F712AC9C37AB79D618173188324001A";
const book = "4C69623034323331";

test.each(["r200", "thingmagic", "uhfreader288", "llrp"])(
  "%s: factory tags and tags of 144 bits are tags like others",
  limit,
  async (protocol) => {
    const it = await through({ protocol, tags: [{ epc: factory }, { epc: long }] });
    await it.until("gate/tags", { quality: "good", value: `${long} ${factory}` });
    await it.until("gate/ghosts", { quality: "good", value: 0 });
    it.field.take(factory);
    await it.until("gate/left", { value: factory });
    await it.until("gate/tags", { quality: "good", value: long });
    await it.until("gate/last-uri", { quality: "good", value: `urn:epc:raw:144.x${long}` });
    expect(it.runner.ends).toEqual([]);
  },
);

test.each(["r200", "thingmagic"])(
  "%s: a tag of another application is present, under its family",
  limit,
  async (protocol) => {
    const it = await through({ protocol, tags: [{ epc: book, afi: 0xc2 }] });
    await it.until("gate/tags", { quality: "good", value: book });
    await it.until("gate/last-uri", { quality: "good", value: `urn:epc:raw:64.xC2.x${book}` });
    await it.until("gate/ghosts", { quality: "good", value: 0 });
    expect(it.runner.ends).toEqual([]);
  },
);
