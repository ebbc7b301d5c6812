import { panelSyncText } from "../../../../config/language/panel-sync.ts";
import type { SyncDetail } from "../../sync-api.ts";
import { Ago } from "../ago.tsx";
import { usePanel } from "../panel.ts";
import { Fact } from "./way-card.tsx";

/** Each way by which rows leave, where there are several: what it still has to bring, and what stands in its way. */
export function RoadsCard({ detail: { roads } }: { readonly detail: SyncDetail }) {
  const { preference, format } = usePanel();
  const words = panelSyncText[preference.language.value];
  return (
    <div class="card">
      <h3>{words.roads.title}</h3>
      <dl class="facts">
        {roads.map(({ name, via, counted, backlog, lastContactAt, problem }) => {
          const rows = backlog.events + backlog.samples;
          return (
            <Fact key={name} name={`${name} (${via})`}>
              {rows === 0 ? words.roads.all : words.roads.waiting(format.value.integer(rows))}
              {" · "}
              {lastContactAt === undefined ? words.way.never : <Ago at={lastContactAt} />}
              {!counted && <span class="row-detail"> · {words.roads.extra}</span>}
              {problem !== undefined && <p class="figure-todo">{problem.message}</p>}
            </Fact>
          );
        })}
      </dl>
    </div>
  );
}
