import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { type ModbusSimulator, startModbusSimulator } from "../../drivers/modbus/simulator.ts";

/** Points that count, each in two registers from 0 on; one request reads them all. */
const countedPoints = 24;

/** Points whose value makes an alarm, with a lamp each. */
export const alarmedPoints = 5;

const unitId = 1;

/** Register of the first level. */
const levelsFrom = 200;

/** A level that is an alarm, and one that is none. */
const high = 100;
const low = 1;

/** Registers whose value is the number of the reading: no two answers of the device are the same. */
class CountingRegisters extends Map<number, number> {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  override get(address: number): number | undefined {
    if (address >= levelsFrom) return super.get(address);
    if (address >= countedPoints * 2) return undefined;
    if (address % 2 === 1) return this.#count & 0xffff;
    this.#count += 1;
    return this.#count >>> 16;
  }
}

/** Coils that remember how often they were turned on and off. */
class LampCoils extends Map<number, boolean> {
  readonly turns = { on: 0, off: 0 };
  /** Asked before a lamp changes; what throws keeps it as it is, and the request without an answer. */
  before: (address: number, isOn: boolean) => void = () => undefined;

  override set(address: number, isOn: boolean): this {
    this.before(address, isOn);
    if (this.has(address) && this.get(address) !== isOn) this.turns[isOn ? "on" : "off"] += 1;
    return super.set(address, isOn);
  }
}

/** Sensors and lamps on a real socket, which live on while everything else is killed. */
export class SpineDevice implements AsyncDisposable {
  readonly #wire: ModbusSimulator;
  readonly #input: CountingRegisters;
  readonly #lamps: LampCoils;

  private constructor(wire: ModbusSimulator, input: CountingRegisters, lamps: LampCoils) {
    this.#wire = wire;
    this.#input = input;
    this.#lamps = lamps;
  }

  static async start(): Promise<SpineDevice> {
    const input = new CountingRegisters();
    const lamps = new LampCoils();
    for (let index = 0; index < alarmedPoints; index += 1) {
      input.set(levelsFrom + index, low);
      lamps.set(index, false);
    }
    const units = new Map([[unitId, simulatedUnit({ input, coils: lamps })]]);
    return new SpineDevice(await startModbusSimulator({ units }), input, lamps);
  }

  /** As it stands in `port:` of a channel. */
  get address(): string {
    return this.#wire.address;
  }

  /** How often the counting points were read. */
  get polls(): number {
    return Math.floor(this.#input.count / countedPoints);
  }

  get turns(): { readonly on: number; readonly off: number } {
    return this.#lamps.turns;
  }

  setHigh(index: number, isHigh: boolean): void {
    this.#input.set(levelsFrom + index, isHigh ? high : low);
  }

  /**
   * The next order to a lamp to be on is lost on the wire, without an answer.
   * @param lost called at the moment when it would have come.
   */
  loseOrder(index: number, lost: () => void): void {
    this.#lamps.before = (address, isOn) => {
      if (address !== index || !isOn) return;
      this.#lamps.before = () => undefined;
      lost();
      throw new Error("the order is lost");
    };
  }

  /** Ordered to light this lamp it does not, and hangs up on everybody for `downMs`. */
  fallOverAt(index: number, downMs: number): void {
    let up: NodeJS.Timeout | undefined;
    this.#lamps.before = (address, isOn) => {
      if (address !== index || !isOn) return;
      clearTimeout(up);
      this.#wire.faults.set(unitId, { kind: "close" });
      up = setTimeout(() => this.#wire.faults.delete(unitId), downMs).unref();
      throw new Error("the device has fallen over");
    };
  }

  /** Lamps that are lit. */
  get lit(): readonly number[] {
    return [...this.#lamps].flatMap(([index, isOn]) => (isOn ? [index] : []));
  }

  isLit(index: number): boolean {
    return this.#lamps.get(index) === true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#wire.stop();
  }
}

/** YAML of the device's channel and of one rule for each level. */
export function deviceYaml(address: string): string {
  const counted = Array.from(
    { length: countedPoints },
    (_, index) => `          n${index}: { table: input, address: ${index * 2}, type: uint32 }`,
  );
  const indexes = Array.from({ length: alarmedPoints }, (_, index) => index);
  const levels = indexes.map(
    (index) =>
      `          level${index}: { table: input, address: ${levelsFrom + index}, type: uint16 }`,
  );
  const lamps = indexes.map(
    (index) =>
      `          lamp${index}: { table: coil, address: ${index}, type: bool, access: write }`,
  );
  const rules = indexes.map(
    (index) =>
      `  high${index}: { point: rack/level${index}, above: 50, autoAcknowledge: true, outputs: [rack/lamp${index}] }`,
  );
  return `
channels:
  rack:
    driver: modbus
    port: ${address}
    timeout: 3s
    devices:
      rack:
        unitId: ${unitId}
        every: 60ms
        registersMax: 120
        points:
${[...counted, ...levels, ...lamps].join("\n")}
rules:
${rules.join("\n")}
`;
}
