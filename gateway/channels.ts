import type { Config } from "../config/schema/config.ts";
import type {
  Clock,
  Driver,
  LocalBroker,
  Log,
  PointKey,
  Sample,
  Value,
} from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { Supervisor } from "./acquisition/supervisor.ts";
import type { Health } from "./health/health.ts";

export interface ChannelsParts {
  readonly config: Config;
  readonly drivers: readonly Driver[];
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
  readonly deliver: (samples: readonly Sample[]) => void;
  readonly opened: () => void;
  /** Where drivers keep their files. */
  readonly dataDir: string;
  /** Undefined where the broker is switched off. */
  readonly localBroker?: LocalBroker | undefined;
}

/** One supervisor for each channel of the configuration. */
export class Channels {
  readonly #supervisors: readonly Supervisor[];
  readonly #byDevice: ReadonlyMap<string, Supervisor>;
  readonly #silent: Set<string>;
  readonly #heard = Promise.withResolvers<void>();

  constructor(parts: ChannelsParts) {
    const { config, clock, health, opened, dataDir, localBroker } = parts;
    const made = Object.entries(config.channels).map(([id, settings]) => {
      const driver = parts.drivers.find(({ name }) => name === settings.driver);
      if (driver === undefined)
        throw new Error(`no driver ${settings.driver}: the check let it pass`);
      const log = parts.log.child({ channel: id });
      const points = driver.describe(settings);
      const deliver = (samples: readonly Sample[]) => {
        parts.deliver(samples);
        this.#hear(id);
      };
      const supervisor = new Supervisor(
        { id, settings, driver, points },
        {
          context: { clock, log, dataDir, ...(localBroker === undefined ? {} : { localBroker }) },
          health,
          deliver,
          opened,
        },
      );
      const isRead = points.some(({ access }) => access !== "write");
      return { id, supervisor, devices: Object.keys(settings.devices), isRead };
    });
    this.#silent = new Set(made.filter(({ isRead }) => isRead).map(({ id }) => id));
    if (this.#silent.size === 0) this.#heard.resolve();
    this.#supervisors = made.map(({ supervisor }) => supervisor);
    this.#byDevice = new Map(
      made.flatMap(({ supervisor, devices }) =>
        devices.map((device): [string, Supervisor] => [device, supervisor]),
      ),
    );
  }

  /** Resolves when every channel that is read has delivered once, good samples or bad ones. */
  heard(): Promise<void> {
    return this.#heard.promise;
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.run(signal)));
  }

  /** @throws RackwatchError `driver/unavailable`, `driver/not-writable`, or what the device answers. */
  async write(point: PointKey, value: Value): Promise<void> {
    const supervisor = this.#byDevice.get(point.slice(0, point.indexOf("/")));
    if (supervisor === undefined) {
      throw new RackwatchError("driver/not-writable", `${point} is not a point`, { where: point });
    }
    await supervisor.write(point, value);
  }

  #hear(id: string): void {
    if (this.#silent.delete(id) && this.#silent.size === 0) this.#heard.resolve();
  }
}
