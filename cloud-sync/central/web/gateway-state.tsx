import { Tag } from "../../../gateway/panel/web/components/tag.tsx";
import { durationText } from "../../../gateway/panel/web/duration.ts";
import type { GatewayRow } from "../api.ts";
import { useCentral } from "./central.ts";
import { freshnessOf } from "./freshness.ts";

/** How a gateway is: whether it speaks, how much is still to come, what is on record against its data. */
export function GatewayState({ row }: { readonly row: GatewayRow }) {
  return (
    <>
      <FreshnessTag row={row} />
      <CatchUp row={row} />
      <Records row={row} />
    </>
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
