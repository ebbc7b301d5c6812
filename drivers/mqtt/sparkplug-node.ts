import type { Reading } from "./decode.ts";
import type { PlannedNode, PlannedPoint } from "./plan.ts";
import { type Metric, readingOf, type SparkplugPayload } from "./sparkplug-payload.ts";

/** Metrics of one edge node whose names are remembered. Those beyond are not read. */
export const metricsKnownMax = 20_000;

export interface SparkplugEffect {
  readonly readings: readonly (readonly [PlannedPoint, Reading])[];
  /** The node should be asked to introduce itself again. */
  readonly needsBirth: boolean;
}

interface Known {
  readonly device: string;
  readonly name: string;
  readonly datatype: number | undefined;
}

const nothing: SparkplugEffect = { readings: [], needsBirth: false };

/**
 * What is known of one edge node, from its birth to its death. Values count only after a birth; after a gap in `seq`
 * they are uncertain until the next one; historical ones are not live and are left out. [Sparkplug B 3.0.0, 6]
 */
export class SparkplugNode {
  readonly planned: PlannedNode;
  readonly #byAlias = new Map<string, Known>();
  readonly #byName = new Map<string, Known>();
  #isBorn = false;
  #isInStep = false;
  #nextSeq: number | undefined;
  #birthOfDeath: string | undefined;

  constructor(planned: PlannedNode) {
    this.planned = planned;
  }

  /** `type` is the third level of the topic, `device` the fifth (`""` for the node itself). */
  receive(type: string, device: string, payload: SparkplugPayload | undefined): SparkplugEffect {
    if (!/^[ND](?:BIRTH|DATA|DEATH)$/.test(type)) return nothing;
    if (payload === undefined) return this.#allBad("not Sparkplug", device);
    switch (type) {
      case "NDEATH":
        return this.#die(payload);
      case "DDEATH":
        return { ...this.#allBad("offline", device), needsBirth: !this.#step(payload) };
      case "NBIRTH":
        return this.#bear(payload);
      case "DBIRTH":
        return this.#bearDevice(device, payload);
      default:
        return this.#data(device, payload);
    }
  }

  /** Messages were lost: nobody knows what the next ones build on. */
  loseStep(): void {
    this.#isInStep = false;
  }

  #bear(payload: SparkplugPayload): SparkplugEffect {
    this.#byAlias.clear();
    this.#byName.clear();
    this.#isBorn = true;
    this.#isInStep = true;
    this.#nextSeq = following(payload.seq);
    this.#birthOfDeath = bdSeqOf(payload);
    this.#learn("", payload);
    return { readings: this.#read("", payload), needsBirth: false };
  }

  #bearDevice(device: string, payload: SparkplugPayload): SparkplugEffect {
    const isInStep = this.#step(payload);
    this.#learn(device, payload);
    return { readings: this.#read(device, payload), needsBirth: !isInStep };
  }

  #data(device: string, payload: SparkplugPayload): SparkplugEffect {
    const isInStep = this.#step(payload);
    if (!this.#isBorn) return { readings: [], needsBirth: true };
    const isKnown = payload.metrics.every((metric) => this.#known(device, metric) !== undefined);
    return { readings: this.#read(device, payload), needsBirth: !isInStep || !isKnown };
  }

  /** The will of a connection before the present one comes late: its birth and death number tells. */
  #die(payload: SparkplugPayload): SparkplugEffect {
    const bdSeq = bdSeqOf(payload);
    const isOld = bdSeq !== undefined && this.#isBorn && bdSeq !== this.#birthOfDeath;
    if (isOld && this.#birthOfDeath !== undefined) return nothing;
    this.#isBorn = false;
    this.#isInStep = false;
    this.#nextSeq = undefined;
    return this.#allBad("offline");
  }

  #step({ seq }: SparkplugPayload): boolean {
    if (seq === undefined) return this.#isInStep;
    if (seq !== this.#nextSeq) this.#isInStep = false;
    this.#nextSeq = following(seq);
    return this.#isInStep;
  }

  #learn(device: string, { metrics }: SparkplugPayload): void {
    for (const { name, alias, datatype } of metrics) {
      if (name === undefined || this.#byName.size >= metricsKnownMax) continue;
      const known = { device, name, datatype };
      this.#byName.set(`${device}\u0000${name}`, known);
      if (alias !== undefined) this.#byAlias.set(alias, known);
    }
  }

  #known(device: string, { name, alias }: Metric): Known | undefined {
    if (name !== undefined) return this.#byName.get(`${device}\u0000${name}`);
    const known = alias === undefined ? undefined : this.#byAlias.get(alias);
    return known?.device === device ? known : undefined;
  }

  #read(device: string, { metrics }: SparkplugPayload): SparkplugEffect["readings"] {
    const points = this.planned.points.get(device);
    if (points === undefined) return [];
    return metrics.flatMap((metric) => {
      if (metric.isHistorical === true) return [];
      const known = this.#known(device, metric);
      const reading = readingOf(metric, metric.datatype ?? known?.datatype);
      return (points.get(known?.name ?? "") ?? []).map(
        (point) => [point, this.#doubted(fitted(reading, point))] as const,
      );
    });
  }

  #doubted(reading: Reading): Reading {
    if (this.#isInStep || reading.quality !== "good") return reading;
    return { ...reading, quality: "uncertain", reason: "sequence gap" };
  }

  #allBad(reason: string, only?: string): SparkplugEffect {
    const devices = [...this.planned.points].filter(([id]) => only === undefined || id === only);
    const points = devices.flatMap(([, metrics]) => [...metrics.values()].flat());
    const bad: Reading = { quality: "bad", reason };
    return { readings: points.map((point) => [point, bad] as const), needsBirth: false };
  }
}

/** As the point's kind wants it: scaled where it is a number. */
function fitted(reading: Reading, { kind, scale = 1, offset = 0 }: PlannedPoint): Reading {
  if (reading.quality === "bad") return reading;
  const { value } = reading;
  if (kind === "text") return { ...reading, value: String(value) };
  if (typeof value !== kind) return { quality: "bad", reason: "another datatype" };
  if (typeof value !== "number" || (scale === 1 && offset === 0)) return reading;
  return { ...reading, value: Number((value * scale + offset).toPrecision(12)) };
}

/** `seq` runs from 0 to 255 and starts again. [tck-id-payloads-sequence-num-incrementing] */
function following(seq: number | undefined): number | undefined {
  return seq === undefined ? undefined : (seq + 1) % 256;
}

function bdSeqOf({ metrics }: SparkplugPayload): string | undefined {
  const value = metrics.find(({ name }) => name === "bdSeq")?.value;
  return value === undefined ? undefined : String(value);
}
