import { panelSyncText } from "../../../../config/language/panel-sync.ts";
import type { SyncDetail } from "../../sync-api.ts";
import { At } from "../ago.tsx";
import { Tag } from "../components/tag.tsx";
import { durationText } from "../duration.ts";
import { usePanel } from "../panel.ts";
import { Fact } from "./way-card.tsx";

/** Clocks of two machines always differ a little: from here on somebody may want to know. */
const aheadMsMin = 2_000;

/** Corrections that are listed: of the others nobody wants to read. */
const listedMax = 5;

/** Whether times can be believed, and which ones were put right later. */
export function ClockCard({ detail: { clock, agent } }: { readonly detail: SyncDetail }) {
  const { preference, format, text } = usePanel();
  const words = panelSyncText[preference.language.value].clock;
  const good = clock.quality === "synchronized";
  const aheadMs = Math.abs(agent?.clockAheadMs ?? 0);
  return (
    <div class="card">
      <h3>{words.title}</h3>
      <p>
        <Tag tone={good ? "good" : "uncertain"} shape={good ? "check" : "question"}>
          {words[clock.quality]}
        </Tag>
      </p>
      <p class={good ? "figure-todo" : "notice-todo"}>
        {good ? words.good : clock.quality === "unset" ? words.unsetTodo : words.unsynchronizedTodo}
      </p>
      {aheadMs >= aheadMsMin && (
        <dl class="facts">
          <Fact name={words.ahead}>{durationText(aheadMs, text.value.sync.duration)}</Fact>
        </dl>
      )}
      {clock.corrections.length > 0 && (
        <>
          <p class="row-title">{words.corrected}</p>
          <ul class="sync-list">
            {clock.corrections.slice(0, listedMax).map(({ bootAt, rows, open }) => (
              <li key={bootAt}>
                {words.bootAt} <At at={bootAt} />: {words.correction(format.value.integer(rows))}
                {open && ` (${words.going})`}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
