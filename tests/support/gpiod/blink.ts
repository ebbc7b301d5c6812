// Opens a channel like a gateway would, lights line 17 and waits to be killed: `blink.ts CHANNEL_JSON PROGRAMS SYSFS`.
import { gpioDriver } from "../../../drivers/gpio/driver.ts";
import { gpioSchema } from "../../../drivers/gpio/schema.ts";
import { systemClock } from "../../../gateway/runtime/clock.ts";
import { memoryLog } from "../manual-clock.ts";

const [channel = "", programs = "", sysfsFolder = ""] = process.argv.slice(2);
const driver = gpioDriver({ programs, sysfsFolder });
const context = { clock: systemClock, log: memoryLog().log };
const session = await driver.open(
  gpioSchema.parse(JSON.parse(channel)),
  context,
  new AbortController().signal,
);
await session.write?.("stack/red", true);
process.stdout.write("lit\n");
setInterval(() => undefined, 60_000);
