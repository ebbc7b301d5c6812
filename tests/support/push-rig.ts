import { type Config, configSchema } from "../../config/schema/config.ts";
import type { Priority } from "../../config/schema/rule.ts";
import type { Alarm, AlarmCause, AlarmState, AlarmTransition } from "../../gateway/alarms/alarm.ts";
import type { Follow } from "../../gateway/follow.ts";
import type { Notice } from "../../gateway/push/notice.ts";
import { type Delivery, type Push, pushSchema } from "../../gateway/push/push.ts";
import { PushDesk } from "../../gateway/push/push-desk.ts";
import type { Rule } from "../../gateway/rules/rule.ts";

export interface PushRigOptions {
  /** `notify`, `escalation`, `alarms` and `gateway` as a file has them. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly rules: readonly (Partial<Rule> & { readonly id: string })[];
  readonly isDuring?: (schedule: string, at: number) => boolean | undefined;
  readonly peakOf?: (alarm: string) => number | undefined;
  readonly mayLink?: (rule: string) => boolean;
  readonly clockSet?: () => boolean;
  readonly testTargets?: readonly string[];
}

export interface Told {
  readonly atS: number;
  readonly receiver: string;
  readonly kind: Push["kind"];
  readonly alarm?: string | undefined;
}

/** A push desk over a store in memory, with alarms that a test moves by hand and a machine that it can reboot. */
export class PushRig {
  readonly state = new Map<string, unknown>();
  readonly events: Readonly<Record<string, unknown>>[] = [];
  /** Each push that was ever queued, with the second in which it was. */
  readonly pushes: (Push & { readonly atS: number })[] = [];
  readonly alarms = new Map<string, Alarm>();
  desk: PushDesk;
  mono = 0;
  wall = Date.UTC(2026, 11, 1, 4);
  boot = "boot-1";
  synchronized = true;
  readonly #options: PushRigOptions;
  readonly #rules: readonly Rule[];
  readonly #config: Pick<Config, "gateway" | "notify" | "escalation" | "alarms">;
  #changes: AlarmTransition[] = [];
  #random = 0;

  constructor(options: PushRigOptions) {
    this.#options = options;
    const gateway = { id: "wh1", name: "Depot" };
    this.#config = configSchema.parse({ version: 1, gateway, ...options.config });
    this.#rules = options.rules.map((rule) => ({
      when: { is: "above", point: "cold-1/temperature", limit: 8, inclusive: false, deadband: 0.5 },
      onDelayMs: 0,
      offDelayMs: 0,
      priority: "high",
      message: `${rule.id} is too warm`,
      outputs: [],
      ...rule,
    }));
    this.desk = this.#open();
    this.take(this.#step([]));
  }

  get instant() {
    return { at: this.wall, mono: this.mono };
  }

  /** Whom and when, without the channels. */
  get told(): readonly Told[] {
    const seen = new Set<string>();
    return this.pushes.flatMap(({ atS, receiver, kind, alarm, text }) => {
      const key = `${atS} ${receiver} ${kind} ${alarm} ${text}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ atS, receiver, kind, alarm }];
    });
  }

  /** `10 boss escalated`, one for each message. */
  get lines(): readonly string[] {
    return this.told.map(({ atS, receiver, kind }) => `${atS / 60} ${receiver} ${kind}`);
  }

  /** Moves time on; the desk is looked at whenever it wants to be. */
  advance(ms: number): void {
    const until = this.mono + ms;
    for (let rounds = 0; ; rounds += 1) {
      const due = this.desk.nextDue();
      if (due === undefined || due > until) break;
      if (rounds > 10_000) throw new Error(`the desk is due at ${due} again and again`);
      this.#pass(Math.max(0, due - this.mono));
      this.take(this.#step([]));
    }
    this.#pass(until - this.mono);
  }

  raise(rule: string, more: Partial<Alarm> = {}): string {
    const last = this.alarms.get(rule);
    const occurrence = Number(last?.id.split("#")[1] ?? 0) + 1;
    const { priority, message, advise, location } = this.#rule(rule);
    const alarm: Alarm = {
      id: `${rule}#${occurrence}`,
      rule,
      state: last?.state ?? "normal",
      active: true,
      acknowledged: false,
      latched: false,
      priority,
      message,
      ...(advise === undefined ? {} : { advise }),
      ...(location === undefined ? {} : { location }),
      outputs: [],
      point: "cold-1/temperature",
      value: 8.6,
      raisedAt: this.wall,
      since: this.wall,
      ...more,
    };
    this.alarms.set(rule, alarm);
    this.move(rule, "unacknowledged", "violated", more);
    return alarm.id;
  }

  /** Puts the alarm into a state, as the transition of a step that `commit` makes. */
  move(rule: string, to: AlarmState, cause: AlarmCause, more: Partial<Alarm> = {}, by?: string) {
    const alarm = this.alarms.get(rule);
    if (alarm === undefined) throw new Error(`no alarm of ${rule}`);
    const { id, state: from, priority, message, point, value } = { ...alarm, ...more };
    const acknowledged = to !== "unacknowledged" && !to.endsWith("unacknowledged");
    const active = cause === "returned" || to === "normal" ? false : alarm.active;
    this.alarms.set(rule, { ...alarm, state: to, since: this.wall, acknowledged, active, ...more });
    this.#changes.push({
      alarm: id,
      rule,
      from: cause === "violated" ? alarm.state : from,
      to,
      at: this.wall,
      cause,
      ...(by === undefined ? {} : { by }),
      ...(point === undefined ? {} : { point }),
      ...(value === undefined ? {} : { value }),
      priority,
      message,
    });
  }

  /** Flags that change without a transition of their own. */
  set(rule: string, more: Partial<Alarm>): void {
    const alarm = this.alarms.get(rule);
    if (alarm !== undefined) this.alarms.set(rule, { ...alarm, ...more });
  }

  /** Lets the desk see what was moved, and stores what follows. */
  commit(notices: readonly Notice[] = []): void {
    this.take(this.#step(notices));
  }

  settle(deliveries: readonly (Omit<Delivery, "at"> & { readonly at?: number })[]): void {
    const whole = deliveries.map((delivery) => ({ at: this.wall, ...delivery }));
    this.take(this.desk.settle(whole, this.instant));
  }

  /** The process dies, and starts again in the same boot or in another. What was stored is all that is left. */
  restart(how: { readonly downMs?: number; readonly reboot?: boolean } = {}): void {
    this.#pass(how.downMs ?? 0);
    if (how.reboot === true) {
      this.boot += "+";
      this.mono = 5_000;
    }
    this.desk = this.#open();
    this.take(this.#step([]));
  }

  take({ events, state }: Follow): void {
    this.events.push(...events.map(({ body }) => body));
    for (const [key, value] of state) {
      if (value === undefined) {
        this.state.delete(key);
        continue;
      }
      const isNew = !this.state.has(key);
      this.state.set(key, JSON.parse(JSON.stringify(value)));
      if (!key.startsWith("push/") || !isNew) continue;
      this.pushes.push({
        ...pushSchema.parse(this.state.get(key)),
        atS: Math.round(this.mono / 1_000),
      });
    }
  }

  #step(notices: readonly Notice[]): Follow {
    const transitions = this.#changes;
    this.#changes = [];
    const step = { transitions, alarms: [...this.alarms.values()] };
    return this.desk.step({ step, notices, instant: this.instant });
  }

  #pass(ms: number): void {
    this.mono += ms;
    this.wall += ms;
  }

  #rule(id: string): { priority: Priority; message: string; advise?: string; location?: string } {
    const rule = this.#rules.find((one) => one.id === id);
    if (rule === undefined) throw new Error(`no rule ${id}`);
    return rule;
  }

  #open(): PushDesk {
    const { isDuring = () => undefined, clockSet = () => true } = this.#options;
    const { peakOf, mayLink, testTargets } = this.#options;
    return new PushDesk({
      config: this.#config,
      rules: this.#rules,
      saved: new Map(this.state),
      instant: this.instant,
      boot: this.boot,
      clockSynchronized: () => this.synchronized,
      clockSet,
      isDuring,
      point: () => ({ name: "Air", unit: "Cel" }),
      locationName: (id) => (id === "cold-1" ? "Cold room 1" : undefined),
      random: (bytes) => {
        this.#random += 1;
        return new Uint8Array(bytes).fill(this.#random % 256);
      },
      ...(peakOf === undefined ? {} : { peakOf }),
      ...(mayLink === undefined ? {} : { mayLink }),
      ...(testTargets === undefined ? {} : { testTargets }),
    });
  }
}
