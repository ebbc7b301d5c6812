import type {
  Clock,
  DriverContext,
  LocalBroker,
  Log,
  PointKey,
  Sample,
  Value,
} from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { Supervisor } from "./acquisition/supervisor.ts";
import type { ChannelMove, ChannelPlan, PlannedChannel } from "./channel-plan.ts";
import type { Health } from "./health/health.ts";
import { aborted } from "./runtime/stop.ts";

/** A channel that takes longer to turn its outputs off, or to close, holds up those that are to open no longer. */
export const channelCloseMsMax = 5_000;

export interface ChannelsParts {
  readonly plan: ChannelPlan;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
  readonly deliver: (samples: readonly Sample[]) => void;
  readonly opened: () => void;
  /** Where drivers keep their files. */
  readonly dataDir: string;
  /** Undefined where there is no broker. */
  readonly localBroker?: LocalBroker | undefined;
}

interface RunningChannel {
  readonly supervisor: Supervisor;
  readonly devices: readonly string[];
  readonly end: AbortController;
  /** It closes: what its driver still says is of points that are somebody else's, or nobody's. */
  isOver: boolean;
  /** Resolves when it is closed; undefined: it does not run yet. */
  running: Promise<void> | undefined;
}

/** One supervisor for each channel of the configuration. */
export class Channels {
  readonly #parts: ChannelsParts;
  readonly #channels = new Map<string, RunningChannel>();
  #plan: ChannelPlan;
  #byDevice: ReadonlyMap<string, Supervisor> = new Map();
  readonly #silent: Set<string>;
  readonly #heard = Promise.withResolvers<void>();
  readonly #ended = new AbortController();
  #runs = false;

  constructor(parts: ChannelsParts) {
    this.#parts = parts;
    this.#plan = parts.plan;
    for (const channel of parts.plan.values()) this.#add(channel);
    const isRead = ({ points }: PlannedChannel) => points.some(({ access }) => access !== "write");
    this.#silent = new Set([...parts.plan.values()].filter(isRead).map(({ id }) => id));
    if (this.#silent.size === 0) this.#heard.resolve();
    this.#index();
  }

  get plan(): ChannelPlan {
    return this.#plan;
  }

  /** Resolves when every channel of the start that is read has delivered once, good samples or bad ones. */
  heard(): Promise<void> {
    return this.#heard.promise;
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#runs = true;
    for (const channel of this.#channels.values()) this.#start(channel);
    await aborted(signal);
    this.#ended.abort();
    const channels = [...this.#channels.values()];
    for (const { end } of channels) end.abort();
    await Promise.all(channels.flatMap(({ running }) => (running === undefined ? [] : [running])));
  }

  /** Whether its driver has it open; false as well where there is no such channel. */
  isOpen(id: string): boolean {
    return this.#channels.get(id)?.supervisor.isOpen ?? false;
  }

  /** @throws RackwatchError `driver/unavailable`, `driver/not-writable`, or what the device answers. */
  async write(point: PointKey, value: Value): Promise<void> {
    const supervisor = this.#byDevice.get(point.slice(0, point.indexOf("/")));
    if (supervisor === undefined) {
      throw new RackwatchError("driver/not-writable", `${point} is not a point`, { where: point });
    }
    await supervisor.write(point, value);
  }

  /**
   * Another plan from now on: writes go to its channels at once. Resolves when those that close are closed, their outputs
   * safe, and the others are opening; a port that both use is free by then.
   */
  async move(plan: ChannelPlan, { closes, opens, turnsOff }: ChannelMove): Promise<void> {
    this.#plan = plan;
    const closing = closes.flatMap((id) => this.#channels.get(id) ?? []);
    for (const channel of closing) channel.isOver = true;
    for (const id of closes) this.#channels.delete(id);
    const added = opens.flatMap((id) => {
      const channel = plan.get(id);
      return channel === undefined ? [] : [this.#add(channel)];
    });
    this.#index();
    await Promise.all(closing.map((channel) => this.#close(channel, turnsOff)));
    for (const channel of added) this.#start(channel);
  }

  /** Closes a channel and opens it again. False: there is no such channel. */
  async restart(id: string): Promise<boolean> {
    if (!this.#plan.has(id)) return false;
    const nothing = new Set<PointKey>();
    await this.move(this.#plan, { closes: [id], opens: [id], turnsOff: nothing, lost: nothing });
    return true;
  }

  #add({ id, settings, driver, points }: PlannedChannel): RunningChannel {
    const { clock, health, opened, dataDir, localBroker, deliver } = this.#parts;
    const log = this.#parts.log.child({ channel: id });
    const context: DriverContext = {
      ...{ clock, log, dataDir },
      ...(localBroker === undefined ? {} : { localBroker }),
    };
    const end = new AbortController();
    const heard = (samples: readonly Sample[]) => {
      if (channel.isOver) return;
      deliver(samples);
      this.#hear(id);
    };
    const supervisor = new Supervisor(
      { id, settings, driver, points },
      { context, health, deliver: heard, opened },
    );
    const devices = Object.keys(settings.devices);
    const running = undefined;
    const channel: RunningChannel = { supervisor, devices, end, isOver: false, running };
    this.#channels.set(id, channel);
    return channel;
  }

  #start(channel: RunningChannel): void {
    if (!this.#runs || this.#ended.signal.aborted || channel.end.signal.aborted) return;
    channel.running ??= channel.supervisor.run(channel.end.signal);
  }

  /** Never rejects: what does not answer any more cannot be made safe from here. */
  async #close(channel: RunningChannel, turnsOff: ReadonlySet<PointKey>): Promise<void> {
    const { clock, log } = this.#parts;
    const { supervisor, devices, end } = channel;
    const off = [...turnsOff].filter((point) => devices.includes(point.split("/")[0] ?? ""));
    const written = Promise.all(
      off.map((point) =>
        supervisor.write(point, false).catch((error: unknown) => {
          log.warn("output not turned off", { point, error: String(error) });
        }),
      ),
    );
    if (off.length > 0) await this.#atMost(written, clock);
    end.abort();
    await this.#atMost(Promise.resolve(channel.running), clock);
  }

  async #atMost(work: Promise<unknown>, clock: Clock): Promise<void> {
    const patience = new AbortController();
    const over = clock.sleep(channelCloseMsMax, patience.signal).catch(() => undefined);
    await Promise.race([work, over]);
    patience.abort();
  }

  #index(): void {
    this.#byDevice = new Map(
      [...this.#channels.values()].flatMap(({ supervisor, devices }) =>
        devices.map((device): [string, Supervisor] => [device, supervisor]),
      ),
    );
  }

  #hear(id: string): void {
    if (this.#silent.delete(id) && this.#silent.size === 0) this.#heard.resolve();
  }
}
