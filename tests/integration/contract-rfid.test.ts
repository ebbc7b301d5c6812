import { readerContract } from "./rfid-driver-rig.ts";

const file = (protocol: string, device: string) => `version: 1
gateway: { id: g }
channels:
  gate:
    driver: rfid
    port: serial:/dev/serial/by-id/usb-a
    protocol: ${protocol}
    devices:
      g: ${device}
`;

const wrongConfigs = [
  { yaml: file("r2000", "{}"), line: 7, column: 15, code: "schema/value" },
  { yaml: file("llrp", "{}"), line: 6, column: 11, code: "rfid/network-only" },
  { yaml: file("thingmagic", "{}"), line: 7, column: 15, code: "rfid/region-needed" },
  { yaml: file("r200\n    regoin: EU", "{}"), line: 8, column: 5, code: "schema/unknown-key" },
  { yaml: file("rdm6300\n    power: 20", "{}"), line: 8, column: 12, code: "rfid/no-radio" },
  {
    yaml: file("r200", "{ antennas: [1, 1] }"),
    ...{ line: 9, column: 26, code: "rfid/antenna-twice" },
  },
  {
    yaml: file("r200", "{ antennas: [1] }\n      h: {}"),
    ...{ line: 10, column: 10, code: "rfid/antennas-needed" },
  },
  {
    yaml: file("r200", "{ points: { weight: { name: Weight } } }"),
    ...{ line: 9, column: 30, code: "rfid/point-unknown" },
  },
];

readerContract("r200", { wrongConfigs });

// These readers speak of tags only: neither silence nor half a number can be told from an empty field.
readerContract("rdm6300", { faults: ["garbage"] });
readerContract("wl134", { faults: ["garbage"] });
