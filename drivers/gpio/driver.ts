import type { Driver } from "../contract.ts";
import { type GpioHost, programFolders, sysfsFolder } from "./backend.ts";
import { openBackend } from "./detect.ts";
import { claimGpio, describeGpio, startLevels } from "./plan.ts";
import { type GpioChannel, gpioSchema } from "./schema.ts";
import { GpioSession } from "./session.ts";

/** Where the backends look; a test names its own folders. */
export type GpioPlaces = Omit<GpioHost, "clock">;

export function gpioDriver(places: GpioPlaces): Driver<GpioChannel> {
  return {
    name: "gpio",
    schema: gpioSchema,
    describe: describeGpio,
    claims: claimGpio,
    open: async (channel, context, signal) => {
      signal.throwIfAborted();
      const host = { ...places, clock: context.clock };
      let session: GpioSession | undefined;
      const backend = await openBackend(channel, host, (error) => session?.lose(error));
      session = new GpioSession(channel, backend, context, signal);
      try {
        await backend.request(startLevels(channel));
        await session.watch();
      } catch (error) {
        await backend.release();
        throw error;
      }
      context.log.info("gpio-open", { backend: backend.name });
      return session;
    },
  };
}

/** Lamps, buzzers, contacts and push-buttons on the pins of the machine itself. */
export const gpio: Driver<GpioChannel> = gpioDriver({ programs: programFolders, sysfsFolder });
