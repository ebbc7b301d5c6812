import type { ConflictRecord, EpochRecord, RejectRecord } from "../records.ts";
import { useCentral } from "./central.ts";
import { RecordTable } from "./record-table.tsx";

/** Rows that came and could not be kept as rows: with what was in them. */
export function Rejects({ rejects }: { readonly rejects: readonly RejectRecord[] }) {
  const { text, format, now } = useCentral();
  const words = text.value.record;
  return (
    <RecordTable title={words.rejects} heads={[words.row, words.why, words.content, words.noted]}>
      {rejects.map((row) => (
        <tr key={`${row.epoch} ${row.lane} ${row.seq}`}>
          <td data-label={words.row}>
            {`${words.lanes(row.lane)} ${format.value.integer(row.seq)}`}
          </td>
          <td data-label={words.why}>{row.reason}</td>
          <td data-label={words.content}>
            <code class="record-content">{row.content}</code>
          </td>
          <td data-label={words.noted}>{format.value.time(row.at, now.value)}</td>
        </tr>
      ))}
    </RecordTable>
  );
}

/** Two where one must be: a copied card, a second machine, another content. */
export function Conflicts({ conflicts }: { readonly conflicts: readonly ConflictRecord[] }) {
  const { text, format, now } = useCentral();
  const words = text.value.record;
  return (
    <RecordTable
      title={words.conflicts}
      heads={[words.what, words.times, words.from, words.lastSeen]}
    >
      {conflicts.map((one) => (
        <tr key={`${one.epoch} ${one.lane} ${one.seq}`}>
          <td data-label={words.what}>{words.conflictOf(one.lane)}</td>
          <td data-label={words.times}>{format.value.integer(one.times)}</td>
          <td data-label={words.from} class="row-detail">
            {[one.origin, one.machine?.slice(0, 12)].filter((it) => it !== undefined).join(" · ")}
          </td>
          <td data-label={words.lastSeen}>{format.value.time(one.at, now.value)}</td>
        </tr>
      ))}
    </RecordTable>
  );
}

/** The databases that it had: each began somewhere, and is over or goes on. */
export function Epochs({ epochs }: { readonly epochs: readonly EpochRecord[] }) {
  const { text, format, now } = useCentral();
  const words = text.value.record;
  const count = format.value.integer;
  return (
    <RecordTable title={words.epochs} heads={[words.epoch, words.began, words.ended, words.kept]}>
      {epochs.map(({ epoch, at, fencedAt, goesOnFrom, marks }) => (
        <tr key={epoch}>
          <td data-label={words.epoch}>
            <span>
              <code>{epoch.slice(0, 8)}</code>{" "}
              {goesOnFrom !== undefined && (
                <span class="row-detail">{words.goesOn(goesOnFrom.epoch.slice(0, 8))}</span>
              )}
            </span>
          </td>
          <td data-label={words.began}>{format.value.time(at, now.value)}</td>
          <td data-label={words.ended}>
            {fencedAt === undefined ? words.goesOnNow : format.value.time(fencedAt, now.value)}
          </td>
          <td data-label={words.kept} class="row-detail">
            {text.value.gateways.events(count(marks.events))} ·{" "}
            {text.value.gateways.samples(count(marks.samples))}
          </td>
        </tr>
      ))}
    </RecordTable>
  );
}
