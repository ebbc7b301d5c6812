import type { Sample } from "../../drivers/contract.ts";
import { rfid } from "../../drivers/rfid/driver.ts";
import { startReaderSimulator } from "../../drivers/rfid/simulator.ts";
import { TagField } from "../../drivers/rfid/tag-field.ts";
import { contractRig, type DriverContract, driverContract } from "../support/driver-contract.ts";

const uhf = ["3074257BF7194E4000001A85", "E2801160600002058A3C1F00"];
const lf = ["100086F444", "0A00ABCDEF"];
const animal = ["03E7123456789A", "03E7000000002A"];

function epcsOf(protocol: string): readonly string[] {
  if (protocol === "rdm6300") return lf;
  return protocol === "wl134" ? animal : uhf;
}

async function simulate(protocol: string) {
  const tags = epcsOf(protocol).map((epc) => ({ epc }));
  const field = new TagField(tags, { readsPerSecond: 40 });
  const simulator = await startReaderSimulator({ protocol, field });
  return contractRig(simulator, {
    driver: "rfid",
    port: simulator.address,
    protocol,
    presence: { hold: "500ms", within: "5s" },
    devices: { gate: { every: "100ms" } },
    ...(protocol === "thingmagic" ? { region: "EU" } : {}),
  });
}

function isTrueFor(protocol: string): (sample: Sample) => boolean {
  const epcs = epcsOf(protocol);
  return (sample) => {
    if (sample.quality === "bad" || typeof sample.value !== "string") return true;
    if (/\/(arrived|left|last)$/.test(sample.point)) return epcs.includes(sample.value);
    if (!sample.point.endsWith("/tags") || sample.value === "") return true;
    return sample.value.split(" ").every((epc) => epcs.includes(epc));
  };
}

const seldom = ["arrived", "left", "antenna", "temperature", "return-loss", "ghost-reason"];
const unsaid = ["last-antenna", "last-rssi"];

/** What every reader must show, in its language. */
export function readerContract(protocol: string, own: Partial<DriverContract> = {}): void {
  driverContract({
    name: `rfid ${protocol}`,
    driver: rfid,
    simulate: () => simulate(protocol),
    unharmedBy: ["garbage"],
    seldom: [...seldom, ...unsaid].map((point) => `gate/${point}`),
    isTrue: isTrueFor(protocol),
    wrongConfigs: [],
    ...own,
  });
}
