import { Section } from "../../../gateway/panel/web/components/section.tsx";
import { Tag } from "../../../gateway/panel/web/components/tag.tsx";
import type { GapRecord } from "../records.ts";
import { useCentral } from "./central.ts";
import { Conflicts, Epochs, Rejects } from "./record-lists.tsx";
import { RecordTable } from "./record-table.tsx";

/** What an auditor asks of one gateway: what is missing here, from when to when, and why. */
export function Missing() {
  const { record, gateway, text, format } = useCentral();
  const words = text.value.record;
  const known = record.value;
  const row = gateway.value;
  if (known === undefined) return null;
  const count = format.value.integer;
  const { gaps, rejects, conflicts, epochs } = known;
  const isWhole = gaps.length + rejects.length === 0;
  return (
    <Section id="missing" title={words.title}>
      <p class="hint">{words.about}</p>
      {isWhole && (
        <p class="empty">
          <Tag tone="good" shape="check">
            {words.whole(count(row?.marks.events ?? 0), count(row?.marks.samples ?? 0))}
          </Tag>
        </p>
      )}
      {gaps.length > 0 && <Gaps gaps={gaps} />}
      {rejects.length > 0 && <Rejects rejects={rejects} />}
      {conflicts.length > 0 && <Conflicts conflicts={conflicts} />}
      {epochs.length > 1 && <Epochs epochs={epochs} />}
      <p class="hint">
        {words.newest} <code>GET /v1/gateways/{row?.id}/gaps, rejects, conflicts, epochs</code>
      </p>
    </Section>
  );
}

function Gaps({ gaps }: { readonly gaps: readonly GapRecord[] }) {
  const { text, format, now } = useCentral();
  const words = text.value.record;
  const time = (at: number) => format.value.time(at, now.value);
  const count = format.value.integer;
  return (
    <RecordTable
      title={words.gaps}
      heads={[words.missing, words.period, words.why, words.numbers, words.noted]}
    >
      {gaps.map((gap) => (
        <tr key={`${gap.epoch} ${gap.lane} ${gap.firstSeq}`}>
          <td data-label={words.missing} class="row-title">
            {gap.lane === "events"
              ? text.value.gateways.events(count(gap.missing))
              : text.value.gateways.samples(count(gap.missing))}
          </td>
          <td data-label={words.period}>
            {gap.from === undefined || gap.to === undefined
              ? words.unknownPeriod
              : words.fromTo(time(gap.from), time(gap.to))}
          </td>
          <td data-label={words.why}>{reasonText(gap.reason, words)}</td>
          <td data-label={words.numbers} class="row-detail">
            <span>
              {count(gap.firstSeq)}
              {gap.lastSeq > gap.firstSeq && `–${count(gap.lastSeq)}`}{" "}
              <code>{gap.epoch.slice(0, 8)}</code>
            </span>
          </td>
          <td data-label={words.noted}>{time(gap.at)}</td>
        </tr>
      ))}
    </RecordTable>
  );
}

function reasonText(
  reason: string,
  { reasons }: ReturnType<typeof useCentral>["text"]["value"]["record"],
): string {
  return Object.entries(reasons).find(([name]) => name === reason)?.[1] ?? reason;
}
