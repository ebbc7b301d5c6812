/** PUBLISH. [MQTT-3.3] */
const publishType = 3;

/** Bytes of a fixed header: type and flags, then a length of at most four. [MQTT-2.2.3] */
const headerBytesMax = 5;

/** Behind the topic stands the packet id, which every message above QoS 0 has. [MQTT-3.3.2] */
const idBytes = 2;

/** A message that was longer than the limit. */
export interface Oversized {
  readonly topic: string;
  readonly bytes: number;
  /** To be acknowledged in the client's place, or the broker stops sending; undefined at QoS 0. */
  readonly packetId: number | undefined;
}

export type FilterStep =
  | { readonly is: "pass"; readonly bytes: Uint8Array }
  | { readonly is: "oversized"; readonly message: Oversized }
  /** This is no MQTT, or a packet that no broker sends so long: there is no going on behind it. */
  | { readonly is: "broken"; readonly reason: string };

/**
 * Takes messages that are longer than the limit out of an MQTT stream, in whatever pieces it comes: a client library
 * collects a packet of any announced length (256 MB at most) in memory. Keeps at most a header and a topic.
 */
export class PacketFilter {
  readonly #packetBytesMax: number;
  #header: number[] = [];
  #passLeft = 0;
  #skipLeft = 0;
  /** Beginning of a packet that is skipped, until topic and packet id are known. */
  #prefix: number[] | undefined;
  #skippedBytes = 0;
  #skippedQos = 0;

  constructor(packetBytesMax: number) {
    this.#packetBytesMax = packetBytesMax;
  }

  push(chunk: Uint8Array): readonly FilterStep[] {
    const steps: FilterStep[] = [];
    let at = 0;
    /** Where the run of bytes that pass as they came begins. */
    let from = 0;
    const flush = (to: number) => {
      if (to > from) steps.push({ is: "pass", bytes: chunk.subarray(from, to) });
    };
    while (at < chunk.length) {
      if (this.#passLeft > 0) {
        const passed = Math.min(this.#passLeft, chunk.length - at);
        this.#passLeft -= passed;
        at += passed;
        continue;
      }
      if (this.#skipLeft > 0) {
        const skipped = Math.min(this.#skipLeft, chunk.length - at);
        const message = this.#skip(chunk.subarray(at, at + skipped));
        if (message !== undefined) steps.push({ is: "oversized", message });
        at += skipped;
        from = at;
        continue;
      }
      const headerAt = at - this.#header.length;
      const read = this.#readHeader(chunk[at] ?? 0);
      at += 1;
      if (read === "more") continue;
      if (read === "broken") return [...steps, { is: "broken", reason: "malformed length" }];
      const { header, length } = read;
      const type = (header[0] ?? 0) >> 4;
      if (length <= this.#packetBytesMax) {
        // A header that began in an earlier chunk was held back there.
        if (headerAt < 0) {
          steps.push({ is: "pass", bytes: Uint8Array.from(header) });
          from = at;
        }
        this.#passLeft = length;
        continue;
      }
      if (type !== publishType)
        return [...steps, { is: "broken", reason: `packet type ${type} of ${length} bytes` }];
      flush(Math.max(0, headerAt));
      from = at;
      this.#skipLeft = length;
      this.#skippedBytes = length;
      this.#skippedQos = ((header[0] ?? 0) >> 1) & 3;
      this.#prefix = [];
    }
    flush(chunk.length - this.#header.length);
    return steps;
  }

  #readHeader(byte: number): "more" | "broken" | { header: readonly number[]; length: number } {
    this.#header.push(byte);
    const header = this.#header;
    if (header.length === 1) return "more";
    if ((byte & 0x80) !== 0) return header.length < headerBytesMax ? "more" : "broken";
    this.#header = [];
    const length = header.slice(1).reduce((sum, it, place) => sum + (it & 0x7f) * 128 ** place, 0);
    return { header, length };
  }

  /** Goes over bytes of the packet; once, when topic and packet id are known, says what was skipped. */
  #skip(bytes: Uint8Array): Oversized | undefined {
    this.#skipLeft -= bytes.length;
    const prefix = this.#prefix;
    if (prefix === undefined) return undefined;
    const wanted = () => 2 + topicBytes(prefix) + (this.#skippedQos > 0 ? idBytes : 0);
    for (const byte of bytes) {
      if (prefix.length >= 2 && prefix.length >= wanted()) break;
      prefix.push(byte);
    }
    if (this.#skipLeft > 0 && (prefix.length < 2 || prefix.length < wanted())) return undefined;
    this.#prefix = undefined;
    const end = 2 + topicBytes(prefix);
    const topic = Buffer.from(prefix.slice(2, end)).toString("utf8");
    const packetId =
      this.#skippedQos > 0 ? (prefix[end] ?? 0) * 256 + (prefix[end + 1] ?? 0) : undefined;
    return { topic, bytes: this.#skippedBytes, packetId };
  }
}

function topicBytes(prefix: readonly number[]): number {
  return (prefix[0] ?? 0) * 256 + (prefix[1] ?? 0);
}
