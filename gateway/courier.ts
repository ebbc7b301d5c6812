import { healthText } from "../config/language/health.ts";
import type { Config } from "../config/schema/config.ts";
import type { Clock, Log } from "../drivers/contract.ts";
import type { Health, Problem } from "./health/health.ts";
import type { Intake } from "./intake.ts";
import type { Delivery } from "./push/push.ts";
import type { PushDesk } from "./push/push-desk.ts";
import { aborted } from "./runtime/stop.ts";
import { isSameSetting } from "./same-settings.ts";
import { pinMarkKey } from "./sms/pin-mark.ts";
import { SmsLine } from "./sms/sms-line.ts";
import { DeliveryFile } from "./store/delivery-file.ts";
import type { DurableStore } from "./store/open-store.ts";

/** A channel that fails for shorter than this may only have a hiccup. */
const failingMsMin = 120_000;

/** What may be another one after a switch of the configuration is looked up each time. */
export interface CourierParts {
  readonly config: Config;
  readonly dataDir: string;
  readonly desk: PushDesk;
  readonly intake: Pick<Intake, "follow" | "save">;
  readonly store: DurableStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
}

/** Sees pushes off: SMS by the gateway's own modem, what the agent delivers by looking into its file. */
export class Courier implements Disposable {
  readonly #parts: CourierParts;
  readonly #agent: DeliveryFile;
  #sms: SmsLine | undefined;
  /** Ends the life of the line. */
  #line = new AbortController();
  #told = new Map<string, string>();

  constructor(parts: CourierParts) {
    this.#parts = parts;
    this.#agent = new DeliveryFile(parts.dataDir);
    this.#sms = this.#newLine();
  }

  #newLine(): SmsLine | undefined {
    const { store, clock, log, health } = this.#parts;
    const { sms, notify, gateway, alarms } = this.#parts.config;
    if (sms === undefined) return undefined;
    return new SmsLine({
      ...{ clock, log, health, config: sms, receivers: notify },
      language: gateway.language,
      digestEveryMs: alarms.digestEvery,
      waiting: () => this.#parts.desk.waiting(),
      report: (deliveries) => this.#settle(deliveries),
      pinMark: {
        read: () => store.readState(pinMarkKey).get(pinMarkKey),
        write: (mark) => this.#parts.intake.save(new Map([[pinMarkKey, mark]])),
      },
    });
  }

  /** The configuration was switched: a modem whose settings are others is opened anew, any other goes on. */
  switched(before: Config): void {
    const said = ({ sms, notify, gateway, alarms }: Config) => {
      // Of receivers only their numbers: other secrets of theirs are the agent's, and another guess at each loading.
      const numbers = Object.entries(notify).map(([id, receiver]) => [id, receiver.sms]);
      return { sms, numbers, language: gateway.language, digestEvery: alarms.digestEvery };
    };
    if (!isSameSetting(said(before), said(this.#parts.config))) this.#line.abort();
    this.wake();
  }

  /** Pushes were queued. */
  wake(): void {
    this.#sms?.wake();
  }

  /** What the agent did since the last look, and whether somebody cannot be reached. */
  step(): void {
    const { store, health } = this.#parts;
    const deliveries = [...this.#agent.read(store.outbox.epoch).values()];
    const known = this.#told;
    // What was told is told again only when it changed: the agent's rows stay until the gateway's own are gone.
    // Why an attempt failed is written after the attempt itself: the count alone would miss it.
    this.#told = new Map(
      deliveries.map(({ id, state, attempts, problem }) => [
        id,
        `${state} ${attempts} ${problem ?? ""}`,
      ]),
    );
    this.#settle(deliveries.filter(({ id }) => known.get(id) !== this.#told.get(id)));
    health.report("push", this.#problem());
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#line.abort(), { once: true });
    while (!signal.aborted) {
      this.#line = new AbortController();
      if (this.#sms === undefined) this.#parts.health.report("sms", undefined);
      else await this.#sms.run(this.#line.signal);
      await aborted(this.#line.signal);
      this.#sms = this.#newLine();
    }
  }

  [Symbol.dispose](): void {
    this.#agent[Symbol.dispose]();
  }

  #settle(deliveries: readonly Delivery[]): void {
    const { desk, intake } = this.#parts;
    if (deliveries.length > 0) intake.follow((instant) => desk.settle(deliveries, instant));
  }

  #problem(): Problem | undefined {
    const { desk, config, clock } = this.#parts;
    const text = healthText[config.gateway.language];
    const [blocked] = this.#agent.problems();
    if (blocked !== undefined) {
      const { code, message, where, todo } = blocked;
      return { code, message, todo, ...(where === undefined ? {} : { where }) };
    }
    const now = clock.now();
    const failing = desk.failing().find(({ since }) => now - since >= failingMsMin);
    if (failing === undefined) return undefined;
    const { receiver, channel, problem } = failing;
    const where = `notify.${receiver}.${channel}`;
    const message = text.pushFails(receiver, channel, problem);
    return { code: "push/undelivered", message, where, todo: text.pushTodo };
  }
}
