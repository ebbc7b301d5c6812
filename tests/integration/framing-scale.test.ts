import { createDescribedProtocol } from "../../drivers/scale/described.ts";
import { describedBytesMax, describedFormatSchema } from "../../drivers/scale/described-format.ts";
import { framerProperties } from "../support/framer-properties.ts";
import { framesOf, latin1, scaleFramerProperties } from "./framing-scale-rig.ts";

for (const name of ["toledo", "keli", "cas"]) scaleFramerProperties(name);

const described: Readonly<Record<string, object>> = {
  "described by positions": {
    frame: { start: "\u0002", end: "\u0003", lengthBytes: 12 },
    fields: { weight: { from: 2, length: 8 }, sign: { from: 1, length: 1 } },
  },
  "described by a pattern": {
    frame: { end: "\r\n" },
    pattern: "(?<stable>ST|US) *(?<weight>-?[0-9.]+) (?<unit>kg|g|lb)",
    stable: { values: { ST: true, US: false } },
  },
};

for (const [name, format] of Object.entries(described)) {
  const protocol = createDescribedProtocol(describedFormatSchema.parse(format));
  const [start, end] = name.endsWith("positions") ? ["\u0002", "\u0003"] : ["", "\r\n"];
  framerProperties(
    name,
    () => protocol.createFramer({ checksum: "off" }),
    framesOf(protocol),
    (bytes) => latin1(bytes).startsWith(start) && latin1(bytes).endsWith(end),
    { heldBytesMax: describedBytesMax },
  );
}
