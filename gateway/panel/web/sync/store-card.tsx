import { type PanelSyncText, panelSyncText } from "../../../../config/language/panel-sync.ts";
import type { SyncDetail } from "../../sync-api.ts";
import { Ago, At } from "../ago.tsx";
import { Tag } from "../components/tag.tsx";
import { durationText } from "../duration.ts";
import { usePanel } from "../panel.ts";
import { Fact } from "./way-card.tsx";

const megabyte = 1_048_576;
const dayMs = 86_400_000;

/** From here on the store makes room before rows have their age. */
const pressureShare = 0.9;

/** How full it is, whether it is on the disk at all, and what it had to give up. */
export function StoreCard({ detail: { store } }: { readonly detail: SyncDetail }) {
  const { preference, format, text } = usePanel();
  const words = panelSyncText[preference.language.value].store;
  const count = format.value.integer;
  const megabytes = (bytes: number) => format.value.number(Math.ceil(bytes / megabyte));
  return (
    <div class="card">
      <h3>{words.title}</h3>
      <p>
        <Tag tone={store.onDisk ? "good" : "critical"} shape={store.onDisk ? "check" : "octagon"}>
          {store.onDisk ? words.onDisk : words.inMemory}
        </Tag>
      </p>
      {!store.onDisk && <p class="notice-todo">{words.inMemoryTodo}</p>}
      <p class="sync-used">{words.used(megabytes(store.bytes), megabytes(store.bytesMax))}</p>
      <meter
        aria-label={words.usedLabel}
        max={store.bytesMax}
        high={store.bytesMax * pressureShare}
        optimum={0}
        value={store.bytes}
      />
      <dl class="facts">
        {store.freeBytes !== undefined && (
          <Fact name={words.free}>{megabytes(store.freeBytes)} MB</Fact>
        )}
        {store.daysOfRoom !== undefined && (
          <Fact name={words.room}>
            {durationText(store.daysOfRoom * dayMs, text.value.sync.duration)}
          </Fact>
        )}
        <Fact name={words.rows}>{count((store.rows.events ?? 0) + (store.rows.samples ?? 0))}</Fact>
        <Checked store={store} />
      </dl>
      <Losses store={store} />
    </div>
  );
}

function Checked({ store: { checked } }: { readonly store: SyncDetail["store"] }) {
  const { preference, format } = usePanel();
  const words = panelSyncText[preference.language.value].store;
  return (
    <Fact name={words.checked}>
      {checked === undefined ? (
        <span class="row-detail">{words.neverChecked}</span>
      ) : (
        <>
          <Ago at={checked.at} />{" "}
          <Tag tone={checked.ok ? "good" : "bad"} shape={checked.ok ? "check" : "cross"}>
            {checked.ok ? words.sound : words.damaged(format.value.integer(checked.found))}
          </Tag>
        </>
      )}
    </Fact>
  );
}

function Losses({ store: { losses } }: { readonly store: SyncDetail["store"] }) {
  const { preference, format } = usePanel();
  const words = panelSyncText[preference.language.value].store;
  if (losses.length === 0) return <p class="figure-todo">{words.lostNone}</p>;
  return (
    <>
      <p class="row-title">{words.lost}</p>
      <ul class="sync-list">
        {losses.map(({ reason, rows, lastAt }) => (
          <li key={reason}>
            <strong>{format.value.integer(rows)}</strong> {reasonText(reason, words)} ·{" "}
            <At at={lastAt} />
          </li>
        ))}
      </ul>
      <p class="figure-todo">{words.lostTodo}</p>
    </>
  );
}

function reasonText(reason: string, words: PanelSyncText["store"]): string {
  const found = Object.entries(words.reasons).find(([name]) => name === reason)?.[1];
  return found ?? `${words.otherReason} (${reason})`;
}
