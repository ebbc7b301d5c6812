// The smallest program that keeps what the gateway's unit asks of a gateway, on the project's own parts: it drives one
// lamp, says that it is ready, pings the watchdog while its loop turns, and leaves its outputs safe.
import { networkInterfaces } from "node:os";
import { gpio } from "../../../drivers/gpio/driver.ts";
import { gpioSchema } from "../../../drivers/gpio/schema.ts";
import { systemClock } from "../../../gateway/runtime/clock.ts";
import { Heartbeat } from "../../../gateway/runtime/heartbeat.ts";
import { createLog } from "../../../gateway/runtime/log.ts";
import { createNotifier } from "../../../gateway/runtime/notify.ts";
import { outputsFile, writeOutputs } from "../../../gateway/runtime/outputs-file.ts";

const points = { red: { line: 17 } };
const channel = gpioSchema.parse({ driver: "gpio", devices: { stack: { points } } });
const log = createLog(process.env);
const clock = systemClock;
const notifier = createNotifier(process.env, log);
const heart = new Heartbeat();
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
process.once("SIGUSR1", () => {
  for (;;);
});

writeOutputs(outputsFile(process.env, "/var/lib/rackwatch"), { lights: channel }, log);
const session = await gpio.open(channel, { clock, log }, stop.signal);
await session.write?.("stack/red", true);
heart.register("loop", 1_000, clock.monotonicMs());
notifier.ready();
const { length } = Object.keys(networkInterfaces());
notifier.status(`lamp on, ${length} network interface, ${typeof fetch}`);
let pingedAt = clock.monotonicMs();
while (!stop.signal.aborted) {
  const now = clock.monotonicMs();
  heart.tick("loop", now);
  if (heart.mayPing(now) && now - pingedAt >= (notifier.watchdogMs ?? Infinity) / 2) {
    notifier.watchdog();
    pingedAt = now;
  }
  await clock.sleep(100, stop.signal).catch(() => undefined);
}
notifier.stopping();
await session[Symbol.asyncDispose]();
await notifier.idle();
