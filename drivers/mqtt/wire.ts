import { readFile } from "node:fs/promises";
import { connect as connectSocket, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { Tap } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { type Oversized, PacketFilter } from "./packet-filter.ts";

export interface WireOptions {
  readonly address: Exclude<BrokerAddress, { kind: "local" }>;
  /** As it stands in YAML, for messages. */
  readonly where: string;
  readonly caFile: string | undefined;
  /** PEM: what is shown to a broker that asks for a certificate. */
  readonly shown?: { readonly cert: string; readonly key: string };
  readonly timeoutMs: number;
  readonly packetBytesMax: number;
  readonly tap: Tap | undefined;
  readonly oversized: (message: Oversized) => void;
}

/** Bytes that may wait for a broker that does not read; commands are some hundred bytes. Beyond: the wire is given up. */
const backlogBytesMax = 1_048_576;

/** PUBACK. [MQTT-3.4] */
const puback = 0x40;

/** A connection to a broker from which messages beyond the limit were taken out. */
export class MqttWire extends Duplex {
  readonly #socket: Socket;
  readonly #options: WireOptions;
  readonly #filter: PacketFilter;

  constructor(socket: Socket, options: WireOptions) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#options = options;
    this.#filter = new PacketFilter(options.packetBytesMax);
    socket.on("data", (bytes) => this.#take(bytes));
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
    // What ends the wire is told by its close; an error that nobody hears would end the process.
    this.on("error", () => undefined);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#options.tap?.("out", chunk);
    if (this.writableLength > backlogBytesMax) this.destroy(new Error("the broker does not read"));
    else this.#socket.write(chunk, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#socket.end(callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#socket.destroy();
    callback(error);
  }

  #take(bytes: Buffer): void {
    this.#options.tap?.("in", bytes);
    for (const step of this.#filter.push(bytes)) {
      if (step.is === "broken") {
        this.destroy(new Error(`the broker sent no MQTT: ${step.reason}`));
        return;
      }
      if (step.is === "pass") {
        if (!this.push(step.bytes)) this.#socket.pause();
        continue;
      }
      const { packetId } = step.message;
      // Through this stream's own queue, so that it falls between two packets and not into one.
      if (packetId !== undefined)
        this.write(Buffer.from([puback, 2, packetId >> 8, packetId & 0xff]));
      this.#options.oversized(step.message);
    }
  }
}

/** @throws RackwatchError `driver/connect-failed`; the signal's reason when aborted. */
export async function openWire(options: WireOptions, signal: AbortSignal): Promise<MqttWire> {
  signal.throwIfAborted();
  const { address, timeoutMs, shown } = options;
  const ca = await readCa(options);
  const { host, port } = address;
  const socket =
    address.kind === "tls"
      ? connectTls({
          ...{ host, port },
          ...(ca === undefined ? {} : { ca }),
          ...(shown === undefined ? {} : { cert: shown.cert, key: shown.key }),
        })
      : connectSocket({ host, port, noDelay: true });
  socket.on("error", () => undefined);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    await new Promise<void>((resolve, reject) => {
      limit.addEventListener("abort", () => reject(limit.reason), { once: true });
      socket.once(address.kind === "tls" ? "secureConnect" : "connect", resolve);
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("closed by the broker")));
    });
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw connectError(options, error);
  }
  return new MqttWire(socket, options);
}

async function readCa({ caFile, where }: WireOptions): Promise<Buffer | undefined> {
  if (caFile === undefined) return undefined;
  return readFile(caFile).catch((cause: unknown) => {
    throw new RackwatchError("driver/connect-failed", `${caFile} cannot be read`, {
      where,
      todo: "Correct caFile in the configuration, and who may read the file",
      cause,
    });
  });
}

function connectError({ where, timeoutMs, address }: WireOptions, cause: unknown): RackwatchError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const [message, todo] = advice(code, timeoutMs, address.kind);
  return new RackwatchError("driver/connect-failed", message, { where, todo, cause });
}

const certificateCode = /CERT|SELF_SIGNED|UNABLE_TO|ISSUER|ALTNAME/;

function advice(code: string, timeoutMs: number, kind: "tcp" | "tls"): readonly [string, string] {
  if (code === "ECONNREFUSED")
    return ["No broker listens there", "Check the port number, and that the broker runs"];
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return ["The broker's host name is unknown", "Correct the name, or use the IP address"];
  if (kind === "tls" && certificateCode.test(code))
    return [
      `The broker's certificate is not trusted (${code})`,
      "Give caFile the authority that signed it, and check the host name and both clocks",
    ];
  if (kind === "tls" && code.startsWith("ERR_SSL") && code.includes("ALERT"))
    return [
      `The broker does not take the certificate that it is shown, or wants one (${code})`,
      "Look into the broker's log: it says what it expects of its clients",
    ];
  if (kind === "tls" && code.startsWith("ERR_SSL"))
    return ["The broker does not speak TLS on this port", "Check the port number: 8883 is usual"];
  return [
    `The broker did not take the connection within ${timeoutMs} ms`,
    "Check its power, network cable and address",
  ];
}
