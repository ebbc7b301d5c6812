import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { type ModbusSimulator, startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { eventually, type GatewayRig, gatewayRig, type Running, scratchFolder } from "./spine.ts";

/** A register that counts how often it was read, so that no two answers are the same. */
class CountingRegister extends Map<number, number> {
  count = 0;

  override get(address: number): number | undefined {
    if (address !== 0) return super.get(address);
    this.count += 1;
    return this.count & 0xffff;
  }
}

/** Coils that remember every level that they were given. */
export class RecordedCoils extends Map<number, boolean> {
  readonly written = new Map<number, boolean[]>();

  override set(address: number, isOn: boolean): this {
    // The initial level is set before there is a record.
    this.written?.set(address, [...(this.written.get(address) ?? []), isOn]);
    return super.set(address, isOn);
  }
}

/** What of the site is there, in one configuration. */
export interface SwitchConfig {
  /** Rules beside the one that always is there. */
  readonly rules?: Readonly<Record<string, unknown>>;
  /** The second channel with its lamp. */
  readonly hasExtra?: boolean;
  readonly readEvery?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A gateway as a process over two devices on real sockets, whose configuration a test switches. */
export class SwitchSite implements AsyncDisposable {
  readonly meter: ModbusSimulator;
  readonly extra: ModbusSimulator;
  readonly register: CountingRegister;
  readonly lamps: RecordedCoils;
  readonly extraLamps: RecordedCoils;
  readonly #cleanup: AsyncDisposableStack;
  #rig: GatewayRig | undefined;
  #running: Running | undefined;

  private constructor(
    parts: Pick<SwitchSite, "meter" | "extra" | "register" | "lamps" | "extraLamps">,
    cleanup: AsyncDisposableStack,
  ) {
    this.meter = parts.meter;
    this.extra = parts.extra;
    this.register = parts.register;
    this.lamps = parts.lamps;
    this.extraLamps = parts.extraLamps;
    this.#cleanup = cleanup;
  }

  static async open(config: SwitchConfig): Promise<SwitchSite> {
    const cleanup = new AsyncDisposableStack();
    const register = new CountingRegister([[1, 20]]);
    const lamps = new RecordedCoils([
      [0, false],
      [1, false],
      [2, false],
    ]);
    const extraLamps = new RecordedCoils([[0, false]]);
    const unit = simulatedUnit({ input: register, coils: lamps });
    const meter = cleanup.use(await startModbusSimulator({ units: new Map([[1, unit]]) }));
    const other = simulatedUnit({ input: new Map([[0, 7]]), coils: extraLamps });
    const extra = cleanup.use(await startModbusSimulator({ units: new Map([[1, other]]) }));
    const site = new SwitchSite({ meter, extra, register, lamps, extraLamps }, cleanup);
    const folder = cleanup.use(scratchFolder()).path;
    site.#rig = await gatewayRig(folder, site.yaml(config), {
      RACKWATCH_BOOT_ID: "boot-of-the-test",
    });
    await site.start();
    return site;
  }

  get rig(): GatewayRig {
    if (this.#rig === undefined) throw new Error("the site is not open");
    return this.#rig;
  }

  get running(): Running {
    if (this.#running === undefined) throw new Error("the gateway does not run");
    return this.#running;
  }

  async start(): Promise<void> {
    this.#running = await this.rig.start();
    const opened = (event: string) => this.lines(event) > 0;
    await eventually(() => opened("panel listens") && opened("mqtt broker listens"), Boolean);
  }

  set temperature(value: number) {
    this.register.set(1, value);
  }

  /** JSON is YAML. */
  yaml({ rules = {}, hasExtra = false, readEvery = "100ms", more = {} }: SwitchConfig): string {
    const coil = (address: number) => ({ table: "coil", address, access: "write" });
    const input = (address: number) => ({ table: "input", address, type: "uint16" });
    const extra = {
      extra: {
        ...{ driver: "modbus", port: this.extra.address },
        devices: { far: { unitId: 1, every: "200ms", points: { n: input(0), lamp: coil(0) } } },
      },
    };
    return JSON.stringify({
      version: 1,
      gateway: { id: "switched" },
      channels: {
        line: {
          ...{ driver: "modbus", port: this.meter.address },
          // A machine that is busy is no device that does not answer.
          timeout: "20s",
          devices: {
            meter: {
              ...{ unitId: 1, every: readEvery },
              points: { n: input(0), t: input(1), steady: coil(0), second: coil(1), idle: coil(2) },
            },
          },
        },
        ...(hasExtra ? extra : {}),
      },
      rules: {
        warm: { point: "meter/t", above: 30, priority: "high", outputs: ["meter/steady"] },
        ...rules,
      },
      panel: { listen: "127.0.0.1:{panel}" },
      broker: { listen: "127.0.0.1:{broker}" },
      store: { flushEvery: "500ms" },
      ...more,
    });
  }

  lines(event: string): number {
    return this.running.lines.filter((line) => line["event"] === event).length;
  }

  /** Has the gateway read another configuration. */
  change(config: SwitchConfig): void {
    this.changeText(this.yaml(config));
  }

  changeText(text: string): void {
    this.rig.writeConfig(text);
    process.kill(this.running.pid, "SIGHUP");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.kill("SIGKILL");
    await this.#cleanup.disposeAsync();
  }
}
