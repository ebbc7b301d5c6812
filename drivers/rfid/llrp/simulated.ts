import type { Duplex } from "node:stream";
import { tagCrc } from "../../epc/pc.ts";
import { fromHex } from "../../hex.ts";
import type { SimulatedDevice } from "../../simulation/listen.ts";
import { joined, long, message, microseconds, octets, parameter, text, word } from "./encode.ts";
import { createMessageFramer } from "./frame.ts";
import { type Message, readMessage } from "./message.ts";
import { find, readParameters, u16, u32 } from "./parameter.ts";

/** A tag near the simulated reader. */
export interface LlrpTag {
  /** Upper-case hex, whole words. */
  readonly epc: string;
  readonly antenna: number;
  readonly rssiDbm: number;
}

export interface LlrpReaderOptions {
  /** By antenna number; whether one is connected. */
  readonly antennas?: ReadonlyMap<number, boolean>;
  /** What is read in one round. */
  readonly field: () => readonly LlrpTag[];
  readonly roundMs?: number;
  /** In steps of a quarter dBm from 10 to this. */
  readonly powerDbmMax?: number;
  readonly now?: () => number;
  /** As readers without C1G2 memory selectors do: refuses a ROSpec that asks for the tags' own CRC. */
  readonly refusesTagCrc?: boolean;
}

type RoSpecState = "disabled" | "inactive" | "active";

interface Client {
  readonly wire: Duplex;
  keepalive: NodeJS.Timeout | undefined;
  round: NodeJS.Timeout | undefined;
}

/** Messages that are remembered; older ones are forgotten so that a demo can run for weeks. */
const receivedMax = 10_000;

/** A reader that keeps to the rules of LLRP 1.0.1: one client, a life cycle of ROSpecs, reports and signs of life. */
export class SimulatedLlrpReader implements SimulatedDevice {
  readonly #options: LlrpReaderOptions;
  readonly #antennas: Map<number, boolean>;
  readonly #specs = new Map<number, RoSpecState>();
  #client: Client | undefined;
  #nextId = 1;
  #received: string[] = [];
  #withTagCrc = false;
  #usedAntennas: readonly number[] = [];
  #powerIndex: number | undefined;

  constructor(options: LlrpReaderOptions) {
    this.#options = options;
    this.#antennas = new Map(options.antennas ?? [[1, true]]);
  }

  /** Names of the messages that clients have sent, in order. */
  get received(): readonly string[] {
    return this.#received;
  }

  /** Entry of the power table that the client has chosen last. */
  get powerIndex(): number | undefined {
    return this.#powerIndex;
  }

  get hasClient(): boolean {
    return this.#client !== undefined;
  }

  attach(wire: Duplex): Disposable {
    wire.on("error", () => undefined);
    if (this.#client !== undefined) {
      wire.end(this.#notification(parameter(256, word(2))));
      return { [Symbol.dispose]: () => undefined };
    }
    const client: Client = { wire, keepalive: undefined, round: undefined };
    this.#client = client;
    const framer = createMessageFramer();
    wire.on("data", (chunk: Uint8Array) => {
      for (const piece of framer.push(chunk)) {
        const heard = piece.ok ? readMessage(piece.bytes) : undefined;
        if (typeof heard === "object") this.#hear(client, heard);
      }
    });
    wire.write(this.#notification(parameter(256, word(0))));
    return { [Symbol.dispose]: () => this.#forget(client) };
  }

  /** Plugs an antenna in or out. */
  setAntenna(antenna: number, isConnected: boolean): void {
    this.#antennas.set(antenna, isConnected);
    const event = parameter(255, octets(isConnected ? 1 : 0), word(antenna));
    this.#client?.wire.write(this.#notification(event));
  }

  /** The inventory ends, as by a fault or another spec. */
  endInventory(): void {
    for (const [id, state] of this.#specs) {
      if (state !== "active") continue;
      this.#specs.set(id, "inactive");
      this.#client?.wire.write(this.#notification(parameter(249, octets(1), long(id), long(0))));
    }
  }

  raiseException(words: string): void {
    this.#client?.wire.write(this.#notification(parameter(252, text(words))));
  }

  #forget(client: Client): void {
    clearInterval(client.keepalive);
    clearInterval(client.round);
    if (this.#client === client) this.#client = undefined;
  }

  #hear(client: Client, heard: Message): void {
    this.#received = [...this.#received.slice(-receivedMax + 1), heard.name];
    if (heard.name === "KEEPALIVE_ACK") return;
    const content = this.#reply(client, heard);
    const isKnown = content !== undefined;
    client.wire.write(
      isKnown
        ? message(`${heard.name}_RESPONSE`, heard.id, ...content)
        : message("ERROR_MESSAGE", heard.id, status(109)),
    );
    if (heard.name === "CLOSE_CONNECTION") client.wire.end();
  }

  /** Undefined: the reader does not know the command. */
  #reply(client: Client, heard: Message): readonly Uint8Array[] | undefined {
    switch (heard.name) {
      case "SET_READER_CONFIG":
        this.#setKeepalive(client, heard);
        return [status(0)];
      case "GET_READER_CONFIG":
        return [status(0), this.#antennaProperties()];
      case "GET_READER_CAPABILITIES":
        return [status(0), this.#regulatory()];
      case "ADD_ROSPEC":
        return [status(this.#addSpec(heard))];
      case "DELETE_ROSPEC":
      case "ENABLE_ROSPEC":
      case "START_ROSPEC":
      case "STOP_ROSPEC":
        return [status(this.#changeSpec(client, heard))];
      case "CLOSE_CONNECTION":
        return [status(0)];
      default:
        return undefined;
    }
  }

  #setKeepalive(client: Client, { parameters }: Message): void {
    const spec = find(parameters, 220)?.bytes;
    if (spec === undefined) return;
    clearInterval(client.keepalive);
    const periodMs = u32(spec, 1);
    if (spec[0] !== 1 || periodMs === 0) return;
    client.keepalive = setInterval(
      () => client.wire.write(message("KEEPALIVE", this.#id())),
      periodMs,
    );
  }

  /** LLRP 1.0.1, 11.2.1: a spec is added disabled. */
  #addSpec({ parameters }: Message): number {
    const spec = find(parameters, 177)?.bytes;
    if (spec === undefined || spec.length < 6) return 103;
    const id = u32(spec);
    if (id === 0 || this.#specs.has(id) || spec[5] !== 0) return 101;
    const parts = readParameters(spec.subarray(6));
    const report = "fault" in parts ? undefined : find(parts, 237)?.bytes;
    const inventory = "fault" in parts ? undefined : find(parts, 183)?.bytes;
    if (report === undefined || inventory === undefined) return 103;
    // Selector and trigger come before the memory selector: 3 + 4 + 2 bytes.
    this.#withTagCrc = report.length > 9;
    if (this.#withTagCrc && this.#options.refusesTagCrc === true) return 209;
    const ids = Array.from({ length: u16(inventory) }, (_, at) => u16(inventory, 2 + 2 * at));
    const isKnown = ids.every((antenna) => antenna === 0 || this.#antennas.has(antenna));
    if (!isKnown) return 300;
    this.#usedAntennas = ids.includes(0) ? [...this.#antennas.keys()] : ids;
    this.#powerIndex = powerIndexIn(inventory.subarray(2 + 2 * ids.length));
    this.#specs.set(id, "disabled");
    return 0;
  }

  #changeSpec(client: Client, { name, fields }: Message): number {
    const id = u32(fields);
    const ids = id === 0 ? [...this.#specs.keys()] : [id];
    for (const each of ids) {
      const state = this.#specs.get(each);
      if (state === undefined) return 300;
      if (name === "START_ROSPEC" && state !== "inactive") return 300;
      if (name === "ENABLE_ROSPEC" && state !== "disabled") return 300;
      if (name === "DELETE_ROSPEC") this.#specs.delete(each);
      else this.#specs.set(each, name === "START_ROSPEC" ? "active" : "inactive");
    }
    clearInterval(client.round);
    if ([...this.#specs.values()].includes("active"))
      client.round = setInterval(() => this.#report(client), this.#options.roundMs ?? 100);
    return 0;
  }

  #report(client: Client): void {
    if (![...this.#specs.values()].includes("active")) return;
    const seen = this.#options.field().filter(({ antenna }) => this.#reads(antenna));
    if (seen.length === 0) return;
    const tags = seen.map((tag) => this.#tagReport(tag));
    client.wire.write(message("RO_ACCESS_REPORT", this.#id(), ...tags));
  }

  #reads(antenna: number): boolean {
    return this.#usedAntennas.includes(antenna) && this.#antennas.get(antenna) === true;
  }

  #tagReport({ epc, antenna, rssiDbm }: LlrpTag): Uint8Array {
    const bytes = fromHex(epc);
    const pc = word((bytes.length / 2) << 11);
    const now = microseconds(this.#now());
    const short = bytes.length === 12;
    return parameter(
      240,
      short ? parameter(13, bytes) : parameter(241, word(8 * bytes.length), bytes),
      parameter(1, word(antenna)),
      parameter(6, octets(rssiDbm & 0xff)),
      parameter(2, now),
      parameter(4, now),
      parameter(8, word(1)),
      ...(this.#withTagCrc
        ? [parameter(12, pc), parameter(11, word(tagCrc(joined([pc, bytes]))))]
        : []),
    );
  }

  #antennaProperties(): Uint8Array {
    return joined(
      [...this.#antennas].map(([antenna, isConnected]) =>
        parameter(221, octets(isConnected ? 0x80 : 0), word(antenna), word(0)),
      ),
    );
  }

  #regulatory(): Uint8Array {
    const steps = ((this.#options.powerDbmMax ?? 30) - 10) * 4 + 1;
    const powers = Array.from({ length: steps }, (_, at) =>
      parameter(145, word(at + 1), word(1_000 + 25 * at)),
    );
    const frequency = parameter(146, octets(0), parameter(148, word(1), long(920_625)));
    return parameter(143, word(156), word(0), parameter(144, ...powers, frequency));
  }

  #notification(event: Uint8Array): Uint8Array {
    const data = parameter(246, parameter(128, microseconds(this.#now())), event);
    return message("READER_EVENT_NOTIFICATION", this.#id(), data);
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  #id(): number {
    this.#nextId += 1;
    return this.#nextId;
  }
}

function status(code: number): Uint8Array {
  return parameter(287, word(code), text(code === 0 ? "" : `refused with ${code}`));
}

function powerIndexIn(parts: Uint8Array): number | undefined {
  const parameters = readParameters(parts);
  const inventory = "fault" in parameters ? undefined : find(parameters, 186)?.bytes.subarray(3);
  const configurations = inventory === undefined ? [] : readParameters(inventory);
  const first =
    "fault" in configurations ? undefined : find(configurations, 222)?.bytes.subarray(2);
  const inner = first === undefined ? [] : readParameters(first);
  const transmitter = "fault" in inner ? undefined : find(inner, 224)?.bytes;
  return transmitter === undefined ? undefined : u16(transmitter, 4);
}
