import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../drivers/contract.ts";
import { bundleBytesMax, outgoingFolder } from "../../gateway/down/logs.ts";
import { type FilePiece, type Uplink, UplinkError } from "../uplinks/uplink.ts";
import type { InboxBook } from "./inbox-book.ts";

/** Bytes of one piece: what a slow link carries within the deadline of a request. */
export const pieceBytesMax = 131_072;

const suffix = ".tar.gz";

/**
 * Takes files that the gateway wrote because of a command to central, in pieces that go on where central is. The gateway owns the
 * folder and keeps the newest few; the agent remembers which of them central has.
 */
export class Outgoing {
  readonly #folder: string;
  readonly #book: InboxBook;
  readonly #log: Log;

  constructor(options: { readonly dataDir: string; readonly book: InboxBook; readonly log: Log }) {
    this.#folder = join(options.dataDir, outgoingFolder);
    this.#book = options.book;
    this.#log = options.log;
  }

  /** @throws UplinkError when the road fails; RackwatchError `store/io`. */
  async step(uplink: Uplink, signal: AbortSignal): Promise<void> {
    if (uplink.sendPiece === undefined) return;
    const names = outgoingNames(this.#folder);
    if (names.length === 0) return;
    const sent = this.#book.sent();
    for (const name of sent.keys()) if (!names.includes(name)) this.#book.forgetSent(name);
    for (const name of names) {
      if (!sent.has(name)) await this.#send(uplink, name, signal);
    }
  }

  async #send(uplink: Uplink, name: string, signal: AbortSignal): Promise<void> {
    const bytes = readOutgoing(this.#folder, name);
    if (bytes === undefined) return;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const id = commandOf(name);
    try {
      await sendWhole(uplink, { id, size: bytes.length, sha256 }, bytes, signal);
      this.#log.info("file sent to central", { file: name, bytes: bytes.length });
    } catch (error) {
      if (!(error instanceof UplinkError) || error.refusal !== "not-found") throw error;
      this.#log.warn("central did not ask for this file", { file: name });
    }
    this.#book.saveSent(name, sha256);
  }
}

/** Files that the gateway wrote for central. */
export function outgoingNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(suffix));
  } catch {
    // The gateway makes it with its first file.
    return [];
  }
}

/** Undefined: it is gone, empty, or longer than central takes. */
export function readOutgoing(folder: string, name: string): Buffer | undefined {
  const file = join(folder, name);
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || size > bundleBytesMax) return undefined;
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Id of the command that asked for a file. */
export function commandOf(name: string): string {
  return name.slice(0, -suffix.length);
}

export function outgoingName(command: string): string {
  return `${command}${suffix}`;
}

async function sendWhole(
  uplink: Uplink,
  file: Pick<FilePiece, "id" | "size" | "sha256">,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<void> {
  // Central may begin anew when what it has does not give the whole; not for ever.
  const requestsMax = 3 * Math.ceil(bytes.length / pieceBytesMax) + 3;
  let offset = 0;
  for (let requests = 0; offset < bytes.length && requests < requestsMax; requests += 1) {
    const piece = bytes.subarray(offset, offset + pieceBytesMax);
    try {
      const said = await uplink.sendPiece?.({ ...file, offset, bytes: piece }, signal);
      offset = said?.received ?? bytes.length;
    } catch (error) {
      if (!(error instanceof UplinkError) || error.mark === undefined) throw error;
      offset = error.mark;
    }
  }
}
