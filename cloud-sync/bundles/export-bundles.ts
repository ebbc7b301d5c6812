import { statfs } from "node:fs/promises";
import { setImmediate as breath } from "node:timers/promises";
import type { BundleText } from "../../config/language/bundles.ts";
import type { Clock } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Lane } from "../../gateway/store/store.ts";
import type { Agreement } from "../greeting.ts";
import type { SealKeys } from "../identity/seal.ts";
import {
  batchBytesMax,
  batchCompressedBytesMax,
  batchRowsMax,
  type Hello,
  schemaVersion,
} from "../protocol.ts";
import { Snapshots } from "../snapshots.ts";
import { type BundleHead, bundleBytesMax } from "./bundle-format.ts";
import { BundleWriter } from "./bundle-writer.ts";
import type { CarriedFile } from "./carried-files.ts";
import { type LettersOf, type Places, packed, rowLetters } from "./letters.ts";

/** Left free on the medium: a file system without room for its own tables loses files. */
const freeBytesMin = 2 * 1_048_576;

/** Less room than this takes no bundle: a hello, one full letter and a snapshot fit. */
const roomBytesMin = 1_048_576;

/** Bundles of one run: a gigabyte. What is left goes with the next one. */
const bundlesOfRunMax = 32;

export interface ExportOptions extends Omit<LettersOf, "from"> {
  readonly folder: string;
  readonly hello: Hello;
  readonly from: Places;
  /** Of the bundle before, when this one goes on from it. */
  readonly after?: string | undefined;
  readonly number: number;
  /** As in the head. */
  readonly inbox?: number | undefined;
  readonly keys: SealKeys;
  readonly clock: Clock;
  readonly text: BundleText;
  /** Files for central that go with the last one, as far as there is room. */
  readonly files?: Iterable<CarriedFile>;
  /** Ends one bundle; a test shortens it. */
  readonly bytesMax?: number;
}

export interface ExportedBundle {
  readonly name: string;
  readonly head: BundleHead;
  /** Names of the files that it holds. */
  readonly files: readonly string[];
}

/**
 * Writes what is there after `from` into bundles, the last with what is true now. One at least.
 * @throws RackwatchError `sync/bundle`: there is no room for the first, or the folder cannot be written.
 */
export async function exportBundles(options: ExportOptions): Promise<readonly ExportedBundle[]> {
  const { folder, text } = options;
  const written: ExportedBundle[] = [];
  const letters = rowLetters(options);
  let next = letters.next();
  let { from, number, after } = options;
  try {
    do {
      const room = await roomIn(folder);
      if (room < roomBytesMin) {
        if (written.length > 0) break;
        throw failure(text.noRoom(folder), folder);
      }
      const bytesMax = Math.min(options.bytesMax ?? bundleBytesMax, room);
      await using writer = await BundleWriter.begin(folder, options.gateway);
      await writer.add({ kind: "hello", body: packed(options.hello) });
      const to: Record<Lane, number> = { ...from };
      // Room for the snapshot, which goes with the last.
      while (
        !next.done &&
        writer.bytes + next.value.body.length < bytesMax - batchCompressedBytesMax
      ) {
        await writer.add(next.value);
        to[next.value.lane] = next.value.through;
        next = letters.next();
        await breath();
      }
      const files: string[] = [];
      if (next.done === true) {
        for (const file of options.files ?? []) {
          const bytes = file.letters.reduce((sum, { body }) => sum + body.length, 0);
          if (writer.bytes + bytes >= bytesMax - batchCompressedBytesMax) continue;
          for (const letter of file.letters) await writer.add(letter);
          files.push(file.name);
        }
        const snapshot = snapshotOf(options);
        if (snapshot !== undefined) await writer.add({ kind: "snapshot", body: snapshot });
      }
      // The database became another one meanwhile: what was read last is not of the epoch that the head names.
      if (options.outbox.epoch !== options.epoch) break;
      const { gateway, epoch, clock } = options;
      const about = { gateway, epoch, number, from, to: { ...to }, madeAt: clock.now() };
      const told = options.inbox === undefined ? {} : { inbox: options.inbox };
      const more = { ...told, ...(after && { after }) };
      const bundle = await writer.finish({ ...about, ...more }, options.keys);
      written.push({ ...bundle, files });
      after = bundle.name;
      from = to;
      number += 1;
    } while (next.done !== true && written.length < bundlesOfRunMax);
    return written;
  } catch (error) {
    if (error instanceof RackwatchError) throw error;
    if (!(error instanceof Error && "code" in error)) throw error;
    const full = error.code === "ENOSPC" || error.code === "EDQUOT";
    if (full && written.length > 0) return written;
    throw failure(full ? text.noRoom(folder) : text.folder(folder), folder, error);
  }
}

async function roomIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize - freeBytesMin;
}

function snapshotOf({ outbox, gateway, epoch, clock }: ExportOptions): Uint8Array | undefined {
  const snapshots = new Snapshots();
  snapshots.begin(clock.monotonicMs());
  const agreement: Agreement = {
    ...{ epoch, version: schemaVersion, marks: { events: 0, samples: 0 }, rowsMax: batchRowsMax },
    ...{ bytesMax: batchBytesMax, compressedBytesMax: batchCompressedBytesMax },
    ...{ generation: "", serverTime: 0 },
  };
  const composed = snapshots.compose(outbox.snapshot(0), gateway, agreement, clock.now());
  return composed?.body;
}

function failure(
  { message, todo }: { readonly message: string; readonly todo: string },
  where: string,
  cause?: unknown,
): RackwatchError {
  return new RackwatchError("sync/bundle", message, { where, todo, cause });
}
