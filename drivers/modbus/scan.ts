import type { DriverContext, Sample } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { type Finding, linePart, Progress, type ScanEvent, untilAborted } from "../scan.ts";
import { isAlive, reasonOf } from "./failure.ts";
import { scoreOf, type TemplateCandidate, trialOf } from "./fit-template.ts";
import type { Outcome, Request } from "./line.ts";
import { type OpenLine, openLine } from "./open-line.ts";
import { samplesOf } from "./samples.ts";
import { type Pass, passesOf, type ScanRange } from "./scan-plan.ts";

export interface ModbusScanOptions extends ScanRange {
  /** Device models that are tried on each unit that answers. */
  readonly templates?: readonly TemplateCandidate[];
  /** How long an answer may take to begin; 200 ms unless told. */
  readonly timeoutMs?: number;
  /** Looks on at other settings of the line after units were found at one. */
  readonly isThorough?: boolean;
}

/** Most devices begin to answer within 50 ms, slow ones within 200. */
const timeoutMsDefault = 200;

/** For a second look at what came late or damaged. */
const patientMs = 1_000;

/** Between a frame and the next: what a pass adds to the timeouts. */
const turnaroundMs = 30;

/** Damaged answers in a row after which the line is taken to talk by itself. */
const noisyUnitsMax = 4;

/** A server that breaks off so often in a row does not speak this form of Modbus. */
const lossesMax = 3;

/** Ids that nobody gives: who answers to all three answers to every one. */
const unlikelyIds = [201, 233, 246] as const;

/**
 * Unit by unit at setting by setting: reads one register with FC03, then one with FC04, of which any answer with a
 * right check is a device, a refusal as well. Reads only.
 * @throws RackwatchError as `connect` does, when the port cannot be opened.
 */
export function scanModbus(
  options: ModbusScanOptions,
  context: DriverContext,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  return untilAborted(passes(options, context, signal), signal);
}

async function* passes(
  options: ModbusScanOptions,
  context: DriverContext,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  const { timeoutMs = timeoutMsDefault, isThorough = false } = options;
  const all = passesOf(options);
  const units = all.reduce((sum, { unitIds }) => sum + unitIds.length, 0);
  const progress = new Progress(context.clock, units, probes.length * (timeoutMs + turnaroundMs));
  let found: string | undefined;
  for (const pass of all) {
    if (!isThorough && found !== undefined && pass.label !== found) continue;
    const scan = new PassScan(pass, options, { context, signal, progress });
    yield* scan.run();
    if (scan.found > 0) found ??= pass.label;
    if (scan.isOver && !isThorough) return;
  }
}

interface PassParts {
  readonly context: DriverContext;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** FC03 at 0 and FC04 at 1: of most register maps one of both addresses exists, and a refusal counts as well. */
const probes = [
  { table: "holding", address: 0 },
  { table: "input", address: 1 },
] as const;

interface Answer {
  readonly outcome: Outcome;
  readonly probe: (typeof probes)[number];
}

/** One setting of the line and its units. */
class PassScan {
  /** Units that answered. */
  found = 0;
  /** Nothing else needs to be looked for on this port. */
  isOver = false;
  readonly #pass: Pass;
  readonly #options: ModbusScanOptions;
  readonly #parts: PassParts;
  #open: OpenLine | undefined;
  #noisyInARow = 0;
  #losses = 0;

  constructor(pass: Pass, options: ModbusScanOptions, parts: PassParts) {
    this.#pass = pass;
    this.#options = options;
    this.#parts = parts;
  }

  async *run(): AsyncGenerator<ScanEvent, void, undefined> {
    const { signal, progress } = this.#parts;
    const stop = () => this.#open?.port.destroy();
    signal.addEventListener("abort", stop, { once: true });
    try {
      for (const unitId of this.#pass.unitIds) {
        if (signal.aborted) return;
        yield progress.at(`${this.#pass.label} unit ${unitId}`);
        const finding = await this.#look(unitId);
        progress.step();
        if (finding !== undefined) yield { is: "found", ...finding };
        if (this.isOver || this.#losses >= lossesMax) return;
        if (this.#noisyInARow < noisyUnitsMax) continue;
        yield { is: "found", ...this.#noisyLine() };
        return;
      }
    } finally {
      signal.removeEventListener("abort", stop);
      await this.#close();
    }
  }

  /** @throws RackwatchError when a serial port is lost; a server that breaks off is asked again. */
  async #look(unitId: number): Promise<Finding | undefined> {
    try {
      const finding = await this.#ask(unitId);
      this.#losses = 0;
      return finding;
    } catch (error) {
      const isLoss = error instanceof RackwatchError && error.code === "driver/connection-lost";
      if (!isLoss || !this.#pass.line.port.startsWith("tcp:")) throw error;
      this.#losses += 1;
      await this.#close();
      return undefined;
    }
  }

  async #ask(unitId: number): Promise<Finding | undefined> {
    const { timeoutMs = timeoutMsDefault } = this.#options;
    let damage: Answer | undefined;
    for (const probe of probes) {
      let answer = { outcome: await this.#read(probe, unitId, timeoutMs), probe };
      if (answer.outcome.is === "damage")
        answer = { outcome: await this.#read(probe, unitId, patientMs), probe };
      if (isAlive(answer.outcome)) return this.#unit(unitId, answer);
      if (answer.outcome.is === "damage") damage ??= answer;
    }
    this.#noisyInARow = damage === undefined ? 0 : this.#noisyInARow + 1;
    return damage?.outcome.is === "damage" && this.#noisyInARow === 1
      ? this.#noisyUnit(unitId, damage.outcome.reason)
      : undefined;
  }

  async #unit(unitId: number, answer: Answer): Promise<Finding> {
    this.found += 1;
    this.#noisyInARow = 0;
    const isEvery = this.found === 1 && (await this.#answersEvery(unitId));
    this.isOver = isEvery;
    const models = await this.#models(unitId);
    const { line, label } = this.#pass;
    const [best, ...others] = models;
    const device =
      best === undefined
        ? { unitId, points: registerPoint(answer) }
        : { template: best.id, unitId };
    const id = best === undefined ? `unit-${unitId}` : `${best.id}-${unitId}`;
    const evidence = [
      textOf(answer),
      isEvery ? "answers to every unit id, so it is one device" : undefined,
      best === undefined ? undefined : `as ${best.id}: ${best.values}`,
      others.length === 0 ? undefined : `also fits ${others.map((it) => it.id).join(", ")}`,
    ].filter((part) => part !== undefined);
    const settings = line.port.startsWith("tcp:")
      ? line.mode === "tcp"
        ? {}
        : { mode: line.mode }
      : // The speed stands there even when it is the usual one: it was proved.
        { baudRate: line.baudRate, ...linePart(line, { ...line, ...plainForm }) };
    return {
      title: `Modbus unit ${unitId} at ${label}`,
      evidence: evidence.join("; "),
      channel: { driver: "modbus", port: line.port, ...settings, devices: { [id]: device } },
    };
  }

  async #answersEvery(unitId: number): Promise<boolean> {
    if (!this.#pass.line.port.startsWith("tcp:") || this.#pass.line.mode !== "tcp") return false;
    for (const unlikely of unlikelyIds.filter((id) => id !== unitId)) {
      if (this.#parts.signal.aborted) return false;
      const outcome = await this.#read(probes[0], unlikely, timeoutMsDefault);
      if (!isAlive(outcome)) return false;
    }
    return true;
  }

  /** Models whose every point gives a value that may be true, best first. */
  async #models(unitId: number) {
    const { templates = [] } = this.#options;
    const fits: { readonly id: string; readonly score: number; readonly values: string }[] = [];
    for (const candidate of templates) {
      const trial = trialOf(candidate, this.#pass.line.port, unitId);
      if (trial === undefined) continue;
      const samples: Sample[] = [];
      let isAnswered = true;
      for (const request of trial.requests) {
        const outcome = await this.#exchange({ kind: "read", ...request }, patientMs);
        isAnswered = outcome.is === "answer";
        if (outcome.is !== "answer") break;
        samples.push(...samplesOf(request, outcome.bytes, this.#parts.context.clock.now()));
      }
      const score = isAnswered ? scoreOf(samples, trial) : undefined;
      if (score !== undefined) fits.push({ id: trial.id, score, values: valuesOf(samples) });
    }
    return fits.toSorted((a, b) => b.score - a.score);
  }

  async #read(probe: (typeof probes)[number], unitId: number, timeoutMs: number): Promise<Outcome> {
    return this.#exchange({ kind: "read", ...probe, unitId, count: 1 }, timeoutMs);
  }

  async #exchange(request: Request, timeoutMs: number): Promise<Outcome> {
    const { context, signal } = this.#parts;
    signal.throwIfAborted();
    this.#open ??= await openLine(this.#pass.line, context, signal);
    return this.#open.line.exchange(request, timeoutMs);
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    open?.port.destroy();
    await open?.connection.close();
  }

  #noisyUnit(unitId: number, reason: string): Finding {
    return {
      title: `Noise at Modbus unit ${unitId} at ${this.#pass.label}`,
      evidence: `answers come but are damaged (${reason}): two devices with this unit id, other line settings, or bad wiring`,
    };
  }

  #noisyLine(): Finding {
    return {
      title: `Noise at ${this.#pass.label}`,
      evidence: `${noisyUnitsMax} units in a row gave damaged bytes: something talks on this line by itself, or the line settings are others`,
    };
  }
}

const plainForm = { dataBits: 8, parity: "none", stopBits: 1 } as const;

function textOf({ outcome, probe }: Answer): string {
  const what = `${probe.table} register ${probe.address}`;
  if (outcome.is !== "answer") return `${what}: ${reasonOf(outcome)}`;
  return `${what} = ${wordOf(outcome.bytes)} after ${Math.round(outcome.tookMs)} ms`;
}

/** Something live to begin with, where no template fits. */
function registerPoint({ outcome, probe }: Answer) {
  if (outcome.is !== "answer") return {};
  const { table, address } = probe;
  return { [`${table}-${address}`]: { table, address, type: "uint16" } };
}

function wordOf(bytes: Uint8Array): number {
  return ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
}

/** Values that the evidence shows of one model. */
const valuesShownMax = 4;

function valuesOf(samples: readonly Sample[]): string {
  return samples
    .slice(0, valuesShownMax)
    .map((sample) => {
      const name = sample.point.slice(sample.point.indexOf("/") + 1);
      return `${name} ${sample.quality === "bad" ? sample.reason : sample.value}`;
    })
    .join(", ");
}
