import { panelManageText } from "../../../../config/language/panel-manage.ts";
import type { AuditView } from "../../response-api.ts";
import { localeOf } from "../format.ts";
import { usePanel } from "../panel.ts";

/** What says most about an entry, the first of these that it has. */
const telling = ["message", "user", "output", "target", "point", "alarm", "what", "item"] as const;
const said = ["reason", "comment"] as const;

/** Characters of a hash that tell two entries apart at a glance; the file has all of it. */
const hashShownChars = 12;

export function AuditList({ entries }: { readonly entries: readonly AuditView[] }) {
  return (
    <ol class="row-list audit-list">
      {entries.map((entry) => (
        <Entry entry={entry} key={entry.seq} />
      ))}
    </ol>
  );
}

function Entry({ entry }: { readonly entry: AuditView }) {
  const { preference, snapshot } = usePanel();
  const language = preference.language.value;
  const words = panelManageText[language].audit;
  const { seq, ts, actor, action, data, hash } = entry;
  const time = new Intl.DateTimeFormat(localeOf(language), {
    dateStyle: "medium",
    timeStyle: "medium",
    timeZone: snapshot.value?.gateway.timezone,
  });
  const about = telling.map((key) => data[key]).find((value) => typeof value === "string");
  const why = said.flatMap((key) => (typeof data[key] === "string" ? [data[key]] : []));
  return (
    <li class="audit-entry">
      <details>
        <summary>
          <span class="audit-head">
            <span class="audit-seq">{seq}</span>{" "}
            <time dateTime={ts}>{time.format(Date.parse(ts))}</time> <strong>{actor}</strong>{" "}
            <code>{action}</code>
          </span>
          {(about !== undefined || why.length > 0) && (
            <span class="audit-about">{[about, ...why].filter(Boolean).join(" · ")}</span>
          )}
        </summary>
        <dl class="facts">
          {Object.entries(data).map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
          <div>
            <dt>{words.hash}</dt>
            <dd>
              <code title={hash}>{hash.slice(0, hashShownChars)}…</code>
            </dd>
          </div>
        </dl>
      </details>
    </li>
  );
}
