import type { EpochMs } from "../drivers/contract.ts";
import type { Lane } from "../gateway/store/store.ts";
import type { AgentOptions } from "./agent-options.ts";
import {
  ancestorsMax,
  type Batch,
  batchBytesMax,
  batchCompressedBytesMax,
  batchRowsLimit,
  batchRowsMax,
  type Hello,
  schemaVersions,
} from "./protocol.ts";
import { UplinkError } from "./uplinks/uplink.ts";

/** What agent and central agreed on, until the next hello. */
export interface Agreement {
  readonly epoch: string;
  readonly version: Batch["schemaVersion"];
  readonly marks: Readonly<Record<Lane, number>>;
  readonly rowsMax: number;
  readonly bytesMax: number;
  readonly compressedBytesMax: number;
  /** How fast old samples may come; absent: as fast as both can. */
  readonly backlogRowsPerSecond?: number;
  /** Of central's database: another one may stand elsewhere. */
  readonly generation: string;
  /** Milliseconds since 1970 by central's clock. */
  readonly serverTime: EpochMs;
}

/**
 * Says hello; a central of version 1, which knows no hello, is asked for its marks instead.
 * @throws UplinkError also when the answer is about another epoch.
 */
export async function greet(
  parts: AgentOptions,
  epoch: string,
  signal: AbortSignal,
): Promise<Agreement> {
  const { uplink } = parts;
  try {
    const { schemaVersion, limits, backlog, ...rest } = await uplink.hello(
      helloOf(parts, epoch),
      signal,
    );
    const version = schemaVersions.find((it) => it === schemaVersion);
    if (version === undefined || rest.epoch !== epoch) throw stray(parts);
    return {
      ...rest,
      version,
      rowsMax: Math.min(limits.rowsMax, batchRowsLimit),
      bytesMax: Math.min(limits.bytesMax, batchBytesMax),
      compressedBytesMax: Math.min(limits.compressedBytesMax, batchCompressedBytesMax),
      ...(backlog === undefined ? {} : { backlogRowsPerSecond: backlog.rowsPerSecond }),
    };
  } catch (error) {
    if (!(error instanceof UplinkError) || error.status !== 404) throw error;
  }
  const marks = await uplink.marks(epoch, signal);
  if (marks.epoch !== epoch) throw stray(parts);
  return {
    ...marks,
    version: 1,
    rowsMax: batchRowsMax,
    bytesMax: batchBytesMax,
    compressedBytesMax: batchCompressedBytesMax,
  };
}

/** What this gateway says of itself and of what it has. */
export function helloOf(
  {
    gatewayId,
    outbox,
    progress,
    clock,
  }: Pick<AgentOptions, "gatewayId" | "outbox" | "progress" | "clock">,
  epoch: string,
): Hello {
  const span = (lane: Lane) => ({
    first: outbox.first(lane),
    last: outbox.head(lane),
    cursor: progress.cursor(lane, epoch) ?? 0,
  });
  const machine = outbox.machine();
  const aliveAt = outbox.aliveAt();
  return {
    schemaVersions: [...schemaVersions],
    gateway: gatewayId,
    epoch,
    ancestors: outbox
      .ancestors()
      .slice(0, ancestorsMax)
      .map((it) => ({ ...it })),
    ...(machine === undefined ? {} : { machine }),
    lanes: { events: span("events"), samples: span("samples") },
    sentAt: clock.now(),
    ...(aliveAt === undefined ? {} : { aliveAt }),
  };
}

/** The reply is one to another request. */
export function stray({ text }: Pick<AgentOptions, "text">, where = "central"): UplinkError {
  const { message, todo } = text.strayReply;
  return new UplinkError("sync/not-central", message, { where, todo });
}
