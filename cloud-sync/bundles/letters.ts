import type { AuditHead } from "../../gateway/audit/entry.ts";
import { type AgentOutbox, type Lane, lanes } from "../../gateway/store/store.ts";
import { compress, nextPortion, type Portion, pack } from "../portion.ts";
import {
  batchBytesMax,
  batchCompressedBytesMax,
  batchRowsMax,
  type Gap,
  type GapDeclaration,
  schemaVersion,
} from "../protocol.ts";
import type { BundledLetter } from "./bundle-format.ts";

/** How far both lanes are. */
export type Places = Readonly<Record<Lane, number>>;

/** Rows among which central found some that it does not take. */
export interface Suspect {
  readonly lane: Lane;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export interface LettersOf {
  readonly outbox: AgentOutbox;
  readonly gateway: string;
  readonly epoch: string;
  /** Rows after these go. */
  readonly from: Places;
  /** They go one by one, so that central takes the others. */
  readonly suspects: readonly Suspect[];
}

/** One letter, and up to which row of its lane it brings central. */
export interface RowLetter extends BundledLetter {
  readonly lane: Lane;
  readonly through: number;
}

/** All rows that there are now, events first, each letter as an agent on a line would send it. */
export function* rowLetters(of: LettersOf): Generator<RowLetter> {
  const heads = { events: of.outbox.head("events"), samples: of.outbox.head("samples") };
  for (const lane of lanes) {
    let cursor = of.from[lane];
    while (cursor < heads[lane]) {
      const letter = nextLetter(of, lane, cursor);
      if (letter === undefined) break;
      yield letter;
      cursor = letter.through;
    }
  }
}

function nextLetter(of: LettersOf, lane: Lane, cursor: number): RowLetter | undefined {
  const { outbox, gateway, epoch } = of;
  const audit: AuditHead | undefined = lane === "events" ? outbox.auditHead() : undefined;
  let rowsMax = roomBefore(of.suspects, lane, cursor);
  for (;;) {
    const portion = nextPortion(outbox, { gateway, epoch, lane, cursor, rowsMax, audit });
    if (portion === undefined) return undefined;
    if (portion.kind === "gap") return gapLetter(of, lane, portion.gap);
    const letter = batchLetter(lane, portion);
    if (letter !== undefined) return letter;
    const firstSeq = cursor + 1;
    if (rowsMax === 1) {
      return gapLetter(of, lane, { firstSeq, lastSeq: firstSeq, reason: "too-large" });
    }
    rowsMax = rowsMax >> 1;
  }
}

/** Rows until those that go one by one. */
function roomBefore(suspects: readonly Suspect[], lane: Lane, cursor: number): number {
  const ahead = suspects.filter((it) => it.lane === lane && it.lastSeq > cursor);
  if (ahead.some(({ firstSeq }) => firstSeq <= cursor + 1)) return 1;
  return Math.min(batchRowsMax, ...ahead.map(({ firstSeq }) => firstSeq - 1 - cursor));
}

function batchLetter(
  lane: Lane,
  { batch }: Extract<Portion, { kind: "batch" }>,
): RowLetter | undefined {
  const body = pack(batch, batchBytesMax);
  if (body === undefined || body.length > batchCompressedBytesMax) return undefined;
  return { kind: "batches", body, lane, through: batch.lastSeq };
}

function gapLetter({ gateway, epoch }: LettersOf, lane: Lane, gap: Gap): RowLetter {
  const { firstSeq, lastSeq, reason } = gap;
  const said: GapDeclaration = {
    ...{ schemaVersion, gateway, epoch, lane },
    gaps: [{ firstSeq, lastSeq, reason }],
  };
  return { kind: "gaps", body: packed(said), lane, through: lastSeq };
}

export function packed(said: object): Uint8Array {
  return compress(Buffer.from(JSON.stringify(said)));
}
