import { agoText } from "../../../gateway/panel/web/age.ts";
import { Section } from "../../../gateway/panel/web/components/section.tsx";
import { Tag } from "../../../gateway/panel/web/components/tag.tsx";
import { durationText } from "../../../gateway/panel/web/duration.ts";
import type { GatewayRow } from "../api.ts";
import { useCentral } from "./central.ts";
import { byNeed, freshnessOf, nameOf } from "./freshness.ts";

export function Gateways() {
  const { gateways, now, text } = useCentral();
  const words = text.value.gateways;
  const rows = [...(gateways.value ?? [])].sort((a, b) => byNeed(a, b, now.value));
  if (rows.length === 0) {
    return (
      <Section id="gateways" title={words.title}>
        <div class="empty">
          <p>{words.none}</p>
          <p>{words.noneTodo}</p>
        </div>
      </Section>
    );
  }
  return (
    <Section id="gateways" title={words.title}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{words.name}</th>
            <th scope="col">{words.freshness}</th>
            <th scope="col">{words.lastContact}</th>
            <th scope="col">{words.lastSample}</th>
            <th scope="col">{words.alarms}</th>
            <th scope="col">{words.points}</th>
            <th scope="col">{words.marks}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <GatewayLine key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function GatewayLine({ row }: { readonly row: GatewayRow }) {
  const { text, shared, format, now, selected } = useCentral();
  const words = text.value.gateways;
  const ago = (at: number | undefined) =>
    at === undefined ? words.never : agoText(now.value - at, shared.value.age);
  const count = format.value.integer;
  return (
    <tr class={row.id === selected.value ? "selected" : ""}>
      <td data-label={words.name}>
        <a class="gateway-link" href={`#gateway/${encodeURIComponent(row.id)}`}>
          <span class="row-title">{nameOf(row)}</span>{" "}
          {row.name !== undefined && <span class="row-detail">{row.id}</span>}
        </a>
      </td>
      <td data-label={words.freshness}>
        <FreshnessTag row={row} />
        <CatchUp row={row} />
      </td>
      <td data-label={words.lastContact}>{ago(row.lastContactAt)}</td>
      <td data-label={words.lastSample}>{ago(row.lastSampleAt)}</td>
      <td data-label={words.alarms}>
        {row.activeAlarms > 0 ? (
          <Tag tone="critical" shape="octagon">
            {count(row.activeAlarms)}
          </Tag>
        ) : (
          count(0)
        )}
      </td>
      <td data-label={words.points}>{count(row.points)}</td>
      <td data-label={words.marks} class="row-detail">
        <span>
          {words.events(count(row.marks.events))} · {words.samples(count(row.marks.samples))}
        </span>
        <Records row={row} />
      </td>
    </tr>
  );
}

/** How much central has not yet, and how long until it has. */
function CatchUp({ row: { backlog } }: { readonly row: GatewayRow }) {
  const { text, format } = useCentral();
  if (backlog === undefined) return null;
  const words = text.value.gateways;
  const rows = format.value.integer(backlog.rows);
  return (
    <span class="row-detail">
      {" "}
      {backlog.remainingMs === undefined
        ? words.behind(rows)
        : words.catchingUp(rows, durationText(backlog.remainingMs, text.value.duration))}
    </span>
  );
}

/** What is on record of rows that are not at central as they should be: nothing, mostly. */
function Records({ row: { records } }: { readonly row: GatewayRow }) {
  const { text, format } = useCentral();
  const words = text.value.gateways;
  const count = format.value.integer;
  const told = [
    records.gaps > 0 && words.gaps(count(records.gaps)),
    records.rejects > 0 && words.rejects(count(records.rejects)),
  ].filter((it) => it !== false);
  if (told.length === 0 && records.conflicts === 0) return null;
  return (
    <span class="row-detail">
      {" "}
      {told.join(" · ")}{" "}
      {records.conflicts > 0 && (
        <Tag tone="bad" shape="cross">
          {words.conflicts(count(records.conflicts))}
        </Tag>
      )}
    </span>
  );
}

function FreshnessTag({ row }: { readonly row: GatewayRow }) {
  const { text, format, now } = useCentral();
  const words = text.value.gateways;
  switch (freshnessOf(row, now.value)) {
    case "live":
      return (
        <Tag tone="good" shape="check">
          {words.live}
        </Tag>
      );
    case "quiet":
      return (
        <Tag tone="uncertain" shape="question">
          {words.quiet}
        </Tag>
      );
    case "silent":
      return (
        <Tag tone="bad" shape="cross">
          {words.silent(format.value.time(row.since ?? row.lastContactAt ?? 0, now.value))}
        </Tag>
      );
    case "stopped":
      return (
        <Tag tone="bad" shape="octagon">
          {words.stopped(format.value.time(row.since ?? 0, now.value))}
        </Tag>
      );
    case "new":
      return (
        <Tag tone="neutral" shape="dash">
          {words.new}
        </Tag>
      );
  }
}
